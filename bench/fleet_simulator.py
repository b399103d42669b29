#!/usr/bin/env python3
"""Thousands of machines and models: what a balancer's choice costs in cold starts and in tail latency.

    fleet_simulator.py [--machines 2000] [--models 10000] [--cores 2] [--load 0.6] [--zipf 1.0] [--requests 1200000]
                       [--memory 1,2,4,8,16] [--seed 1] [--write]

Assumptions: docs/scaling.md. What a picture, a load and a model cost on one machine is read from docs/performance.md, where
`make bench` writes it. --write puts table and picture into docs/scaling.md. Some minutes; --requests 60000 --machines 200
--models 1000 takes seconds.
"""
import argparse
import bisect
import itertools
import math
import pathlib
import random
import sys
import time

import fleet_constants
import fleet_machines
import report

ROOT = pathlib.Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs/scaling.md"
PICTURE = ROOT / "docs/scaling.svg"
MIX = {"small": 0.6, "medium": 0.3, "large": 0.1}  # of the models, whatever their place in the order of popularity
WARM = 0.3  # of the requests, which are not counted
COLOURS = {"affinity": "#3b7dd8", "two choices": "#e08e0b", "round robin": "#c0392b"}


def make_models(count, costs, seed):
    draw = random.Random(seed)
    sizes = draw.choices(list(MIX), MIX.values(), k=count)
    return [fleet_machines.Model(costs[size].core_seconds, costs[size].cold_seconds, costs[size].megabytes)
            for size in sizes]


class Popularity:
    """Zipf: the n-th model is asked for in proportion to n to the power of -exponent."""

    def __init__(self, count, exponent, seed):
        self.weights = [1 / rank ** exponent for rank in range(1, count + 1)]
        self._sums = list(itertools.accumulate(self.weights))
        self._random = random.Random(seed).random

    def draw(self):
        return bisect.bisect_left(self._sums, self._random() * self._sums[-1])

    def mean(self, models):
        return sum(weight * model.core_seconds for weight, model in zip(self.weights, models)) / self._sums[-1]


def fill(fleet, popularity, policy):
    """As after a long time. With the least recently used model going first, a machine that gets a share of all requests has
    in memory what was asked for last; with affinity a model is where its place is."""
    plan, models = fleet.plan, fleet.models
    if policy == "affinity":
        for model in reversed(range(len(models))):
            fleet.fill(fleet.balancer.first(model), [model])
        return
    for machine in range(plan.machines):
        latest, used = {}, 0.0
        tries = 0
        while used < plan.megabytes and len(latest) < len(models) and tries < 20 * len(models):
            tries += 1
            model = popularity.draw()
            if model not in latest:
                latest[model] = None
                used += models[model].megabytes
        fleet.fill(machine, reversed(latest))


def simulate(plan, models, policy, options, cores_wanted):
    popularity = Popularity(len(models), options.zipf, options.seed)
    rate = cores_wanted / popularity.mean(models)
    fleet = fleet_machines.Fleet(plan, models, policy, options.seed)
    fill(fleet, popularity, policy)
    gap, now = random.Random(options.seed + 1).expovariate, 0.0
    for number in range(options.requests):
        if number == int(WARM * options.requests):
            fleet.forget()
        now += gap(rate)
        fleet.arrive(now, popularity.draw())
    result = fleet.totals()
    fleet.finish()
    result.seconds.sort()
    return result, rate


def quantile(ordered, share):
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def row(memory, policy, plan, result):
    answered = max(1, result.requests - result.refused)
    return [f"{memory:g}", policy, f"{1000 * result.cold / answered:.1f}",
            *(f"{1000 * quantile(result.seconds, share):.0f}" for share in (0.5, 0.99, 0.999)),
            f"{100 * result.refused / result.requests:.1f}",
            f"{100 * min(1.0, result.busy / result.span / plan.machines / plan.cores):.0f}", f"{result.copies:.1f}"]


HEADS = ["memory for models, GiB a machine", "balancer", "cold starts, of 1000 requests", "p50, ms", "p99, ms", "p99.9, ms",
         "refused, %", "cores busy, %", "machines that have a model, mean"]


