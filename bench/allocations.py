#!/usr/bin/env python3
"""Counts what the server allocates for one request, by heaptrack: its calls in all, and those for large blocks.

    allocations.py [--binary FILE] [--requests 200]

The server is run twice, for N and for 2 N requests of one client after a warm-up; what the second run allocates more is N
requests' share. Counts do not depend on how busy the machine is.
"""
import argparse
import collections
import pathlib
import re
import subprocess
import tempfile

import cases
import load
import machine
import models
import pictures
import report
import servers

LARGE = 64 << 10
WARM_UP = 100  # the pools have their buffers, the metrics their series


class Heaptracked(servers.Server):
    """A server under heaptrack, which writes what it saw when the server ends."""

    def __init__(self, binary, folder, written):
        port = machine.free_port()
        super().__init__(["heaptrack", "--output", str(written), str(binary), "server", "start", "--host", "127.0.0.1",
                          "--port", str(port), "--models", str(folder), "--log-level", "error"], port, "/healthz", 60)

    def stop(self):
        # heaptrack is a script that waits for the server, its child.
        children = pathlib.Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        for child in children:
            if b"server" in pathlib.Path(f"/proc/{child}/cmdline").read_bytes():
                subprocess.run(["kill", child], check=True)
        self.process.wait(60)


def histogram(arguments, case, picture, requests):
    """Calls by size of the block, of a whole run with that many requests."""
    with tempfile.TemporaryDirectory() as folder:
        written, counted = pathlib.Path(folder, "heaptrack"), pathlib.Path(folder, "histogram")
        with Heaptracked(arguments.binary, case.model.folder, written) as server:
            body = load.body_for(case.model.id, picture)
            for _ in range(WARM_UP + requests):
                servers.post(f"{server.url}/infer/{case.model.task}", body)
        file = next(pathlib.Path(folder).glob("heaptrack.*"))
        subprocess.run(["heaptrack_print", "--file", str(file), "--print-histogram", str(counted), "--print-peaks", "0",
                        "--print-allocators", "0", "--print-leaks", "0", "--print-temporary", "0"], check=True,
                       stdout=subprocess.DEVNULL)
        lines = (line.split() for line in counted.read_text().splitlines() if re.match(r"\d+\s+\d+", line))
        return collections.Counter({int(size): int(count) for size, count in lines})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=pathlib.Path, default=machine.ROOT / "build/release/bin/inference")
    parser.add_argument("--requests", type=int, default=200)
    arguments = parser.parse_args()
    rows = []
    for model in (models.demo("emoji-detection", "object_detection", 320, True),
                  models.demo("emoji-classification", "classification", 128, False)):
        case = cases.with_targets([model])[0]
        picture = pictures.make(machine.ROOT / "build/bench/pictures", case.width, case.height, case.kind)
        more = histogram(arguments, case, picture, 2 * arguments.requests)
        more.subtract(histogram(arguments, case, picture, arguments.requests))
        share = {size: count / arguments.requests for size, count in more.items() if count > arguments.requests / 10}
        large = {size: count for size, count in share.items() if size >= LARGE}
        rows.append([model.id, case.picture, f"{sum(share.values()):.0f}", f"{sum(large.values()):.1f}",
                     ", ".join(f"{size >> 10} KiB x {count:.1f}" for size, count in sorted(large.items())) or "none"])
    print(report.table(["model", "picture", "allocations a request", "of 64 KiB and more", "which"], rows))


if __name__ == "__main__":
    main()
