"""A server in the background: started, looked at, stopped."""
import os
import pty
import shutil
import signal
import socket
import stat
import subprocess
import threading
import time

import pytest
import requests

from background import Background, ended
from places import MODELS
from server_process import free_port


@pytest.fixture
def background(binary, tmp_path):
    commands = Background(binary, tmp_path)
    yield commands
    commands.clean_up()


def one_line(result, *wanted, exit_code=1):
    assert result.returncode == exit_code, result
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    for word in wanted:
        assert str(word) in lines[0], lines[0]


def test_a_server_in_the_background_is_started_seen_and_stopped(background):
    code, told = background.status()
    assert (code, told) == (3, {"running": False, "servers": []})
    begun = time.monotonic()
    port = background.started()
    assert requests.get(f"http://127.0.0.1:{port}/healthz", timeout=5).status_code == 200
    pid = background.pid(port)
    assert os.getsid(pid) == pid, "a session of its own: it outlives the terminal"
    assert stat.S_IMODE(background.state.stat().st_mode) == 0o700
    assert stat.S_IMODE(background.pid_file(port).stat().st_mode) == 0o600
    requests.get(f"http://127.0.0.1:{port}/start/emoji-classification/1", timeout=30)

    code, told = background.status()
    assert code == 0 and told["running"]
    [server] = told["servers"]
    assert server["running"] and server["answers"] and server["detached"]
    assert (server["pid"], server["port"], server["url"]) == (pid, port, f"http://127.0.0.1:{port}")
    assert server["models"] == ["emoji-classification/1"]
    assert 5e6 < server["memory_bytes"] < 2e9
    assert 0 <= server["uptime_seconds"] <= time.monotonic() - begun + 2
    assert server["version"].count(".") == 2
    assert server["models_folder"] == str(MODELS) and server["log"].endswith(f"server-{port}.log")
    text = background.run("server", "status", "--port", port).stdout
    for word in ("running", str(pid), "uptime", "memory", "emoji-classification/1", str(port)):
        assert word in text
    assert "\x1b" not in text, "no colours where there is no terminal"

    result = background.stop()
    assert result.returncode == 0 and result.stderr == "", result
    assert f"port {port}" in result.stdout and str(pid) in result.stdout
    assert ended(pid)
    assert not background.pid_file(port).exists()
    assert "stopped" in background.log(port)
    assert background.status()[0] == 3
    again = background.stop()
    assert again.returncode == 0 and "not running" in again.stdout


def test_a_second_server_on_the_port_is_refused(background):
    port = background.started()
    one_line(background.start(port), port, background.pid(port), "inference server stop", "--port")
    assert background.status(port=port)[0] == 0


def test_two_servers_on_two_ports_do_not_meet(background):
    first, second = background.started(), background.started("--port", "0")
    code, told = background.status()
    ports = sorted(server["port"] for server in told["servers"])
    assert code == 0 and len(ports) == 2 and first in ports
    other = next(port for port in ports if port != first)
    assert (background.state / f"server-{other}.log").is_file()
    assert not list(background.state.glob("server-starting*")), "named by the port once that is known"
    assert second != other
    one_line(background.stop(), first, other, "--port", "--all", exit_code=2)
    pids = {port: background.pid(port) for port in ports}
    assert background.stop("--port", first).returncode == 0
    assert ended(pids[first]) and not ended(pids[other], 0.2)
    assert [server["port"] for server in background.status()[1]["servers"]] == [other]
    assert background.stop("--all").returncode == 0
    assert ended(pids[other])


def test_why_a_server_does_not_start_is_told(background, tmp_path):
    one_line(background.start(free_port(), models=tmp_path / "none"), "did not start", tmp_path / "none", ".log")
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        one_line(background.start(port), "did not start", port)
    shutil.copytree(MODELS / "emoji-detection", tmp_path / "broken/emoji-detection")
    (tmp_path / "broken/emoji-detection/1/weights.onnx").unlink()
    port = free_port()
    one_line(background.start(port, models=tmp_path / "broken"), "emoji-detection/1", "weights.onnx")
    assert not background.pid_file(port).exists()
    assert background.status()[1]["servers"] == []


def test_a_stale_pid_file_never_leads_to_another_process(background):
    port = background.started()
    pid_file, pid = background.pid_file(port), background.pid(port)
    os.kill(pid, signal.SIGKILL)
    assert ended(pid)
    with subprocess.Popen(["sleep", "60"]) as stranger:  # that has the number by now
        try:
            pid_file.write_text(pid_file.read_text().replace(str(pid), str(stranger.pid), 1))
            code, told = background.status()
            assert code == 3 and [server["running"] for server in told["servers"]] == [False]
            assert "has ended without being stopped" in background.run("server", "status", "--port", port).stdout
            result = background.stop()
            assert result.returncode == 0 and "ended without being stopped" in result.stdout
            assert not pid_file.exists()
            assert stranger.poll() is None, "it was not signalled"
        finally:
            stranger.kill()