def picture(series, path):
    """`series`: policy -> [(memory, cold starts of 1000, p99 in ms)]; two charts beside each other, the scales logarithmic."""

    width, height, top, bottom = 760, 300, 50, 250
    memories = [point[0] for point in next(iter(series.values()))]
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
             f'<rect width="{width}" height="{height}" fill="white"/>']
    for chart, (title, column) in enumerate((("Cold starts, of 1000 requests", 1), ("p99, milliseconds", 2))):
        left, right = 50 + chart * 380, 350 + chart * 380
        values = [max(point[column], 0.1) for points in series.values() for point in points]
        low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
        def x(index):
            return left + (right - left) * index / max(1, len(memories) - 1)
        def y(value):
            return bottom - (bottom - top) * (math.log10(max(value, 0.1)) - low) / max(1, high - low)
        parts.append(f'<text x="{left - 40}" y="20" font-size="14">{title}</text>')
        for power in range(low, high + 1):
            parts.append(f'<line x1="{left}" y1="{y(10 ** power):.0f}" x2="{right}" y2="{y(10 ** power):.0f}" stroke="#ddd"/>')
            parts.append(f'<text x="{left - 6}" y="{y(10 ** power) + 4:.0f}" text-anchor="end">{10 ** power:g}</text>')
        for index, memory in enumerate(memories):
            parts.append(f'<text x="{x(index):.0f}" y="{bottom + 16}" text-anchor="middle">{memory:g}</text>')
        parts.append(f'<text x="{(left + right) / 2:.0f}" y="{bottom + 34}" text-anchor="middle">memory for models, GiB a machine</text>')
        for place, (policy, points) in enumerate(series.items()):
            line = " ".join(f"{x(index):.1f},{y(point[column]):.1f}" for index, point in enumerate(points))
            parts.append(f'<polyline points="{line}" fill="none" stroke="{COLOURS[policy]}" stroke-width="2"/>')
            if chart == 0:
                parts.append(f'<text x="{left + 5 + 95 * place}" y="40" fill="{COLOURS[policy]}">{policy}</text>')
    path.write_text("\n".join(parts + ["</svg>"]) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--machines", type=int, default=2000)
    parser.add_argument("--models", type=int, default=10000)
    parser.add_argument("--cores", type=int, default=2, help="of a machine")
    parser.add_argument("--load", type=float, default=0.6, help="share of all cores that the pictures alone need")
    parser.add_argument("--zipf", type=float, default=1.0)
    parser.add_argument("--requests", type=int, default=1_200_000)
    parser.add_argument("--memory", default="1,2,4,8,16", help="GiB for models on each machine")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="into docs/scaling.md")
    options = parser.parse_args()
    if not 0 < options.load < 1:
        parser.error("--load: between 0 and 1")
    costs = fleet_constants.read()
    for size, cost in costs.items():
        print(f"{size}: {1e3 * cost.core_seconds:.1f} ms of a core for a picture, {cost.cold_seconds:.2f} s to load, "
              f"{cost.megabytes:.0f} MB", flush=True)
    models = make_models(options.models, costs, options.seed)
    rows, series = [], {policy: [] for policy in COLOURS}
    for memory in (float(text) for text in options.memory.split(",")):
        for policy in COLOURS:
            began = time.monotonic()
            plan = fleet_machines.Plan(options.machines, options.cores, memory * 1024)
            result, rate = simulate(plan, models, policy, options, options.load * options.machines * options.cores)
            rows.append(row(memory, policy, plan, result))
            answered = max(1, result.requests - result.refused)
            series[policy].append((memory, 1000 * result.cold / answered, 1000 * quantile(result.seconds, 0.99)))
            print(f"{' | '.join(rows[-1])}  ({time.monotonic() - began:.0f} s)", flush=True)
    told = (f"{options.machines} machines of {options.cores} cores, {options.models} models, Zipf exponent {options.zipf:g}, "
            f"{rate:.0f} requests a second ({100 * options.load:.0f} % of all cores without a cold start), "
            f"{options.requests} requests, of which the first {100 * WARM:.0f} % are not counted.")
    text = "\n".join([told, "", f"![Cold starts and p99]({PICTURE.name})", "", report.table(HEADS, rows), ""])
    print(text)
    if options.write:
        picture(series, PICTURE)
        document = DOCUMENT.read_text()
        if report.BEGIN.replace("measured", "simulated") not in document:
            sys.exit(f"{DOCUMENT}: no mark to write at")
        begin, end = (mark.replace("measured", "simulated") for mark in (report.BEGIN, report.END))
        before, _, rest = document.partition(begin)
        DOCUMENT.write_text(f"{before}{begin}\n\n{text}\n{end}{rest.partition(end)[2]}")


if __name__ == "__main__":
    main()
