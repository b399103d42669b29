"""Servers on loopback: Osprey, the reference, nginx. Each is a context manager with `url` and `pid`."""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import pathlib
import urllib.error
import urllib.request

from machine import ROOT, free_port

REGISTRY = ROOT.parent / "shared" / "registry" / "serve.py"
REFERENCE_APP = """\
from inference.core.interfaces.http.http_api import HttpInterface
from inference.core.managers.base import ModelManager
from inference.core.registries.roboflow import RoboflowModelRegistry
from inference.models.utils import ROBOFLOW_MODEL_TYPES
app = HttpInterface(ModelManager(model_registry=RoboflowModelRegistry(ROBOFLOW_MODEL_TYPES))).app
"""


def post(url, body, timeout=120):
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    return json.load(urllib.request.urlopen(request, timeout=timeout))


class Server:
    """A process that answers `probe` with 200 once it is ready; `start_seconds` is the time to that."""

    def __init__(self, command, port, probe, seconds=30, environment=None, folder=None, log=None):
        self.url = f"http://127.0.0.1:{port}"
        began = time.monotonic()
        output = open(log, "w") if log else subprocess.DEVNULL
        self.process = subprocess.Popen(command, stdout=output, stderr=output if log else None, env=environment, cwd=folder)
        while True:
            try:
                urllib.request.urlopen(self.url + probe, timeout=2).read()
                break
            except urllib.error.HTTPError:
                break
            except OSError:
                if self.process.poll() is not None or time.monotonic() - began > seconds:
                    self.stop()
                    raise RuntimeError(f"{command[0]} did not start") from None
                time.sleep(0.001)
        self.start_seconds = time.monotonic() - began

    @property
    def pid(self):
        return self.process.pid

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def osprey(binary, models, environment=None):
    port = free_port()
    command = [str(binary), "server", "start", "--host", "127.0.0.1", "--port", str(port), "--models", str(models),
               "--log-level", "error"]
    return Server(command, port, "/healthz", environment={**os.environ, **(environment or {})})


def nginx(folder):
    """/healthz as a static body by one worker, as Osprey has one I/O thread. None where nginx is not installed."""
    binary = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if not binary:
        return None
    port = free_port()
    configuration = folder / "nginx.conf"
    configuration.write_text(
        f"daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log;\n"
        "events { worker_connections 512; }\n"
        f"http {{ access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;\n"
        f"  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;\n"
        "  keepalive_requests 100000000;\n"
        f"  server {{ listen 127.0.0.1:{port}; location /healthz {{ default_type application/json;\n"
        "    return 200 '{\"status\":\"healthy\"}'; } } }\n")
    return Server([binary, "-c", str(configuration)], port, "/healthz")


class Reference:
    """The reference server, which loads its models from a registry on loopback. Raises RuntimeError where it cannot be."""

    def __init__(self, python, packages):
        if not REGISTRY.exists():
            raise RuntimeError("its models need the registry of ../shared, which is not here")
        installed = pathlib.Path(python).exists() and subprocess.run(
            [python, "-c", "import inference, uvicorn"], capture_output=True, check=False).returncode == 0
        if not installed:
            raise RuntimeError("inference-cpu is not installed in .venv-bench (scripts/setup.sh bench)")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="osprey-bench-"))
        for part in ("static", "_next/static"):
            (self.folder / "inference/landing/out" / part).mkdir(parents=True)
        (self.folder / "reference_app.py").write_text(REFERENCE_APP)
        merged = self.folder / "packages"
        for source in packages:
            for project in pathlib.Path(source).iterdir():
                if project.is_dir():
                    shutil.copytree(project, merged / project.name, dirs_exist_ok=True)
        registry_port, port = free_port(), free_port()
        self.registry = Server([sys.executable, str(REGISTRY), "--packages", str(merged), "--port", str(registry_port)],
                               registry_port, "/_stats", log=self.folder / "registry.log")
        hub = self.registry.url
        environment = {**os.environ, "API_BASE_URL": hub, "ROBOFLOW_API_HOST": hub, "MODEL_CACHE_DIR": str(self.folder / "cache"),
                       "INFERENCE_HOME": str(self.folder / "cache"), "ROBOFLOW_API_KEY": "bench", "TELEMETRY_OPT_OUT": "True",
                       "METRICS_ENABLED": "False", "DISABLE_VERSION_CHECK": "True", "HF_HUB_OFFLINE": "1",
                       "ONNXRUNTIME_EXECUTION_PROVIDERS": "[CPUExecutionProvider]"}
        try:
            self.server = Server([python, "-m", "uvicorn", "reference_app:app", "--host", "127.0.0.1", "--port", str(port),
                                  "--log-level", "warning"], port, "/info", 180, environment, self.folder,
                                 self.folder / "server.log")
        except RuntimeError:
            log = (self.folder / "server.log").read_text()
            self.registry.stop()
            raise RuntimeError("it did not start: " + (log.strip().splitlines() or ["no word"])[-1]) from None
        self.url, self.pid, self.start_seconds = self.server.url, self.server.pid, self.server.start_seconds

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.stop()
        self.registry.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