def test_a_stale_pid_file_is_no_reason_not_to_start(background):
    port = background.started()
    pid = background.pid(port)
    os.kill(pid, signal.SIGKILL)
    assert ended(pid)
    assert background.start(port).returncode == 0
    assert background.pid(port) != pid


def test_a_server_in_the_foreground_is_seen_but_not_stopped(background, server):
    code, told = background.status(port=server.port)
    assert code == 0
    [seen] = told["servers"]
    assert seen["running"] and not seen["detached"] and "pid" not in seen
    result = background.run("server", "stop", "--port", server.port, "--host", "127.0.0.1")
    one_line(result, "not started by --detach", server.port)
    assert server.is_healthy()


def test_a_request_in_flight_is_waited_for(background, picture):
    """A body that comes slowly: the server ends when it was answered."""
    port = background.started("--drain-seconds", "20")
    body = picture
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"POST /emoji-classification/1 HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n"
                       b"Content-Length: %d\r\n\r\n" % len(body))
        client.sendall(body[:100])
        time.sleep(0.2)
        slow = background.stop("--timeout", "0.5")
        one_line(slow, "still finishes requests", port, "--timeout")
        pid = background.pid(port)
        rest = threading.Timer(0.5, client.sendall, [body[100:]])
        rest.start()
        result = background.stop("--port", port)
        rest.join()
        assert result.returncode == 0 and "stopped" in result.stdout, result
        assert client.recv(100).startswith(b"HTTP/1.1 ")
    assert ended(pid)


def test_requests_that_were_given_up_are_told(background, picture):
    port = background.started("--drain-seconds", "1")
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"POST /emoji-classification/1 HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(picture))
        time.sleep(0.2)
        one_line(background.stop(), "gave up requests", f"server-{port}.log")
    assert not background.pid_file(port).exists()


def test_settings_come_from_a_file_of_variables(background, tmp_path):
    port = free_port()
    (tmp_path / "env").write_text(f"# for the test\nPORT={port}\nINFERENCE_SERVER_ID=from-the-file\n")
    result = background.run("server", "start", "--detach", "-e", tmp_path / "env", "-b", "127.0.0.1", "--models", MODELS)
    assert result.returncode == 0, result
    assert requests.get(f"http://127.0.0.1:{port}/info", timeout=5).json()["uuid"] == "from-the-file"


def test_a_server_with_keys_tells_its_models_to_who_has_one(background):
    port = background.started(environment={"OSPREY_SERVER_KEYS": "secret"})
    [server] = background.status(port=port)[1]["servers"]
    assert server["answers"] and "models" not in server
    told = background.run("server", "status", "--port", port, environment={"OSPREY_SERVER_KEYS": "secret"}).stdout
    assert "0 in memory" in told and "secret" not in told


def on_a_terminal(command, environment, folder, stop_at=None):
    """What a command writes to a terminal, standard error included; SIGTERM ends it once it has written `stop_at`."""
    master, slave = pty.openpty()
    with subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=environment, cwd=folder) as process:
        os.close(slave)
        written = b""
        try:
            while piece := os.read(master, 4096):
                written += piece
                if stop_at and stop_at in written:
                    process.terminate()
                    stop_at = None
        except OSError:  # the other side is closed
            pass
        process.wait(60)
    os.close(master)
    return written.decode()


def test_colours_are_for_terminals_that_want_them(background, tmp_path):
    port = background.started()
    command = [str(background.binary), "server", "status", "--port", str(port)]
    for extra, coloured in (({"TERM": "xterm"}, True), ({"TERM": "xterm", "NO_COLOR": "1"}, False),
                            ({"TERM": "xterm", "NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)):
        shown = on_a_terminal(command, background.environment(extra), tmp_path)
        assert str(port) in shown and ("\x1b[" in shown) == coloured, (extra, shown)
    start = [str(background.binary), "server", "start", "--host", "127.0.0.1", "--port", "0", "--models", str(MODELS)]
    for extra, coloured in (({"TERM": "xterm"}, True), ({"TERM": "xterm", "NO_COLOR": "1"}, False)):
        shown = on_a_terminal(start, background.environment(extra), tmp_path, stop_at=b"Try: ")
        assert "finishing the requests" in shown and ("\x1b[" in shown) == coloured, (extra, shown)
