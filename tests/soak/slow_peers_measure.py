"""Honest clients alone and beside 500 connections with slow headers and 500 with slow bodies, in turns."""
import asyncio
import json
import statistics
import sys

from closed_loop import honest
from process import ROOT, Server
from report import table
from small_request import MODELS, detection, milliseconds, percentile

CLIENTS, HEADERS, BODIES = 16, 500, 500
ROUNDS, ROUND_SECONDS = 3, 20
LIMIT = 2.0  # the honest p99 beside them, of the one without them
# They all come from one address here, which may have 512 by default.
SETTINGS = ["--max-connections", "2048", "--max-connections-per-address", "2048", "--log-level", "warning"]


class SlowOnes:
    """slow_connections.py, for as long as the block."""

    def __init__(self, port):
        self.port, self.told = port, {}

    async def __aenter__(self):
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, str(ROOT / "tests/soak/slow_connections.py"), str(self.port), str(HEADERS), str(BODIES),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
        await self._process.stdout.readline()
        return self

    async def __aexit__(self, *_):
        self._process.stdin.close()
        self.told = json.loads(await self._process.stdout.readline())
        await self._process.wait()


async def run(arguments, folder):
    server = Server(arguments.binary, MODELS, folder, SETTINGS)
    data, rows, wrong, ratios, held = detection(), [], [], [], []
    server.launch()
    try:
        await server.until_healthy()
        await honest(server.port, data, CLIENTS, 5)  # warm
        for number in range(ROUNDS):
            alone, failed = await honest(server.port, data, CLIENTS, ROUND_SECONDS)
            wrong += failed
            async with SlowOnes(server.port) as slow:
                beside, failed = await honest(server.port, data, CLIENTS, ROUND_SECONDS)
            wrong += failed
            held.append(sum(slow.told["held"].values()))
            ratios.append(percentile(beside, 0.99) / percentile(alone, 0.99))
            rows.append([number + 1, len(alone) // ROUND_SECONDS, len(beside) // ROUND_SECONDS,
                         *(milliseconds(percentile(times, share)) for share in (0.5, 0.99) for times in (alone, beside)),
                         f"{ratios[-1]:.2f}", held[-1], json.dumps(slow.told["answers"])])
        server.terminate()
        status = await server.ended()
    finally:
        server.kill()
    ratio = statistics.median(ratios)
    if status != 0:
        wrong.append(f"exit code {status}")
    if min(held) < 0.9 * (HEADERS + BODIES):
        wrong.append(f"only {min(held)} slow connections were open at the end of a round")
    good = not wrong and ratio <= LIMIT
    text = "\n\n".join([
        f"# Slow peers: {'within' if good else 'NOT within'} {LIMIT:g} times",
        f"{CLIENTS} honest clients, alone and beside {HEADERS} connections that send a byte of their header every 2 s and {BODIES} "
        f"that do so with their body; {ROUND_SECONDS} s each, in turns; limits as by default, but for connections of one address.",
        table(["round", "answers/s alone", "beside", "p50 alone, ms", "p50 beside", "p99 alone, ms", "p99 beside", "p99 ratio",
               "slow ones open at the end", "what they were told"], rows),
        f"Median of the ratios of p99: {ratio:.2f}.",
        "\n".join(f"- {line}" for line in sorted(set(wrong))) or "Every honest request was answered with 200."])
    return text + "\n", good
