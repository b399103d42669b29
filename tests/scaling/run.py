#!/usr/bin/env python3
"""The long form of tests/e2e/test_haproxy.py: three servers on loopback behind HAProxy, 32 clients.

    run.py [--binary build/release/bin/inference] [--times 5] [--rounds 5] [--seconds 10]

--times: how often a machine joins, one is killed and all are restarted. Then throughput through HAProxy against clients that
take the machines in turn, all models in memory: the median of the ratios must be 0.95 at least.
"""
import argparse
import pathlib
import statistics
import sys
import tempfile

import scenario
import traffic
from fleet import ROOT, find_haproxy

LEAST_RATIO = 0.95


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=pathlib.Path, default=ROOT / "build/release/bin/inference")
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=10)
    arguments = parser.parse_args()
    if not find_haproxy():
        sys.exit("scaling: haproxy is not installed (scripts/setup.sh test)")
    models, picture = ROOT / "models", (ROOT / "tests/data/samples/000.jpg").read_bytes()
    failed = False
    for _ in range(arguments.times):
        with tempfile.TemporaryDirectory(prefix="osprey-scaling-") as folder:
            result = scenario.faults(arguments.binary.resolve(), models, pathlib.Path(folder), picture,
                                     (traffic.native, traffic.older, traffic.open_protocol), few=100)
        print(scenario.told(result), flush=True)
        failed |= bool(result["failures"])
    if arguments.rounds:
        with tempfile.TemporaryDirectory(prefix="osprey-scaling-") as folder:
            ratios, ours, direct = scenario.throughput(arguments.binary.resolve(), models, pathlib.Path(folder), picture,
                                                       arguments.rounds, arguments.seconds)
        print(f"through HAProxy {statistics.median(ours):.1f} requests/s, direct {statistics.median(direct):.1f}; ratio "
              f"{statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f}), at least {LEAST_RATIO}")
        failed |= statistics.median(ratios) < LEAST_RATIO
    print("scaling: FAILED" if failed else "scaling: as it should be")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
