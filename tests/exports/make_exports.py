#!/usr/bin/env python3
"""Exports networks as users do, with the trainers that users have, into build/exports/<project>/1/.

Needs an environment of its own (PyTorch: several GB, which is why `make test` has nothing of it). Once:

    python3 -m venv build/exports-venv && build/exports-venv/bin/pip install -r tests/exports/requirements.txt
    build/exports-venv/bin/python tests/exports/make_exports.py
    build/exports-venv/bin/python -m pytest -c tests/pytest.ini tests/exports

make_exports.py [--again] [PROJECT ...] makes what is missing, or what is named. Weights are random, from a fixed seed,
and then scaled until the networks find something; nothing is downloaded. What was made is listed at the end.
"""
import argparse
import contextlib
import importlib
import json
import os
import pathlib
import shutil
import sys
import tempfile
import traceback

import catalogue


def model_json(what, module):
    """For the trainers whose exports do not say what they are."""
    if what.trainer == "ultralytics":
        return None
    told = {"task": what.task, "architecture": what.architecture, "classes": module.CLASSES}
    if what.task == catalogue.KEYPOINTS:
        told["keypoints"] = module.KEYPOINTS
    return told


def make(what):
    """One package, all of it or nothing."""
    module = importlib.import_module(catalogue.TRAINERS[what.trainer])
    shutil.rmtree(what.folder, ignore_errors=True)
    with tempfile.TemporaryDirectory() as scratch:
        made = os.path.join(scratch, "package")
        os.mkdir(made)
        with contextlib.chdir(scratch):
            version = module.export(what, pathlib.Path(made), pathlib.Path(scratch))
        told = model_json(what, module)
        if told:
            (pathlib.Path(made) / "model.json").write_text(json.dumps(told, indent=1) + "\n")
        what.folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(made, what.folder)
    print(f"made by {version}")


def describe(what):
    """The network's opset, input and outputs."""
    import onnx
    model = onnx.load(next(what.folder.glob("*.onnx")), load_external_data=False)

    def shapes(values):
        return " ".join(str([d.dim_value or d.dim_param or "?" for d in v.type.tensor_type.shape.dim]).replace("'", "")
                        for v in values)
    opset = next(o.version for o in model.opset_import if not o.domain)
    return f"{what.project}: opset {opset}, {shapes(model.graph.input)} -> {shapes(model.graph.output)}"


def make_all(chosen):
    """Those that could not be made; why is printed."""
    failed = []
    for what in chosen:
        print(f"--- {what.project}", flush=True)
        try:
            make(what)
        except Exception:  # a trainer's, of any kind: the others are made all the same
            traceback.print_exc()
            failed.append(what.project)
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("projects", nargs="*")
    parser.add_argument("--again", action="store_true", help="make those that exist, too")
    arguments = parser.parse_args()
    chosen = [what for what in catalogue.ALL if not arguments.projects or what.project in arguments.projects]
    failed = make_all(what for what in chosen
                      if arguments.again or arguments.projects or not what.folder.is_dir())
    print("\n".join(describe(what) for what in chosen if what.folder.is_dir()))
    if failed:
        sys.exit(f"not made: {', '.join(failed)}")


if __name__ == "__main__":
    main()
