"""The attainable limit: the engine by OpenVINO's benchmark_app, one decode and one resize by the bare libraries."""
import dataclasses
import os
import pathlib
import re
import subprocess
import sys

from machine import ROOT, cores


@dataclasses.dataclass
class Limit:
    engine_rate: float  # images a second, all cores
    decode_ms: float
    resize_ms: float

    @property
    def rate(self):
        """Requests a second when nothing but engine, decode and resize is done: cores / their core-seconds."""
        return cores() / (cores() / self.engine_rate + (self.decode_ms + self.resize_ms) / 1e3)


def run_app(model, arguments):
    """benchmark_app's output. It runs in this Python, with OpenVINO from the project's .venv. Raises RuntimeError."""
    site = next((ROOT / ".venv" / "lib").glob("python3*/site-packages"))
    command = [sys.executable, "-c", "from openvino.tools.benchmark.main import main; main()", "-m", str(model.weights),
               "-d", "CPU", "-infer_precision", "f32", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(site)}, check=False)
    if done.returncode != 0:
        raise RuntimeError("benchmark_app: " + (done.stdout + done.stderr)[-500:])
    return done.stdout


def benchmark_app(model, hint, seconds):
    """With a single image at a time, as the hint (throughput or latency) has it."""
    return run_app(model, ["-hint", hint, "-t", str(seconds), "-shape", f"[1,3,{model.side},{model.side}]"] +
                   (["-api", "sync"] if hint == "latency" else []))


def engine_rate(model, seconds):
    return float(re.search(r"Throughput:\s+([\d.]+)", benchmark_app(model, "throughput", seconds)).group(1))


def engine_latency_ms(model, seconds):
    median, unit = re.search(r"Median:\s+([\d.]+) (ms|us)", benchmark_app(model, "latency", seconds)).groups()
    return float(median) / (1e3 if unit == "us" else 1)


def decode_resize_ms(tool, picture, model):
    command = [str(tool), str(picture), str(model.side), str(model.side)] + (["letterbox"] if model.letterbox else [])
    decode, resize = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return float(decode), float(resize)


def measure(tool, model, picture, seconds):
    return Limit(engine_rate(model, seconds), *decode_resize_ms(tool, picture, model))
