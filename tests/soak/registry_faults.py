"""Models that are pulled from a registry which fails as it is told. Only where the stand-in registry lies beside the checkout."""
import asyncio
import pathlib
import subprocess
import sys
import time

from model_swaps import make_packages
from process import ROOT, free_port

SERVE = ROOT.parent / "shared/registry/serve.py"
FAULTS = ("error500", "truncate", "corrupt", "notfound", "hang")
IDS = [f"pulled-{number}/1" for number in range(8)]
AT_A_TIME = 4
# Few tries and short waits, so that a fault is told soon; a cache for three of the packages, so that there is always one to pull.
SETTINGS = {"API_CALLS_MAX_TRIES": "2", "OSPREY_REGISTRY_STALL_SECONDS": "2", "API_CALLS_TIMEOUT": "5",
            "ROBOFLOW_API_REQUEST_TIMEOUT": "5", "MAX_INFERENCE_MODELS_CACHE_SIZE_MB": "6"}


class Registry:
    """serve.py, on one port over its restarts."""

    def __init__(self, folder: pathlib.Path):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._packages = make_packages(folder / "registry", IDS)
        self._process = None

    def start(self, fault=None):
        self.stop()
        command = [sys.executable, str(SERVE), "--packages", str(self._packages), "--port", str(self.port)]
        self._process = subprocess.Popen(command + (["--fault", fault] if fault else []), stdin=subprocess.DEVNULL,
                                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        if not self._process.stdout.readline().startswith("registry on"):
            raise RuntimeError("the stand-in registry did not start")

    def stop(self):
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process.stdout.close()
            self._process = None

    @property
    def environment(self):
        return {"API_BASE_URL": self.url, **SETTINGS}


async def puller(harness, registry, case_for):
    """Pulls models while the registry fails, then while it does not: then every one has to come."""
    dice = harness.dice("registry")
    while not harness.ending:
        await harness.interval(4, dice)
        async with harness.turn():
            fault = dice.choice(FAULTS)
            harness.registry_fails_until = float("inf")
            await asyncio.to_thread(registry.start, fault)
            await pull(harness, case_for, dice, True)
            await asyncio.to_thread(registry.start)
            harness.registry_fails_until = time.monotonic() + 5  # what others had begun ends in this time
            await pull(harness, case_for, dice, False)
            harness.faults[fault] += 1


async def pull(harness, case_for, dice, fails):
    """A few models, one of them twice at the same time."""
    chosen = dice.sample(IDS, AT_A_TIME - 1)
    judge = {"faults": (404, 500, 502, 503, 504)} if fails else {}
    await asyncio.gather(*(harness.once("pulled", case_for(model).data, what=model, check=harness.golden.check("pulled"), **judge)
                           for model in [*chosen, chosen[0]]))
