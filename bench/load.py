"""Load by wrk, and what it costs the server."""
import base64
import dataclasses
import json
import re
import subprocess

import machine


@dataclasses.dataclass
class Load:
    rate: float  # requests a second
    p50: float  # milliseconds
    p90: float
    p99: float
    cpu_ms: float  # processor time of the server, per request
    memory_mb: float  # at the end


def body_for(model_id, picture):
    """The request of the stock client: JSON with a base64 picture. The key is for the reference."""
    value = base64.b64encode(picture.read_bytes()).decode()
    return json.dumps({"model_id": model_id, "api_key": "bench", "image": {"type": "base64", "value": value}}).encode()


def script(folder, body):
    """wrk's description of the request and of what it reports."""
    head = ""
    if body is not None:
        (folder / "body.json").write_bytes(body)
        head = (f'local f = io.open("{folder}/body.json", "rb")\nwrk.method = "POST"\nwrk.body = f:read("*a")\n'
                'wrk.headers["Content-Type"] = "application/json"\n')
    path = folder / "load.lua"
    path.write_text(head + 'function done(summary, latency, requests)\n  local e = summary.errors\n'
                    '  io.write(string.format("RESULT %f %f %f %f %d %d\\n", summary.requests / summary.duration * 1e6,\n'
                    '    latency:percentile(50) / 1000, latency:percentile(90) / 1000, latency:percentile(99) / 1000,\n'
                    '    e.connect + e.read + e.write + e.status + e.timeout, summary.requests))\nend\n')
    return path


def run(server, path, body, clients, seconds, folder):
    """Clients that send their next request when they have their answer. Raises RuntimeError where one was no 2xx."""
    command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "60s", "-s", str(script(folder, body)),
               server.url + path]
    before = machine.cpu_seconds(server.pid)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    cpu = machine.cpu_seconds(server.pid) - before
    found = re.search(r"RESULT (\S+) (\S+) (\S+) (\S+) (\d+) (\d+)", done.stdout)
    if not found:
        raise RuntimeError("wrk: " + (done.stderr or done.stdout)[-300:])
    rate, p50, p90, p99 = (float(value) for value in found.groups()[:4])
    errors, requests = int(found.group(5)), int(found.group(6))
    if errors or not requests:
        raise RuntimeError(f"{errors} of {requests} requests failed")
    return Load(rate, p50, p90, p99, 1e3 * cpu / requests, machine.memory_mb(server.pid))
