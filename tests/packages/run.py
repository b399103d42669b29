#!/usr/bin/env python3
"""Builds and uses the packages as a person would, each on a bare Debian 12: `make package-check`.

    run.py [--roots FOLDER] [--at PATH] [wheel] [deb] [image]

image  carries out the steps of deploy/Dockerfile and runs what comes of them as its own user, its root read-only
wheel  `pip install .` where the first stage of the Dockerfile was built; `make wheel`, whose wheel is installed in a root
       that has only Python
deb    `make deb`; installs, runs by the unit's command line, upgrades, removes and purges it

The checkout is compiled as it is, with what is not committed. --roots keeps the roots and their logs (default: build/roots,
removed when all went well). The compiler's cache of this machine is shared; --at names the checkout's path in the roots
(default: its own), by which the cache knows its files. Needs root, mmdebstrap, and 6 GB.
"""
import argparse
import os
import pathlib
import shutil
import subprocess

import check_deb
import check_wheel
from bare_root import BareRoot, free_port, make_base, say, server
from dockerfile import Builder, without_ignored
from prediction import check_prediction

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def copy_checkout(target):
    """What git would see: the files that are there and not ignored."""
    shutil.rmtree(target, ignore_errors=True)
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
                            capture_output=True, check=True).stdout
    for name in filter(None, listed.split(b"\0")):
        source, copy = ROOT / os.fsdecode(name), target / os.fsdecode(name)
        if source.is_file():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, copy)


def check_image(stage):
    say("image: runs as its user, with a read-only root")
    port = free_port()
    environment = {**stage.environment, "PORT": str(port), "HOME": "/var/lib/osprey"}
    how = {"cwd": stage.folder, "user": stage.user, "environment": environment}
    for name in ("models of its own", "a cache that is there"):
        with server(stage.root, stage.entry + stage.command, port, read_only=True, writable=stage.volumes, **how):
            check_prediction(port, name)
            health = subprocess.run(stage.root.command(stage.health, **how), capture_output=True, text=True, check=False)
            assert health.returncode == 0, health
    health = subprocess.run(stage.root.command(stage.health, **how), capture_output=True, text=True, check=False)
    assert health.returncode != 0, "healthy without a server"
    say(f"  size: {stage.root.read('du -sm --exclude=/proc --exclude=/dev / | cut -f1')} MB")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--roots", type=pathlib.Path)
    parser.add_argument("--at", default=str(ROOT))
    parser.add_argument("what", nargs="*", choices=["wheel", "deb", "image", []], default=[])  # []: what nargs="*" has to allow
    arguments = parser.parse_args()
    arguments.what = arguments.what or ["image", "wheel", "deb"]
    if os.geteuid() != 0:
        raise SystemExit("package-check: a bare root can be made by root only")
    if not shutil.which("mmdebstrap"):
        raise SystemExit("package-check: apt-get install mmdebstrap")
    roots = (arguments.roots or ROOT / "build/roots").resolve()
    roots.mkdir(parents=True, exist_ok=True)
    base = roots / "debian-12.tar"
    make_base(base)
    checkout = roots / "checkout"
    copy_checkout(checkout)
    context = roots / "context"
    without_ignored(checkout, checkout / "deploy/Dockerfile.dockerignore", context)

    ccache = subprocess.run(["ccache", "--get-config", "cache_dir"], capture_output=True, text=True, check=False)
    cache = pathlib.Path(ccache.stdout.strip() or roots / "ccache")
    cache.mkdir(parents=True, exist_ok=True)
    builder = Builder(base, roots, context, {"/src": arguments.at}, {"/root/.cache/ccache": cache})
    image = builder.build(checkout / "deploy/Dockerfile", None if "image" in arguments.what else "build")
    if "image" in arguments.what:
        check_image(image)

    # The machine of somebody who builds: the image's first stage, with the whole checkout.
    machine = BareRoot(base, roots / "build", binds=[(cache, "/root/.cache/ccache")])
    shutil.copytree(checkout, machine.path(arguments.at), dirs_exist_ok=True)
    if "wheel" in arguments.what:
        check_wheel.check(machine, arguments.at, BareRoot(base, roots / "python"))
    if "deb" in arguments.what:
        check_deb.check(machine, arguments.at, BareRoot(base, roots / "debian"))
    say("all went well")
    if not arguments.roots:
        shutil.rmtree(roots)


if __name__ == "__main__":
    main()
