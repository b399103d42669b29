"""Starts the built executable as a user would, on a free port of loopback, and stops it with SIGTERM."""
import os
import pathlib
import signal
import socket
import subprocess
import time

import requests

from places import ROOT

START_SECONDS = 30
STOP_SECONDS = 40  # past the server's own limit for draining

# Settings of the shell that the tests are run from must not reach the server: only these do.
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS",
             "LSAN_OPTIONS")


def find_binary():
    path = pathlib.Path(os.environ.get("OSPREY_BINARY", ROOT / "build/release/bin/inference")).resolve()
    assert path.is_file(), f"no {path}: run 'make build', or set OSPREY_BINARY"
    return path


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def clean_environment(extra=()):
    return {**{name: os.environ[name] for name in PASSED_ON if name in os.environ}, **dict(extra)}


class ServerProcess:
    """`with ServerProcess(...) as server:` starts it, waits until it is healthy, stops it, and checks how it ended."""

    def __init__(self, binary, models, folder, arguments=(), environment=()):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.output = folder / "output.txt"
        self._command = [str(binary), "server", "start", "--host", "127.0.0.1", "--port", str(self.port),
                         "--models", str(models), *arguments]
        self._environment = clean_environment({"MODEL_CACHE_DIR": str(folder / "cache"), **dict(environment)})
        self._folder = folder  # a settings file in the folder that the tests are run from is none of its business
        self._process = None

    def __enter__(self):
        with self.output.open("wb") as output:
            self._process = subprocess.Popen(self._command, cwd=self._folder, env=self._environment, stdout=output,
                                             stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT)
        try:
            self._wait_until_healthy()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(self, kind, value, trace):
        status = self.stop()
        if kind is None:  # a failed test says more than how the server ended
            assert status == 0, f"the server ended with status {status}:\n{self.text()}"

    def text(self):
        """What it has written to standard output and standard error."""
        return self.output.read_text(errors="replace")

    def is_healthy(self):
        return requests.get(self.url + "/healthz", timeout=2).status_code == 200

    @property
    def pid(self):
        return self._process.pid

    def is_running(self):
        return self._process.poll() is None

    def terminate(self):
        self._process.send_signal(signal.SIGTERM)

    def wait(self, seconds=STOP_SECONDS):
        """Its exit status."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"the server had not stopped after {seconds} s:\n{self.text()}") from None

    def stop(self):
        if self.is_running():
            self.terminate()
        return self.wait()

    def kill(self):
        self._process.kill()
        self._process.wait()

    def _wait_until_healthy(self):
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            assert self.is_running(), f"the server ended with status {self._process.returncode}:\n{self.text()}"
            try:
                if self.is_healthy():
                    return
            except requests.ConnectionError:
                pass
            time.sleep(0.02)
        raise AssertionError(f"the server was not healthy after {START_SECONDS} s:\n{self.text()}")
