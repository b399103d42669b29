"""`inference server start --detach`, `status` and `stop`, in a state folder of the test's own."""
import json
import os
import signal
import subprocess
import time

from places import MODELS
from server_process import clean_environment, free_port


class Background:
    """Runs the command; stops at the end what it has started."""

    def __init__(self, binary, folder):
        self.binary, self.folder, self.state = binary, folder, folder / "state"

    def environment(self, extra=()):
        return clean_environment({"MODEL_CACHE_DIR": str(self.folder / "cache"), "OSPREY_STATE_DIR": str(self.state),
                                  **dict(extra)})

    def run(self, *arguments, environment=(), timeout=90):
        return subprocess.run([str(self.binary), *map(str, arguments)], cwd=self.folder, env=self.environment(environment),
                              text=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=timeout, check=False)

    def start(self, port, *arguments, models=MODELS, **options):
        return self.run("server", "start", "--detach", "--host", "127.0.0.1", "--port", port, "--models", models, *arguments,
                        **options)

    def started(self, *arguments, **options):
        """Starts one on a free port; returns the port."""
        port = free_port()
        result = self.start(port, *arguments, **options)
        assert result.returncode == 0, result
        return port

    def status(self, *arguments, port=None):
        """(exit code, what --json tells); on a port where nothing of ours runs, unless told."""
        result = self.run("server", "status", "--json", *arguments, *(("--port", port) if port else ()),
                          environment={"PORT": str(free_port()), "HOST": "127.0.0.1"})
        assert result.stderr == "", result.stderr
        return result.returncode, json.loads(result.stdout)

    def stop(self, *arguments):
        return self.run("server", "stop", *arguments, environment={"PORT": str(free_port()), "HOST": "127.0.0.1"})

    def pid_file(self, port):
        return self.state / f"server-{port}.pid"

    def log(self, port):
        return (self.state / f"server-{port}.log").read_text()

    def pid(self, port):
        """As the server says it, which is the process that we started."""
        return int(self.pid_file(port).read_text().splitlines()[0])

    def clean_up(self):
        self.stop("--all", "--timeout", "5")
        for server in self.status()[1]["servers"]:
            if server["running"] and server.get("pid"):
                os.kill(server["pid"], signal.SIGKILL)


def ended(pid, seconds=10):
    """Whether a process has ended (or is a zombie whose parent does not look)."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
                if file.read().rsplit(")", 1)[1].split()[0] in "ZX":
                    return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.02)
    return False
