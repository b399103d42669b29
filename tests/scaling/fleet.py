"""Three servers on loopback and HAProxy in front of them, as deploy/haproxy describes it. Ends only what it started."""
import csv
import io
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time

import requests

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/e2e"))
from server_process import clean_environment, free_port  # noqa: E402

CONFIGURATION = ROOT / "deploy/haproxy/haproxy.cfg"
PATIENCE = 60  # seconds until something that was started is there


def find_haproxy():
    """None where it is not installed."""
    return shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin")


def wait_until(what, done, seconds=PATIENCE):
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until, f"{what}: not within {seconds} s"
        time.sleep(0.05)


class Machine:
    """A server that can be started, killed and started again on its port; `cache` is its own, as on a disk of its own."""

    def __init__(self, name, binary, models, folder, environment=()):
        self.name, self.port = name, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / f"{name}.txt"
        self._folder = folder / name
        self._folder.mkdir()
        self._command = [str(binary), "server", "start", "--host", "127.0.0.1", "--port", str(self.port), "--models",
                         str(models)]
        self._environment = clean_environment({"MODEL_CACHE_DIR": str(self._folder / "cache"), **dict(environment)})
        self.process = None

    def start(self):
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(self._command, cwd=self._folder, env=self._environment, stdout=output,
                                            stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT)

    def running(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """Its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def models(self):
        """Ids of those in memory."""
        answer = requests.get(self.url + "/model/registry", timeout=PATIENCE)
        return {model["model_id"] for model in answer.json()["models"]}


class Balancer:
    """HAProxy with the shipped configuration."""

    def __init__(self, machines, folder, slow_start="1s"):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._socket = folder / "haproxy.sock"
        self.log = folder / "haproxy.txt"
        environment = {f"OSPREY_{number}": f"127.0.0.1:{machine.port}" for number, machine in enumerate(machines, 1)}
        environment |= {"OSPREY_LISTEN": f"127.0.0.1:{self.port}", "OSPREY_HAPROXY_SOCKET": str(self._socket),
                        "OSPREY_METRICS_LISTEN": f"127.0.0.1:{free_port()}", "OSPREY_SLOW_START": slow_start}
        if os.geteuid() != 0:
            environment["OSPREY_HAPROXY_USER"] = os.environ.get("USER", "nobody")
        with self.log.open("wb") as output:
            self.process = subprocess.Popen([find_haproxy(), "-db", "-f", str(CONFIGURATION)],
                                            env=clean_environment(environment), stdout=output,
                                            stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT)
        wait_until("haproxy", self._socket.exists)

    def ask(self, command):
        with socket.socket(socket.AF_UNIX) as admin:
            admin.connect(str(self._socket))
            admin.sendall(command.encode() + b"\n")
            return b"".join(iter(lambda: admin.recv(65536), b"")).decode()

    def statistics(self):
        """Server's name -> its row of HAProxy's counts."""
        rows = csv.DictReader(io.StringIO(self.ask("show stat").removeprefix("# ")))
        return {row["svname"]: row for row in rows if row["pxname"] == "servers"}

    def is_up(self, name):
        return self.statistics()[name]["status"].startswith("UP")

    def served(self, name):
        return int(self.statistics()[name]["stot"])

    def stop(self):
        self.process.terminate()
        self.process.wait(PATIENCE)


class Fleet:
    """`with Fleet(...) as fleet:` starts the machines that are to run at the beginning, and HAProxy."""

    def __init__(self, binary, models, folder, running=3, environment=(), slow_start="1s"):
        # A balancer is one address to a server, and needs the time to see that it is about to stop.
        settings = {"OSPREY_DRAIN_DELAY_SECONDS": "2", "LOG_LEVEL": "info", **dict(environment)}
        self.machines = [Machine(f"osprey{number}", binary, models, folder, settings) for number in (1, 2, 3)]
        self._running, self._folder, self._slow_start = running, folder, slow_start
        self.balancer = None

    def __enter__(self):
        try:
            for machine in self.machines[:self._running]:
                machine.start()
            self.balancer = Balancer(self.machines, self._folder, self._slow_start)
            for machine in self.machines[:self._running]:
                self.wait_up(machine)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, *_):
        if self.balancer is not None:
            self.balancer.stop()
        for machine in self.machines:
            if machine.running():
                machine.kill()

    def wait_up(self, machine):
        # HAProxy takes a server for up before its first check, so its own word comes first.
        wait_until(f"{machine.name} ready", lambda: self.is_ready(machine))
        wait_until(f"{machine.name} up", lambda: self.balancer.is_up(machine.name))

    @staticmethod
    def is_ready(machine):
        assert machine.running(), f"{machine.name} has ended:\n{machine.log.read_text(errors='replace')}"
        try:
            return requests.get(machine.url + "/readiness", timeout=5).status_code == 200
        except requests.ConnectionError:
            return False

    def restart(self, machine):
        """As an operator does it: SIGTERM, wait for its end, start it, wait until it serves."""
        status = machine.stop()
        assert status == 0, f"{machine.name} ended with {status}:\n{machine.log.read_text(errors='replace')}"
        machine.start()
        self.wait_up(machine)

    def residence(self):
        """Model -> names of the machines that have it in memory."""
        found = {}
        for machine in self.machines:
            for model in machine.models() if machine.running() else ():
                found.setdefault(model, set()).add(machine.name)
        return found
