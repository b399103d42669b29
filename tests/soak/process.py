"""The server under test: started, looked at from outside (/proc), stopped. Ends only what it started."""
import asyncio
import contextlib
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import time

import wire

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
START_SECONDS = 120
STOP_SECONDS = 90  # past the limit for draining that the soak sets
PASSED_ON = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH")

# The sanitizers' reports go to standard error, end the process, and are looked for there. The quarantine is kept small so that
# memory can be judged at all.
SANITIZER_OPTIONS = {
    "ASAN_OPTIONS": "quarantine_size_mb=32:detect_leaks=1:abort_on_error=0:exitcode=86:allocator_release_to_os_interval_ms=500",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=0",
    "LSAN_OPTIONS": f"suppressions={pathlib.Path(__file__).resolve().parent / 'leaks.supp'}:print_suppressions=0",
}
SANITIZER_REPORT = re.compile(rb"AddressSanitizer|LeakSanitizer|runtime error:|UndefinedBehaviorSanitizer|ThreadSanitizer")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_sanitized(binary):
    """Whether the executable has the address sanitizer in it."""
    return b"__asan_init" in pathlib.Path(binary).read_bytes()


class Usage:
    """What a process holds: megabytes of memory, file descriptors, threads."""

    def __init__(self, pid):
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        self.memory_mb = int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024
        self.threads = int(re.search(r"Threads:\s+(\d+)", status)[1])
        self.files = len(os.listdir(f"/proc/{pid}/fd"))


class Server:
    """One life of the server after another, on one port."""

    def __init__(self, binary, models, folder, arguments=(), environment=None):
        self.port = free_port()
        self.output = folder / "server.txt"
        self.output.touch()
        self._folder = folder
        self._command = [str(binary), "server", "start", "--host", "127.0.0.1", "--port", str(self.port), "--models", str(models),
                         *arguments]
        self._environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ} | {
            "MODEL_CACHE_DIR": str(folder / "cache"), **(SANITIZER_OPTIONS if is_sanitized(binary) else {}), **(environment or {})}
        self._process = None

    def launch(self):
        with self.output.open("ab") as output:
            self._process = subprocess.Popen(self._command, cwd=self._folder, env=self._environment, stdin=subprocess.DEVNULL,
                                             stdout=output, stderr=subprocess.STDOUT)

    @property
    def pid(self):
        return self._process.pid

    def is_running(self):
        return self._process is not None and self._process.poll() is None

    def usage(self):
        return Usage(self.pid)

    def text(self):
        return self.output.read_bytes()

    def sanitizer_reports(self):
        return [line.decode(errors="replace") for line in self.text().splitlines() if SANITIZER_REPORT.search(line)]

    async def until_healthy(self, counted=lambda answer: None):
        """`counted` is told of each answer, as the server counts them, too. Raises RuntimeError."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if not self.is_running():
                raise RuntimeError(f"the server ended with status {self._process.returncode} while it started")
            with contextlib.suppress(OSError, wire.Unanswered):
                connection = await wire.Connection.open(self.port)
                try:
                    answer = await connection.ask(wire.message("GET", "/healthz"))
                finally:
                    connection.close()
                counted(answer)
                if answer.status == 200:
                    return
            await asyncio.sleep(0.05)
        raise RuntimeError(f"the server was not healthy after {START_SECONDS} s")

    def terminate(self):
        self._process.send_signal(signal.SIGTERM)

    async def ended(self):
        """Its exit status; None where it had to be killed."""
        until = time.monotonic() + STOP_SECONDS
        while self._process.poll() is None and time.monotonic() < until:
            await asyncio.sleep(0.02)
        if self._process.poll() is None:
            await asyncio.to_thread(self.write_stacks)
            self.kill()
            return None
        return self._process.returncode

    def write_stacks(self):
        """What its threads are doing, beside its output: of one that hangs. Where there is a gdb."""
        if shutil.which("gdb"):
            command = ["gdb", "-p", str(self.pid), "-batch", "-ex", "thread apply all bt 14"]
            done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, check=False)
            with self.output.open("ab") as output:
                output.write(done.stdout)

    def kill(self):
        if self.is_running():
            self._process.kill()
        if self._process is not None:
            self._process.wait()
