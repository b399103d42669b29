#!/usr/bin/env python3
"""Start-up time, memory and throughput of the built server, beside OpenVINO's own benchmark_app on the same network.

    measure.py [--binary build/release/bin/inference] [--rounds 3] [--seconds 8] [--clients 8]

Throughput is measured in alternating rounds, server then engine, so that a noisy machine disturbs both alike; what counts
is the ratio. The load comes from wrk (Debian), the engine's figure from benchmark_app (OpenVINO's wheel, which needs numpy:
.venv-test has it). Everything stays on loopback and ends by itself.
"""
import argparse
import base64
import json
import os
import pathlib
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
MODEL = "emoji-detection/1"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def memory_mb(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024


class Server:
    """The server on a free port; `start_seconds` is from exec to the first 200 of /healthz."""

    def __init__(self, binary):
        self.url = f"http://127.0.0.1:{(port := free_port())}"
        command = [binary, "server", "start", "--host", "127.0.0.1", "--port", str(port), "--models", str(ROOT / "models"),
                   "--log-level", "error"]
        began = time.monotonic()
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        while True:
            try:
                urllib.request.urlopen(self.url + "/healthz", timeout=1).read()
                break
            except OSError:
                if self.process.poll() is not None or time.monotonic() - began > 30:
                    sys.exit("measure.py: the server did not start")
                time.sleep(0.001)
        self.start_seconds = time.monotonic() - began

    def predict(self, text):
        request = urllib.request.Request(f"{self.url}/{MODEL}", text, {"Content-Type": "text/plain"})
        return json.load(urllib.request.urlopen(request, timeout=60))

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(40) == 0


def wrk(url, text, seconds, clients, folder):
    """Requests a second, and the latency's median and 99th percentile in ms."""
    (folder / "body.txt").write_bytes(text)
    script = folder / "post.lua"
    script.write_text(f'local f = io.open("{folder}/body.txt", "rb")\nwrk.method = "POST"\nwrk.body = f:read("*a")\n'
                      'wrk.headers["Content-Type"] = "text/plain"\n'
                      'function done(summary, latency, requests)\n'
                      '  local e = summary.errors\n'
                      '  io.write(string.format("RESULT %f %f %f %d\\n", summary.requests / summary.duration * 1e6,\n'
                      '    latency:percentile(50) / 1000, latency:percentile(99) / 1000,\n'
                      '    e.connect + e.read + e.write + e.status + e.timeout))\nend\n')
    out = subprocess.run(["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "-s", str(script), f"{url}/{MODEL}"],
                         capture_output=True, text=True, check=True).stdout
    rate, median, p99, errors = re.search(r"RESULT (\S+) (\S+) (\S+) (\d+)", out).groups()
    assert int(errors) == 0, out
    return float(rate), float(median), float(p99)


def benchmark_app(python, environment, seconds):
    """Images a second of the bare engine, throughput hint."""
    command = [python, "-c", "from openvino.tools.benchmark.main import main; main()", "-m",
               str(ROOT / "models" / MODEL / "weights.onnx"), "-d", "CPU", "-hint", "throughput", "-t", str(seconds),
               "-shape", "[1,3,320,320]", "-infer_precision", "f32"]
    out = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    found = re.search(r"Throughput:\s+([\d.]+)", out.stdout)
    if not found:
        sys.exit(f"measure.py: benchmark_app said:\n{out.stdout[-1500:]}{out.stderr[-500:]}")
    return float(found.group(1))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=str(ROOT / "build/release/bin/inference"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--clients", type=int, default=8)
    arguments = parser.parse_args()
    text = base64.b64encode((ROOT / "tests/data/samples/000.jpg").read_bytes())

    starts, idle = [], []
    for _ in range(5):
        server = Server(arguments.binary)
        time.sleep(1)
        starts.append(server.start_seconds)
        idle.append(memory_mb(server.process.pid))
        server.stop()
    print(f"start to first 200 of /healthz: median {statistics.median(starts):.3f} s, worst {max(starts):.3f} s")
    print(f"memory idle: {statistics.median(idle):.1f} MB")

    server = Server(arguments.binary)
    server.predict(text)
    first = memory_mb(server.process.pid)
    for _ in range(1000):
        server.predict(text)
    print(f"memory after 1 prediction: {first:.1f} MB, after 1001: {memory_mb(server.process.pid):.1f} MB")

    site = next((ROOT / ".venv/lib").glob("python3*/site-packages"))
    environment = {**os.environ, "PYTHONPATH": str(site)}
    ratios = []
    with tempfile.TemporaryDirectory() as folder:
        for round_number in range(arguments.rounds):
            rate, median, p99 = wrk(server.url, text, arguments.seconds, arguments.clients, pathlib.Path(folder))
            bare = benchmark_app(str(ROOT / ".venv-test/bin/python"), environment, arguments.seconds)
            ratios.append(rate / bare)
            print(f"round {round_number + 1}: server {rate:.1f} requests/s (median {median:.1f} ms, p99 {p99:.1f} ms), "
                  f"bare engine {bare:.1f} images/s, ratio {rate / bare:.2f}")
    print(f"server / bare engine: median {statistics.median(ratios):.2f}, {min(ratios):.2f} to {max(ratios):.2f}; "
          f"{MODEL}, 640x480 JPEG, {arguments.clients} clients")
    server.stop()


if __name__ == "__main__":
    main()
