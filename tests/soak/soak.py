"""The soak: lives of one server, all traffic at once, and the balance at the end of each life."""
import asyncio
import dataclasses
import re
import shutil
import time

import account
import hostile_traffic
import model_swaps
import registry_faults
import requests_mix
import slow_peers
import valid_traffic
import wire
from harness import Harness
from process import Server, Usage, is_sanitized
from report import soak_report

CLIENTS, HOSTILE, LEAVERS, SLOW_SENDERS, SLOW_READERS = 8, 2, 3, 4, 2
MAX_WAITING = 64
STOP_UNDER_LOAD_SECONDS = 2.0  # of traffic between the last look at a life and its stop signal
REST_SECONDS = 60
SETTINGS = ["--max-connections", "4096", "--max-connections-per-address", "4096",  # all come from one address here
            "--max-waiting", str(MAX_WAITING), "--header-seconds", str(slow_peers.HEADER_SECONDS),
            "--body-seconds", str(slow_peers.BODY_SECONDS), "--write-seconds", str(slow_peers.WRITE_SECONDS),
            "--drain-seconds", "60", "--log-level", "warning"]
# Over what it was after warming up: the allocator keeps what a rare large request needed, more of it under a sanitizer, which
# also keeps freed memory in quarantine (there the leak detector is what counts). Threads: the loaders' are started as they are
# needed (26 at most) and stay.
MEMORY_SHARE, MEMORY_MB, MEMORY_MB_SANITIZED = 0.15, 48, 512
FILES, THREADS = 0, 26


@dataclasses.dataclass
class Life:
    base: Usage
    end: Usage
    memory_limit: float
    compared: int
    compared_server: str
    stop_seconds: float = 0.0
    status: int | None = None


