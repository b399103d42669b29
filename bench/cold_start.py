#!/usr/bin/env python3
"""Time from the start of the process to its first prediction, with and without the compiled network in the cache.

    cold_start.py [--binary build/release/bin/inference] [--models models] [--model emoji-detection/1] [--rounds 7]
                  [--limit 1.0]

The rounds take turns, so that a noisy machine disturbs both alike. The files are in the page cache in both. The processor
time is that of the whole run, the check of the other packages at the start with it. Fails when the median with the compiled
network is over the limit (seconds). Python's standard library only; loopback only.
"""
import argparse
import base64
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PATIENCE = 60


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def first_prediction(options, cache):
    """Seconds from exec to the first answer, seconds of it that the load took, processor seconds, the predictions."""
    port = free_port()
    body = base64.b64encode(options.image.read_bytes())
    command = [options.binary, "server", "start", "--host", "127.0.0.1", "--port", str(port), "--models",
               options.models, "--log-level", "error", "--cache", cache]
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        while True:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
                connection.request("POST", f"/{options.model}", body, {"Content-Type": "text/plain"})
                answer = connection.getresponse()
                text = answer.read()
                break
            except ConnectionError:
                if process.poll() is not None or time.monotonic() - began > PATIENCE:
                    sys.exit("cold_start.py: the server did not start")
                time.sleep(0.001)
        took = time.monotonic() - began
    finally:
        process.send_signal(signal.SIGTERM)
        usage = os.wait4(process.pid, 0)[2]
        process.returncode = 0
    if answer.status != 200:
        sys.exit(f"cold_start.py: {answer.status}: {text.decode()}")
    found = [{key: p[key] for key in ("class", "confidence", "x", "y")} for p in json.loads(text)["predictions"]]
    return took, float(answer.getheader("X-Model-Load-Time")), usage.ru_utime + usage.ru_stime, found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=ROOT / "build/release/bin/inference")
    parser.add_argument("--models", default=ROOT / "models")
    parser.add_argument("--model", default="emoji-detection/1")
    parser.add_argument("--image", type=pathlib.Path, default=ROOT / "tests/data/samples/003.jpg")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--limit", type=float, default=1.0, help="seconds; 0: none")
    options = parser.parse_args()

    times = {"compiled anew": [], "from the cache": []}
    loads = {name: [] for name in times}
    work = {name: [] for name in times}
    with tempfile.TemporaryDirectory() as folder:
        cache = pathlib.Path(folder) / "cache"
        for _ in range(options.rounds):
            shutil.rmtree(cache, ignore_errors=True)
            answers = []
            for name in times:
                took, load, processor, found = first_prediction(options, cache)
                times[name].append(took)
                loads[name].append(load)
                work[name].append(processor)
                answers.append(found)
            if answers[0] != answers[1]:
                sys.exit("cold_start.py: the network from the cache predicts differently")
        kept = sum(file.stat().st_size for file in cache.rglob("*") if file.is_file()) / 1e6
    for name in times:
        print(f"{name:15} first prediction {statistics.median(times[name]):.3f} s "
              f"({min(times[name]):.3f} to {max(times[name]):.3f}), loading {statistics.median(loads[name]):.3f} s of it; "
              f"{statistics.median(work[name]):.2f} s of processor time")
    anew, cached = (statistics.median(series) for series in times.values())
    print(f"ratio {anew / cached:.2f}; {kept:.1f} MB in the cache")
    if options.limit and cached > options.limit:
        sys.exit(f"cold_start.py: over the limit of {options.limit} s")


if __name__ == "__main__":
    main()
