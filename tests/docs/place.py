"""Where the blocks of one document run: a copy of the repository, a network of its own, some files that a reader has."""
import hashlib
import json
import os
import pathlib
import secrets
import shutil
import signal
import subprocess
import sys
import time

import pytest

from doc_blocks import ROOT
from places import SHIPPED_SAMPLES
from private_network import PrivateNetwork
from server_process import clean_environment
from workshop import without_metadata

SECONDS = 120  # for one block; an idle machine needs a few
COPIED = ("models", "bench", "tests/data", "deploy", "clients", "scripts", "docs", "web")


def metadata(**entries):
    """What a trainer appends to an ONNX file (metadata_props, field 14): texts shorter than 2 MB."""
    def field(number, content):
        size = len(content)
        return bytes([number << 3 | 2, size & 127 | 128, size >> 7 & 127 | 128, size >> 14]) + content
    return b"".join(field(14, field(1, key.encode()) + field(2, value.encode())) for key, value in entries.items())


def write_old_cache(cache, model_id, package):
    """The cache of a reference server that has downloaded a package: links into a store of files named by their MD5."""
    digest = hashlib.blake2s(model_id.encode(), digest_size=16).hexdigest()
    folder = cache / "models-cache" / f"v2-{model_id.replace('/', '-')}-{digest}" / "1234abcd"
    folder.mkdir(parents=True)
    (cache / "shared-blobs").mkdir()
    for name in ("weights.onnx", "class_names.txt", "inference_config.json"):
        content = (package / name).read_bytes()
        blob = hashlib.md5(content).hexdigest()
        (cache / "shared-blobs" / blob).write_bytes(content)
        (folder / name).symlink_to(f"../../../shared-blobs/{blob}")
    (folder / "model_config.json").write_text(json.dumps({
        "offline_manifest_version": 4, "model_id": model_id, "canonical_model_id": model_id, "model_architecture": "yolov8",
        "task_type": "object-detection", "backend_type": "onnx", "quantization": "fp32", "dynamic_batch_size_supported": True}))


class Place:
    """Everything that a document's blocks start or write is of this place, and ends with it."""

    def __init__(self, folder, binary, cache):
        self.folder, self.root = folder, folder / "osprey"
        self._binary, self._cache = binary, cache
        self._mark = ("OSPREY_DOC_BLOCKS", secrets.token_hex(8))
        self.network = PrivateNetwork()
        self._outputs = 0

    def __enter__(self):
        self.network.__enter__()
        self._copy_repository()
        self._add_own_files()
        return self

    def __exit__(self, *_):
        self.end_processes()
        self.network.__exit__()

    def _copy_repository(self):
        self.root.mkdir(parents=True)
        for name in COPIED:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, self.root / name, ignore=shutil.ignore_patterns("__pycache__", "build"))
        for path in ROOT.iterdir():
            if path.is_file():
                shutil.copy(path, self.root)
        (self.root / "build/release/bin").mkdir(parents=True)
        (self.root / "build/release/bin/inference").symlink_to(self._binary)
        (self.root / ".venv-test").symlink_to(pathlib.Path(sys.prefix))

    def _add_own_files(self):
        """Pictures, and a network from a trainer, with and without what it says of itself."""
        shutil.copytree(SHIPPED_SAMPLES, self.root / "photos", ignore=shutil.ignore_patterns("*.json", "*.md"))
        shutil.copy(SHIPPED_SAMPLES / "003.jpg", self.root / "photo.jpg")
        shutil.copy(SHIPPED_SAMPLES / "005.jpg", self.root / "other.jpg")
        package = ROOT / "models/emoji-detection/1"
        network = without_metadata((package / "weights.onnx").read_bytes())
        classes = (package / "class_names.txt").read_text().split("\n")
        (self.root / "mine.onnx").write_bytes(network)
        (self.root / "best.onnx").write_bytes(network + metadata(
            description="Ultralytics YOLOv8n model trained on scenes.yaml", task="detect", imgsz="[320, 320]",
            names=str({number: name for number, name in enumerate(classes) if name})))
        shutil.copy(package / "class_names.txt", self.root / "names.txt")
        write_old_cache(self.root / "old-cache", "parts/1", package)
        (self.folder / "home/.cache").mkdir(parents=True)
        (self.folder / "home/.cache/osprey").symlink_to(self._cache)

    def add_cpp_client(self):
        """The C++ client, installed from the build folder that the executable is in."""
        build, prefix = self._binary.parent.parent, self.folder / "client"
        if not (build / "cmake_install.cmake").is_file():
            pytest.skip(f"{build} is no build folder, which the C++ client could be installed from")
        if not prefix.is_dir():
            subprocess.run(["cmake", "--install", build, "--component", "client", "--prefix", prefix], check=True,
                           stdout=subprocess.DEVNULL, timeout=SECONDS)

    def environment(self):
        client = self.folder / "client"
        programs = [self.root / "build/release/bin", pathlib.Path(sys.prefix) / "bin"]
        return {**clean_environment([self._mark]), "HOME": str(self.folder / "home"), "TERM": "dumb",
                "TMPDIR": str(self.folder), "XDG_RUNTIME_DIR": str(self.folder / "home"),
                "PATH": os.pathsep.join([*map(str, programs), os.environ["PATH"]]),
                "PYTHONPATH": f"{self.folder}/installed:{self.root}/clients/python/src", "PYTHONWARNINGS": "ignore",
                "CMAKE_PREFIX_PATH": str(client), "PKG_CONFIG_PATH": str(client / "lib/pkgconfig"),
                "LD_LIBRARY_PATH": os.pathsep.join(filter(None, [str(client / "lib"), os.environ.get("LD_LIBRARY_PATH")])),
                # pip installs from the checkout only, with what the tests' environment has, and beside it.
                "PIP_TARGET": str(self.folder / "installed"), "PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1",
                "PIP_NO_BUILD_ISOLATION": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}

    def command(self, *command):
        return [*self.network.enter, *map(str, command)]

    def start(self, *command):
        """A process, and the file that takes what it writes."""
        self._outputs += 1
        path = self.folder / f"output-{self._outputs}.txt"
        with path.open("wb") as output:
            return subprocess.Popen(self.command(*command), cwd=self.root, env=self.environment(), stdout=output,
                                    stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True), path

    def run(self, *command):
        """The exit status and what was written."""
        process, path = self.start(*command)
        try:
            process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise AssertionError(f"not done after {SECONDS} s:\n{path.read_text(errors='replace')}") from None
        return process.returncode, path.read_text(errors="replace")

    def processes(self):
        """Those that were started here, and what they have started, as far as they live."""
        mark = "=".join(self._mark).encode()
        for folder in pathlib.Path("/proc").iterdir():
            try:
                if folder.name.isdigit() and mark in (folder / "environ").read_bytes().split(b"\0"):
                    yield int(folder.name)
            except OSError:  # gone, or somebody else's
                pass

    def end_processes(self):
        for signum in (signal.SIGTERM, signal.SIGKILL):
            until = time.monotonic() + 10
            for pid in self.processes():
                os.kill(pid, signum)
            while any(True for _ in self.processes()):
                if time.monotonic() > until:
                    break
                time.sleep(0.02)
            else:
                return
