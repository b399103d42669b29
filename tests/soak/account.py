"""Who sent what, and what became of it. Every request that is begun ends in exactly one of these."""
import collections
import contextlib
import dataclasses
import re
import time

# What may become of a request, and why that is right.
ENDS = {
    "answered": "2xx, and equal to the golden answer where there is one",
    "refused": "4xx, where a 4xx is what the request deserves (hostile input, too slow a sender, a model that is not there)",
    "turned away": "503 with Retry-After, while the harness sent more than the queue holds",
    "fault told": "5xx of a model that could not be fetched, while the registry was made to fail",
    "left": "the client left on purpose, in the middle of its request or before the answer",
    "too slow a reader": "the client did not take its answer within --write-seconds, and was cut off",
    "cut by the stop": "the connection was closed without a byte of an answer, at a planned stop, to a request that had not arrived "
                       "or was pipelined behind one whose answer said that the connection closes",
}
ARRIVAL_SECONDS = 1.0  # what was sent this long before the stop signal had arrived, and has to be answered


@dataclasses.dataclass
class Life:
    """What clients saw of one life of the server, as /metrics tells it: answers of handlers by class of status."""
    answers: collections.Counter = dataclasses.field(default_factory=collections.Counter)
    unseen: int = 0  # whole requests whose answer nobody read: the server may have counted them
    listening: bool = False  # it was seen to be healthy
    stop_signal: float | None = None  # when it was told to stop


class Account:
    def __init__(self):
        self.begun = collections.Counter()  # by source
        self.ended = collections.Counter()  # by (source, end)
        self.problems = []
        self.lives = [Life()]
        self.compared = 0
        self.inexact = 0
        self.largest_difference = 0.0
        self._overload_ends = 0.0

    @property
    def life(self):
        return len(self.lives) - 1

    def next_life(self):
        self.lives.append(Life())

    def stopping(self):
        """Notes that the present life is being told to stop."""
        self.lives[-1].stop_signal = time.monotonic()

    def counted(self, answer, life=None):
        """Notes an answer as the server's own counters do."""
        if answer.by_handler:
            self.lives[self.life if life is None else life].answers[f"{answer.status // 100}xx"] += 1

    def unseen(self, life, count=1):
        """Notes requests that the server may answer, and whose answers nobody reads."""
        self.lives[life].unseen += count

    def allow_overload(self, seconds):
        """503 is right from now on, for that long; what was said before is taken back."""
        self._overload_ends = time.monotonic() + seconds

    def overload_allowed(self, begun):
        return begun <= self._overload_ends

    def problem(self, source, text):
        self.problems.append(f"{source}: {text}")

    @contextlib.contextmanager
    def request(self, source, life, what=""):
        """`with account.request(...) as ticket`: one request (`what`: its name, for problems); a ticket that nobody ended is a request that was lost."""
        ticket = Ticket(self, source, life, what)
        self.begun[source] += 1
        try:
            yield ticket
        finally:
            if ticket.end is None:
                ticket.wrong("its end is not known")

    def total(self, end=None):
        return sum(count for (_, one), count in self.ended.items() if end in (None, one))

    def is_balanced(self):
        return not self.problems and not self.total("wrong") and sum(self.begun.values()) == self.total()


class Ticket:
    def __init__(self, account, source, life, what):
        self.account, self.source, self.life = account, source, life
        self.what = what
        self.begun = time.monotonic()
        self.sent = None  # when the whole of it had been handed to the kernel
        self.end = None

    def ends(self, end):
        assert self.end is None and end in (*ENDS, "wrong"), (self.end, end)
        self.end = end
        self.account.ended[self.source, end] += 1

    def wrong(self, text):
        self.ends("wrong")
        self.account.problem(f"{self.source} {self.what}".strip(), text)

    def whole(self):
        self.sent = time.monotonic()

    def unanswered(self, error):
        """The connection was closed instead of an answer: right only for what came as the server was told to stop."""
        signal = self.account.lives[self.life].stop_signal
        if signal is None:
            return self.wrong(f"lost: {error}, and the server had not been told to stop")
        if error.received or (self.sent is not None and self.sent < signal - ARRIVAL_SECONDS):
            return self.wrong(f"lost: {error}; sent {signal - (self.sent or self.begun):.2f} s before the stop signal")
        self.account.unseen(self.life)
        return self.ends("cut by the stop")

    def behind_the_last(self, error):
        """It was pipelined behind a request whose answer said that the connection closes: right at a stop only."""
        if self.account.lives[self.life].stop_signal is None or error.received:
            return self.wrong(f"lost: pipelined, {error}, and the server had not been told to stop")
        return self.ends("cut by the stop")

    def answered(self, answer, expected=(200,), check=None, faults=()):
        """Judges an answer. `expected`: statuses that are right; `check(answer)` says what is wrong with a 2xx, or nothing;
        `faults`: statuses that are right while the registry fails. The two may be functions of when the request was begun:
        what is right is known only once the answer is there."""
        self.account.counted(answer, self.life)
        status = answer.status
        expected, faults = (right(self.begun) if callable(right) else right for right in (expected, faults))
        if status == 503 and "retry-after" in answer.headers and self.account.overload_allowed(self.begun):
            return self.ends("turned away")
        if status in faults and status not in expected:
            if status == 503 and "retry-after" not in answer.headers:
                return self.wrong("503 without Retry-After")
            return self.ends("fault told" if status >= 500 else "refused")
        if status not in expected:
            return self.wrong(f"status {status} where {expected} was right: {answer.body[:200]!r}")
        if status >= 400:
            return self.ends("refused")
        fault = check(answer) if check else None
        return self.wrong(fault) if fault else self.ends("answered")


def counted_by_server(text, left_out):
    """Answers by class of status, from the text of /metrics, but for those of the route `left_out`."""
    counts = collections.Counter()
    for labels, value in re.findall(r"^http_requests_total\{(.*)\} (\S+)$", text, re.M):
        if f'handler="{left_out}"' not in labels:
            counts[re.search(r'status="(\dxx)"', labels)[1]] += round(float(value))
    return counts


def disagreement(clients, unseen, server):
    """What the clients' account and the server's say of one life: a line for each that cannot both be true."""
    lines, over = [], 0
    for status in sorted({*clients, *server}):
        more = server[status] - clients[status]
        if more < 0:
            lines.append(f"{status}: clients got {clients[status]}, the server counted {server[status]}")
        over += max(0, more)
    if over > unseen:
        lines.append(f"the server counted {over} answers more than clients got, and only {unseen} may have gone unread: "
                     f"clients {dict(clients)}, server {dict(server)}")
    return lines
