#!/usr/bin/env python3
"""Measures Osprey against what is attainable, against the reference server and against nginx.

    run.py [--quick] [--rounds 5] [--seconds 8] [--only WORDS] [--no-reference] [--write] [--binary FILE]
           [--python FILE]

Each round measures the engine, the decode and resize, Osprey and the reference one after the other, so that a noisy
machine disturbs all alike; what counts are the ratios. --quick: one short round of the cases that have a target. --only:
cases whose name contains all of these words. --write puts the tables and the picture into docs/performance.md. Everything
stays on loopback. `make bench` runs it with what it needs.
"""
import argparse
import pathlib
import subprocess
import tempfile
import time

import cases
import limit
import load
import machine
import models
import pictures
import report
import servers

ROOT = machine.ROOT
DOCUMENT = ROOT / "docs" / "performance.md"
PICTURE = ROOT / "docs" / "performance.svg"


def say(text):
    print(text, flush=True)


class Bench:
    def __init__(self, arguments, folder):
        self.arguments, self.folder = arguments, folder
        self.work = ROOT / "build" / "bench"
        self.models = self.all_models()
        self.reference = None

    def all_models(self):
        found = [models.demo("emoji-detection", "object_detection", 320, True),
                 models.demo("emoji-classification", "classification", 128, False),
                 models.demo("emoji-segmentation", "instance_segmentation", 320, True)]
        for variant, task in (("yolov8n", "object_detection"), ("yolov8n-seg", "instance_segmentation")):
            model = models.yolov8(variant, task, self.work / "models", str(self.arguments.python))
            if model:
                found.append(model)
            else:
                say(f"skipped: {variant}: no ultralytics in {self.arguments.python} to export it with")
        return found

    def by_project(self, *projects):
        return [model for model in self.models if model.id.split("/")[0] in projects]

    def chosen(self, all_cases):
        words = (self.arguments.only or "").split()
        return [case for case in all_cases if all(word in case.name for word in words)]

    def picture(self, case):
        return pictures.make(self.work / "pictures", case.width, case.height, case.kind)

    def osprey(self, model, environment=None):
        return servers.osprey(self.arguments.binary, model.folder, environment)

    def start_reference(self):
        if self.arguments.no_reference:
            return say("skipped: the reference server (--no-reference)")
        try:
            self.reference = servers.Reference(str(self.arguments.python), [models.DEMO, self.work / "models"])
            say(f"reference server: ready after {self.reference.start_seconds:.1f} s, "
                f"{machine.memory_mb(self.reference.pid):.0f} MB")
        except RuntimeError as e:
            say(f"skipped: the reference server: {e}")

    def loaded(self, server, case):
        """The load of one case on one server, after requests that load and warm its model."""
        body = load.body_for(case.model.id, self.picture(case))
        path = f"/infer/{case.model.task}"
        servers.post(server.url + path, body)
        try:
            load.run(server, path, body, case.clients, 2, self.folder)
        except RuntimeError:
            pass  # a slow server may have answered none in that time
        return load.run(server, path, body, case.clients, self.arguments.seconds, self.folder)

    def throughput(self, all_cases, with_reference):
        results = []
        for case in self.chosen(all_cases):
            rounds = []
            with self.osprey(case.model) as server:
                for _ in range(self.arguments.rounds):
                    measured = {"limit": limit.measure(self.arguments.tool, case.model, self.picture(case),
                                                       self.arguments.seconds),
                                "osprey": self.loaded(server, case)}
                    if with_reference and self.reference:
                        try:
                            measured["reference"] = self.loaded(self.reference, case)
                        except (RuntimeError, OSError) as e:
                            say(f"skipped: {case.name} on the reference: {e}")
                    rounds.append(measured)
            share = [r["osprey"].rate / r["limit"].rate for r in rounds]
            times = [r["osprey"].rate / r["reference"].rate for r in rounds if "reference" in r]
            say(f"{case.name}: {report.spread([r['osprey'].rate for r in rounds], 1)} requests/s, share of the limit "
                f"{report.spread(share)}" + (f", {report.spread(times, 1)} times the reference" if times else "") +
                f", CPU {report.spread([r['osprey'].cpu_ms for r in rounds])} ms/request of "
                f"{report.spread([1e3 * machine.cores() / r['limit'].rate for r in rounds])}")
            results.append((case, rounds))
        return results

    def latency(self, all_cases):
        """One client against decode + resize + engine in latency mode."""
        results = []
        for case in self.chosen(all_cases):
            rounds = []
            with self.osprey(case.model) as server:
                for _ in range(self.arguments.rounds):
                    engine = limit.engine_latency_ms(case.model, self.arguments.seconds)
                    decode, resize = limit.decode_resize_ms(self.arguments.tool, self.picture(case), case.model)
                    rounds.append({"p50": self.loaded(server, case).p50, "engine": engine, "decode": decode,
                                   "resize": resize})
            rest = [r["p50"] - r["engine"] - r["decode"] - r["resize"] for r in rounds]
            say(f"{case.name}: p50 {report.spread([r['p50'] for r in rounds])} ms, beyond decode + resize + engine "
                f"{report.spread(rest)} ms")
            results.append((case, rounds))
        return results

    def decode_scale(self):
        """12-megapixel JPEGs with and without decode_scale=auto."""
        rows = []
        for model in self.by_project("emoji-detection", "bench-detection"):
            for case in self.chosen([cases.Case(model, 4000, 3000, "jpg", 8)]):
                ratios = []
                with self.osprey(model, {"OSPREY_DECODE_SCALE": "off"}) as whole, \
                        self.osprey(model, {"OSPREY_DECODE_SCALE": "auto"}) as scaled:
                    for _ in range(self.arguments.rounds):
                        ratios.append(self.loaded(scaled, case).rate / self.loaded(whole, case).rate)
                say(f"{case.name}: decode_scale=auto {report.spread(ratios)} times off")
                rows.append([model.id, case.picture, report.spread(ratios)])
        return report.table(["model", "picture", "throughput with auto / off"], rows) if rows else ""

    def healthz(self):
        rows = []
        try:
            other = servers.nginx(self.folder)
        except RuntimeError as e:
            other = say(f"skipped: nginx: {e}")
        if other is None:
            say("skipped: /healthz against nginx: it is not installed (scripts/setup.sh bench)")
            return ""
        with other, self.osprey(self.models[0]) as server:
            for clients in (4, 64):
                ratios = []
                for _ in range(self.arguments.rounds):
                    ours = load.run(server, "/healthz", None, clients, self.arguments.seconds, self.folder).rate
                    ratios.append(ours / load.run(other, "/healthz", None, clients, self.arguments.seconds, self.folder).rate)
                say(f"/healthz x{clients}: {report.spread(ratios)} of nginx")
                rows.append([str(clients), report.spread(ratios)])
        return report.table(["clients", "requests/s of Osprey / of nginx (target 0.8)"], rows)

    def start_and_memory(self):
        rows = []
        for model in self.by_project("emoji-classification", "emoji-detection", "bench-detection"):
            case = cases.with_targets([model])[0]
            body = load.body_for(model.id, self.picture(case))
            starts, firsts, idle, loaded = [], [], [], []
            for _ in range(max(3, self.arguments.rounds)):
                began = time.monotonic()
                with self.osprey(model) as server:
                    starts.append(server.start_seconds)
                    servers.post(f"{server.url}/infer/{model.task}", body)
                    firsts.append(time.monotonic() - began)
                    loaded.append(machine.memory_mb(server.pid))
                with self.osprey(model) as server:
                    time.sleep(1)
                    idle.append(machine.memory_mb(server.pid))
            say(f"{model.id}: start {report.spread(starts, 3)} s, first prediction {report.spread(firsts)} s, memory "
                f"{report.spread(idle, 0)} MB idle, {report.spread(loaded, 0)} MB after it")
            rows.append([model.id, report.spread(starts, 3), report.spread(firsts), report.spread(idle, 0),
                         report.spread(loaded, 0)])
        return report.table(["model", "/healthz after, s (target 0.1)", "first prediction after, s (target 1)",
                             "idle, MB (target 30)", "with the model, MB (target 200)"], rows)


