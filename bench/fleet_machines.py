"""Machines that serve models, by events: what waits, what runs, what is in memory. No threads, no clock but its own."""
import bisect
import collections
import dataclasses
import hashlib
import heapq
import itertools
import math
import random

PLACES = 64  # of each machine on the ring


@dataclasses.dataclass(frozen=True)
class Model:
    core_seconds: float
    cold_seconds: float
    megabytes: float


@dataclasses.dataclass(frozen=True)
class Plan:
    machines: int
    cores: int
    megabytes: float  # for models, on each
    max_waiting: int = 512  # requests on one machine; one more is refused (--max-waiting)


@dataclasses.dataclass
class Result:
    seconds: list = dataclasses.field(default_factory=list)  # from arrival to answer
    cold: int = 0  # loads that were begun
    refused: int = 0
    requests: int = 0
    busy: float = 0.0  # core seconds
    span: float = 0.0
    copies: float = 0.0  # machines that have a model, of those that are in memory anywhere
    most_copies: int = 0


class RoundRobin:
    def __init__(self, plan, _loads, _seed):
        self._turns = itertools.cycle(range(plan.machines))

    def place(self, _model):
        return next(self._turns)


class TwoChoices:
    """The less busy of two machines, by chance."""

    def __init__(self, plan, loads, seed):
        self._draw, self._machines, self._loads = random.Random(seed).randrange, plan.machines, loads

    def place(self, _model):
        one, other = self._draw(self._machines), self._draw(self._machines)
        return one if self._loads[one] <= self._loads[other] else other


class Affinity:
    """Consistent hashing with bounded load, as HAProxy does it: the first machine on the ring from the model's place on
    that has less than `factor` times its share of what is in flight."""

    def __init__(self, plan, loads, _seed, factor=2.0):
        self._loads, self._factor, self._machines = loads, factor, plan.machines
        ring = sorted((digest(f"machine {machine} {place}"), machine) for machine in range(plan.machines)
                      for place in range(PLACES))
        self._places, self._owners = [place for place, _ in ring], [machine for _, machine in ring]
        self._starts = {}
        self.in_flight = 0

    def start(self, model):
        if model not in self._starts:
            self._starts[model] = bisect.bisect_left(self._places, digest(f"model {model}")) % len(self._places)
        return self._starts[model]

    def first(self, model):
        return self._owners[self.start(model)]

    def place(self, model):
        most = math.ceil(self._factor * (self.in_flight + 1) / self._machines)
        owners, loads = self._owners, self._loads
        for step in range(self.start(model), self.start(model) + len(owners)):
            machine = owners[step - len(owners) if step >= len(owners) else step]
            if loads[machine] < most:
                return machine
        raise AssertionError("all machines have more than the mean")


POLICIES = {"affinity": Affinity, "round robin": RoundRobin, "two choices": TwoChoices}


def digest(text):
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


class Fleet:
    """Requests are given in the order of their times; what they cost is in result()."""

    def __init__(self, plan, models, policy, seed=1):
        self.plan, self.models = plan, models
        self.loads = [0] * plan.machines  # requests on a machine, waiting and running
        self.balancer = POLICIES[policy](plan, self.loads, seed)
        self._counts_flight = isinstance(self.balancer, Affinity)
        self._free = [plan.cores] * plan.machines
        self._queues = [collections.deque() for _ in range(plan.machines)]
        self._live = [collections.OrderedDict() for _ in range(plan.machines)]  # the least recently used first
        self._used = [0.0] * plan.machines  # megabytes
        self._loading = [{} for _ in range(plan.machines)]  # model -> times of those that wait for it
        self._events, self._number = [], itertools.count()
        self.now = self._since = 0.0
        self.result = Result()

    def fill(self, machine, models):
        """Puts models into a machine's memory, the last as the one used last, as far as there is room."""
        for model in models:
            self._bring_in(machine, model)

    def arrive(self, time, model):
        self.run_until(time)
        self.now = time
        self.result.requests += 1
        machine = self.balancer.place(model)
        if self.loads[machine] >= self.plan.max_waiting + self.plan.cores:
            self.result.refused += 1
            return
        self.loads[machine] += 1
        if self._counts_flight:
            self.balancer.in_flight += 1
        if model in self._live[machine]:
            self._live[machine].move_to_end(model)
            self._begin(machine, model, time)
        elif model in self._loading[machine]:
            self._loading[machine][model].append(time)
        else:
            self._loading[machine][model] = [time]
            self.result.cold += 1
            self._begin(machine, model, None)

    def run_until(self, time):
        events = self._events
        while events and events[0][0] <= time:
            self.now, _, machine, model, arrived = heapq.heappop(events)
            self._end(machine, model, arrived)

    def finish(self):
        """Lets all that is in flight be answered."""
        self.run_until(math.inf)

    def forget(self):
        """Counts from here on: what was before warmed up."""
        self.result, self._since = Result(), self.now

    def totals(self):
        self.result.span = self.now - self._since
        places = collections.Counter(itertools.chain.from_iterable(self._live))
        if places:
            self.result.copies = sum(places.values()) / len(places)
            self.result.most_copies = max(places.values())
        return self.result

    def _begin(self, machine, model, arrived):
        """A picture of a request that came at `arrived`; None: the load of the model."""
        if self._free[machine] == 0:
            self._queues[machine].append((model, arrived))
            return
        self._free[machine] -= 1
        cost = self.models[model]
        seconds = cost.cold_seconds if arrived is None else cost.core_seconds
        self.result.busy += seconds
        heapq.heappush(self._events, (self.now + seconds, next(self._number), machine, model, arrived))

    def _end(self, machine, model, arrived):
        self._free[machine] += 1
        if arrived is None:
            self._bring_in(machine, model)
            for waiting in self._loading[machine].pop(model):
                self._begin(machine, model, waiting)
        else:
            self.loads[machine] -= 1
            if self._counts_flight:
                self.balancer.in_flight -= 1
            self.result.seconds.append(self.now - arrived)
        if self._queues[machine] and self._free[machine] > 0:
            self._begin(machine, *self._queues[machine].popleft())

    def _bring_in(self, machine, model):
        live = self._live[machine]
        if model in live:
            live.move_to_end(model)
            return
        live[model] = None
        self._used[machine] += self.models[model].megabytes
        while self._used[machine] > self.plan.megabytes and len(live) > 1:
            gone, _ = live.popitem(last=False)
            self._used[machine] -= self.models[gone].megabytes