class Soak:
    def __init__(self, arguments, folder):
        self.sanitized = is_sanitized(arguments.binary)
        self.total = arguments.minutes * 60
        self.lives = 3 if self.total >= 180 else 2
        self.registry = None
        if registry_faults.SERVE.is_file() and not arguments.no_registry:
            self.registry = registry_faults.Registry(folder)
        self.models = model_swaps.Models(folder)
        self.server = Server(arguments.binary, self.models.folder, folder, SETTINGS,
                             self.registry.environment if self.registry else None)
        self.harness = Harness(self.server.port, arguments.seed, min(1.0, self.total / 300))
        self.cases = requests_mix.all_cases()

    def case(self, name):
        return next(case for case in self.cases if case.name == name)

    async def ask(self, data, without_body=False):
        """One request at rest, counted as the server counts it."""
        connection = await wire.Connection.open(self.server.port)
        try:
            answer = await connection.ask(data, without_body)
        finally:
            connection.close()
        self.harness.account.counted(answer)
        return answer

    async def start(self):
        self.server.launch()
        await self.server.until_healthy(self.harness.account.counted)
        self.harness.account.lives[-1].listening = True

    async def learn(self):
        """The golden answers: one request each, at rest."""
        golden = self.harness.golden
        for case in self.cases:
            answer = await self.ask(case.data, case.without_body)
            if answer.status >= 500:
                raise RuntimeError(f"{case.name} is answered {answer.status} at rest: {answer.body[:300]!r}")
            golden.learn(case.name, answer, case.steady)
        golden.learn("pulled", await self.ask(self.case("base64 emoji-classification/1").data))
        first = golden.check("swapped")
        self.models.replace(requests_mix.SWAPPED, self.models.package("emoji-classification/1", renamed=True))
        until = time.monotonic() + REST_SECONDS
        while time.monotonic() < until:
            answer = await self.ask(self.case("swapped").data)
            if first(answer):
                return golden.learn("swapped", answer)
            await asyncio.sleep(0.2)
        raise RuntimeError("a package was replaced, and the server did not notice")

    def tasks(self):
        harness, small = self.harness, self.case("multipart emoji-detection/1")
        whole = [case for case in self.cases if not case.without_body]
        yield from (valid_traffic.client(harness, self.cases, number) for number in range(CLIENTS))
        yield from (hostile_traffic.sender(harness, number) for number in range(HOSTILE))
        yield from (slow_peers.leaver(harness, whole, number) for number in range(LEAVERS))
        yield from (slow_peers.slow_sender(harness, small, number) for number in range(SLOW_SENDERS))
        yield from (slow_peers.slow_reader(harness, self.case("image and json"), number) for number in range(SLOW_READERS))
        yield slow_peers.deaf_reader(harness)
        yield valid_traffic.pipeliner(harness, self.cases)
        yield valid_traffic.burst(harness, small)
        yield model_swaps.swapper(harness, self.models)
        if self.registry:
            yield registry_faults.puller(harness, self.registry, self.pulled_case)

    def pulled_case(self, model):
        sound = self.case("base64 emoji-classification/1")
        return dataclasses.replace(sound, data=sound.data.replace(b"POST /emoji-classification/1 ", f"POST /{model} ".encode(), 1))

    async def rest(self):
        """Pauses all traffic, waits until the server has nothing left to do, and has it unload all models (those of the
        registry hold a file each). What it then holds."""
        await self.harness.pause()
        until = time.monotonic() + REST_SECONDS
        while True:
            await asyncio.sleep(1)
            busy = re.findall(r"^(?:osprey_queue_depth|osprey_batches_running|osprey_models_loading|osprey_downloads_running)"
                              r"\S* ([1-9]\S*)", await self.metrics(), re.M)
            if not busy:
                break
            if time.monotonic() > until:
                self.harness.account.problem("rest", f"the server is busy {REST_SECONDS} s after the last request")
                break
        await self.ask(wire.message("POST", "/model/clear"))
        await asyncio.sleep(3)  # freed memory is given back once a second
        return self.server.usage()

    async def metrics(self):
        return (await self.ask(wire.message("GET", "/metrics"))).body.decode()

    async def until_files(self, most):
        """Closed connections are let go of within the server's time to linger."""
        until = time.monotonic() + REST_SECONDS
        while self.server.usage().files > most and time.monotonic() < until:
            await asyncio.sleep(0.5)
        return self.server.usage()

    async def live(self, seconds):
        """Loads the present life, warm-up first, and looks at what it holds in the end."""
        self.harness.resume()
        await asyncio.sleep(seconds * 0.3)
        base = await self.rest()
        self.harness.resume()
        await asyncio.sleep(seconds * 0.7)
        await self.rest()
        end = await self.until_files(base.files + FILES)
        limit = base.memory_mb * (1 + MEMORY_SHARE) + (MEMORY_MB_SANITIZED if self.sanitized else MEMORY_MB)
        problem = self.harness.account.problem
        if end.memory_mb > limit:
            problem("memory", f"{base.memory_mb:.0f} MB after warming up, {end.memory_mb:.0f} MB at the end")
        if end.files > base.files + FILES:
            problem("files", f"{base.files} open after warming up, {end.files} at the end")
        if end.threads > base.threads + THREADS:
            problem("threads", f"{base.threads} after warming up, {end.threads} at the end")
        seen = self.harness.account.lives[-1]
        answers, unseen = seen.answers.copy(), seen.unseen
        counted = account.counted_by_server(await self.metrics(), slow_peers.UNCOUNTED)
        for line in account.disagreement(answers, unseen, counted):
            problem("/metrics", line)
        more = counted.total() - answers.total()
        return Life(base, end, limit, answers.total(), f"{counted.total()} ({more} of {unseen} unread)")

    async def stop(self, life):
        """SIGTERM in the middle of traffic."""
        self.harness.resume()
        await asyncio.sleep(STOP_UNDER_LOAD_SECONDS)
        self.harness.account.stopping()
        signalled = time.monotonic()
        self.server.terminate()
        life.status = await self.server.ended()
        life.stop_seconds = time.monotonic() - signalled
        if life.status != 0:
            self.harness.account.problem("stop", f"exit code {life.status}" if life.status is not None else "it had to be killed")
        self.harness.account.next_life()

    async def run(self):
        lives = []
        tasks = []
        try:
            if self.registry:
                await asyncio.to_thread(self.registry.start)
            await self.start()
            await self.learn()
            tasks = [asyncio.create_task(task) for task in self.tasks()]
            for number in range(self.lives):
                if number:
                    await self.start()
                lives.append(await self.live(self.total / self.lives))
                await self.stop(lives[-1])
            self.harness.ending = True
            for result in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(result, BaseException):
                    self.harness.account.problem("harness", repr(result))
        except (RuntimeError, OSError, wire.Unanswered, AssertionError) as error:
            self.harness.account.problem("soak", f"ended before its time: {error!r}")
        finally:
            for task in tasks:
                task.cancel()
            self.server.kill()
            if self.registry:
                self.registry.stop()
        return lives


async def run(arguments, folder):
    """(the report, whether it is balanced)."""
    print(f"Soak of {arguments.minutes:g} minutes, seed {arguments.seed}, {arguments.binary}", flush=True)
    soak = Soak(arguments, folder)
    lives = await soak.run()
    found = soak.server.sanitizer_reports()
    if found:
        soak.harness.account.problem("sanitizer", f"{len(found)} lines in the server's output")
    if arguments.keep_log:
        shutil.copy(soak.server.output, arguments.keep_log)
    facts = {"time": f"{arguments.minutes:g} minutes in {soak.lives} lives of the server", "seed": arguments.seed,
             "sanitizers": "in this build" if soak.sanitized else "none in this build",
             "registry": "with one that fails now and then" if soak.registry else "none beside the checkout, or not wanted"}
    return soak_report(facts, soak.harness, lives, found), soak.harness.account.is_balanced()