def versions(binary):
    commit = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"], capture_output=True, text=True,
                            check=False).stdout.strip()
    site = next((ROOT / ".venv" / "lib").glob("python3*/site-packages"))
    openvino = next(site.glob("openvino-*.dist-info")).name.removeprefix("openvino-").removesuffix(".dist-info")
    return f"Commit {commit or 'unknown'}, OpenVINO {openvino}."


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=pathlib.Path, default=ROOT / "build/release/bin/inference")
    parser.add_argument("--tool", type=pathlib.Path, help="decode_resize; default: beside the binary")
    parser.add_argument("--python", type=pathlib.Path, default=ROOT / ".venv-bench/bin/python",
                        help="the Python with the reference server, and with ultralytics for YOLOv8 with random weights")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--only")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--no-reference", action="store_true")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    arguments.tool = arguments.tool or arguments.binary.parent / "decode_resize"
    if arguments.quick:
        arguments.rounds, arguments.seconds = min(arguments.rounds, 2), min(arguments.seconds, 4)

    sections = []
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(arguments, pathlib.Path(folder))
        bench.start_reference()
        try:
            targets = bench.throughput(cases.with_targets(bench.models), True)
            sections.append(("Throughput, and the reference", report.throughput_table(targets)))
            main_models = bench.by_project("bench-detection", "emoji-detection", "emoji-classification")
            single = [case for case in cases.by_clients(main_models) if case.clients == 1]
            sections.append(("Latency of one client", report.latency_table(bench.latency(single))))
            if not arguments.quick:
                more = bench.throughput([c for c in cases.by_clients(main_models) if c.clients > 1], True)
                sections.append(("Few and many clients", report.throughput_table(more)))
                sizes = [case for model in bench.by_project("emoji-detection") for case in cases.by_picture(model)]
                sections.append(("Sizes and formats of pictures", report.throughput_table(bench.throughput(sizes, True))))
                sections.append(("decode_scale=auto", bench.decode_scale()))
            if not arguments.only:
                sections.append(("/healthz", bench.healthz()))
                sections.append(("Start and memory", bench.start_and_memory()))
        finally:
            if bench.reference:
                bench.reference.__exit__()
        text = report.markdown(machine.describe(), versions(arguments.binary),
                               [(heading, body) for heading, body in sections if body],
                               PICTURE.name if targets else None)
        if arguments.write:
            report.bars(targets, PICTURE)
            report.insert(DOCUMENT, text)
            say(f"written: {DOCUMENT.relative_to(ROOT)}, {PICTURE.relative_to(ROOT)}")
        else:
            print("\n" + text)


if __name__ == "__main__":
    main()
