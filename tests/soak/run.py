#!/usr/bin/env python3
"""Loads a server with everything at once, and holds what was sent against what came back.

    run.py [--minutes N] [--seed N] [--binary PATH] [--report PATH]   the soak
    run.py --slow-peers                                               honest clients beside 1000 slow connections
    run.py --overload                                                 ten times the load that it can do

Loopback only; starts the server itself, on copies of the demo models, and ends by itself. Exit status: 0 balanced, within
bounds; 1 not; 2 the command line is wrong.
"""
import argparse
import asyncio
import pathlib
import random
import sys
import tempfile

import overload
import slow_peers_measure
import soak
from process import ROOT


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=pathlib.Path, default=ROOT / "build/release/bin/inference")
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--seed", type=int, default=None, help="default: made up, and printed")
    parser.add_argument("--report", type=pathlib.Path, default=None, help="default: build/soak/report.md")
    parser.add_argument("--no-registry", action="store_true", help="without a model registry, where there is one, too")
    parser.add_argument("--keep-log", type=pathlib.Path, help="copy the server's output to this file")
    parser.add_argument("--slow-peers", action="store_true")
    parser.add_argument("--overload", action="store_true")
    parser.add_argument("--seconds", type=float, default=60, help="of --overload; --slow-peers: 20 s for each of 6 rounds")
    arguments = parser.parse_args()
    if not arguments.binary.is_file():
        parser.error(f"no {arguments.binary}: run 'make build', or give --binary")
    arguments.binary = arguments.binary.resolve()
    if arguments.seed is None:
        arguments.seed = random.randrange(1 << 30)
    return arguments


def main():
    arguments = parse()
    mode, name = soak.run, "report.md"
    if arguments.slow_peers:
        mode, name = slow_peers_measure.run, "slow-peers.md"
    elif arguments.overload:
        mode, name = overload.run, "overload.md"
    with tempfile.TemporaryDirectory(prefix="osprey-soak-") as folder:
        text, good = asyncio.run(mode(arguments, pathlib.Path(folder)))
    report = arguments.report or ROOT / "build/soak" / name
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(text)
    print(text)
    print(f"Report: {report}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
