"""Ten times the load that the server can do: what is refused, how long the accepted wait, and how soon it is over."""
import asyncio
import json
import sys
import time

import wire
from closed_loop import honest
from process import ROOT, Server
from report import table
from small_request import MODELS, detection, milliseconds, percentile

FACTOR = 10
CAPACITY_CLIENTS, CAPACITY_SECONDS = 16, 6
CONNECTIONS = 3000
REQUEST_SECONDS = 120  # --request-seconds by default: the bound that the server states
REFUSAL_SECONDS = 0.010  # median
RECOVERY_SECONDS = 1.0
NORMAL = 3.0  # times the latency of a single client before: what counts as recovered
SETTINGS = ["--max-connections", "8192", "--max-connections-per-address", "8192", "--log-level", "warning"]


async def probe(port, path, every, times, ended):
    """Asks again and again, each time on a new connection, while the load lasts."""
    while not ended.is_set():
        began = time.monotonic()
        try:
            connection = await wire.Connection.open(port)
            answer = await connection.ask(wire.message("GET", path))
            connection.close()
            times.append((answer.status, time.monotonic() - began))
        except (OSError, wire.Unanswered) as error:
            times.append((repr(error), 0.0))
        await asyncio.sleep(every)


async def one(port, data):
    """(status, seconds) of one request on a new connection."""
    began = time.monotonic()
    connection = await wire.Connection.open(port)
    try:
        answer = await connection.ask(data)
    finally:
        connection.close()
    return answer, time.monotonic() - began


async def recovery(port, data, ended, normal):
    """Seconds from the end of the load to the first request that was sent then and took no longer than `normal`."""
    seen = []
    while time.monotonic() < ended + 30:
        sent = time.monotonic() - ended
        answer, took = await one(port, data)
        seen.append(f"{answer.status} after {milliseconds(took)} ms, sent {sent:.2f} s after the end")
        if answer.status == 200 and took <= normal:
            return sent, seen
        await asyncio.sleep(0.05)
    return float("inf"), seen


async def run(arguments, folder):
    server = Server(arguments.binary, MODELS, folder, SETTINGS)
    data = detection()
    (folder / "request").write_bytes(data)
    healthz, metrics, ended_event = [], [], asyncio.Event()
    server.launch()
    try:
        await server.until_healthy()
        await honest(server.port, data, CAPACITY_CLIENTS, 3)  # warm
        alone, _ = await honest(server.port, data, 1, 3)
        times, _ = await honest(server.port, data, CAPACITY_CLIENTS, CAPACITY_SECONDS)
        capacity = len(times) / CAPACITY_SECONDS
        normal = NORMAL * percentile(alone, 0.9)
        load = await asyncio.create_subprocess_exec(
            sys.executable, str(ROOT / "tests/soak/open_loop.py"), str(server.port), str(FACTOR * capacity),
            str(arguments.seconds), str(CONNECTIONS), str(folder / "request"), stdout=asyncio.subprocess.PIPE, limit=1 << 30)
        probes = [asyncio.create_task(probe(server.port, "/healthz", 0.1, healthz, ended_event)),
                  asyncio.create_task(probe(server.port, "/metrics", 0.5, metrics, ended_event))]
        ended = json.loads(await load.stdout.readline())["ended"]
        ended_event.set()
        recovered, seen = await recovery(server.port, data, ended, normal)
        await asyncio.gather(*probes)
        told = json.loads(await load.stdout.read())
        await load.wait()
        server.terminate()
        status = await server.ended()
    finally:
        server.kill()
    return judge(arguments, capacity, normal, told, healthz, metrics, recovered, seen, status)


def judge(arguments, capacity, normal, told, healthz, metrics, recovered, seen, status):
    by_status = {}
    for code, sent, took in told["results"]:
        by_status.setdefault(code, []).append((sent, took))
    accepted = [took for _, took in by_status.get(200, [])]
    late = [took for sent, took in by_status.get(200, []) if sent > arguments.seconds / 2]
    refused = [took for _, took in by_status.get(503, [])]
    wrong = [f"{len(found)} requests ended with {code}" for code, found in by_status.items() if code not in (200, 503)]
    if not accepted or max(accepted) > REQUEST_SECONDS:
        wrong.append(f"an accepted request took {max(accepted, default=0):.1f} s, more than --request-seconds")
    if percentile(refused, 0.5) > REFUSAL_SECONDS:
        wrong.append("refusals are late")
    if recovered > RECOVERY_SECONDS:
        wrong.append(f"a request sent {RECOVERY_SECONDS:g} s after the end of the load was not served as before it")
    for name, times in (("/healthz", healthz), ("/metrics", metrics)):
        if {code for code, _ in times} != {200}:
            wrong.append(f"{name} was answered {({code for code, _ in times})}")
    if status != 0:
        wrong.append(f"exit code {status}")
    rows = [[name, len(times), *(milliseconds(percentile(times, share)) for share in (0.5, 0.99, 1.0))]
            for name, times in (("accepted (200)", accepted), ("of those, sent in the second half", late),
                                ("refused (503)", refused), ("/healthz", [took for _, took in healthz]),
                                ("/metrics", [took for _, took in metrics]))]
    text = "\n\n".join([
        f"# Overload: {'NOT ' if wrong else ''}within its bounds",
        f"Capacity {capacity:.0f} requests/s ({CAPACITY_CLIENTS} clients), then {FACTOR * capacity:.0f} a second for "
        f"{arguments.seconds:g} s, whatever becomes of them, from one process beside the server (at most "
        f"{1e3 * told['behind']:.0f} ms behind its schedule). Bound of what is accepted: --request-seconds, {REQUEST_SECONDS} s; "
        f"what waits when more than --max-waiting (512) came: half a second's work, or 8 requests.",
        table(["", "requests", "p50, ms", "p99, ms", "longest, ms"], rows),
        f"{len(accepted) / arguments.seconds:.0f} answers/s under load. After its end, with what was accepted still waiting for its "
        f"answers: the first request that took no more than {milliseconds(normal)} ms ({NORMAL:g} times the p90 of one client) "
        f"was sent {recovered:.2f} s after.",
        "\n".join(f"- {line}" for line in seen[:5]),
        "What was wrong:\n\n" + ("\n".join(f"- {line}" for line in wrong) or "Nothing.")])
    return text + "\n", not wrong
