#!/usr/bin/env python3
"""Whether batches would get more images done: the engine alone, a stream a core, batches of 4 and 8 against single images.

    batches.py [--rounds 5] [--seconds 3]

By OpenVINO's benchmark_app, alternating; the ratios are of images a second.
"""
import argparse
import pathlib
import re

import limit
import machine
import models
import report


def rate(model, batch, seconds):
    """Images a second, or None where the network's batch cannot be changed."""
    streams = str(machine.cores())
    try:
        told = limit.run_app(model, ["-nstreams", streams, "-nireq", streams, "-t", str(seconds), "-shape",
                                     f"[{batch},3,{model.side},{model.side}]"])
    except RuntimeError:
        return None
    return float(re.search(r"Throughput:\s+([\d.]+)", told).group(1))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", type=pathlib.Path, default=machine.ROOT / ".venv-bench/bin/python")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    arguments = parser.parse_args()
    known = [models.demo("emoji-detection", "object_detection", 320, True),
             models.demo("emoji-segmentation", "instance_segmentation", 320, True),
             models.demo("emoji-classification", "classification", 128, False),
             models.yolov8("yolov8n", "object_detection", machine.ROOT / "build/bench/models", str(arguments.python))]
    rows = []
    for model in known:
        if model is None:
            continue
        ratios = {4: [], 8: []}
        for _ in range(arguments.rounds):
            single = rate(model, 1, arguments.seconds)
            for batch, seen in ratios.items():
                many = rate(model, batch, arguments.seconds)
                if many:
                    seen.append(many / single)
        rows.append([model.id] + [report.spread(seen) if seen else "its batch is fixed" for seen in ratios.values()])
        print(*rows[-1], flush=True)
    print(report.table(["model", "batch of 4 / single", "batch of 8 / single"], rows))


if __name__ == "__main__":
    main()
