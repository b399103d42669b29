"""Web servers that lie about a picture, or hold the line: each ends in a 4xx in time, and the next picture is served."""
import gzip
import socket
import threading
import time

import pytest
import requests

from places import MODELS, SHIPPED_SAMPLES
from server_process import ServerProcess, find_binary

URL_SECONDS = 2
LATE_SECONDS = 2.5  # past the limit: what a busy machine may need to notice it
MIB = 1 << 20
PICTURE = next(SHIPPED_SAMPLES.rglob("*.jpg")).read_bytes()


def answer(connection, body, *fields, status="200 OK", length=None):
    head = "\r\n".join((f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *fields))
    connection.sendall(head.encode() + b"\r\n\r\n" + body)


def drip(connection, data):
    """A byte now and then, for much longer than the limit."""
    for byte in data[:100]:
        connection.sendall(bytes([byte]))
        time.sleep(0.2)


def slow_body(connection, _):
    answer(connection, b"", length=len(PICTURE))
    drip(connection, PICTURE)


def endless_chunks(connection, _):
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    chunk = b"%x\r\n%s\r\n" % (MIB, bytes(MIB))
    for _ in range(200):
        connection.sendall(chunk)


ANSWERS = {  # name -> (what the web server does, status, a word of the message)
    "picture": (lambda peer, _: answer(peer, PICTURE), 200, ""),
    "silence": (lambda peer, _: time.sleep(3 * URL_SECONDS), 400, "within"),
    "slow header": (lambda peer, _: drip(peer, b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 200), 400, "within"),
    "slow body": (slow_body, 400, "within"),
    "less than its length": (lambda peer, _: answer(peer, PICTURE[:1000], length=len(PICTURE)), 400, ""),
    "more than its length": (lambda peer, _: answer(peer, PICTURE, length=1000), 400, ""),
    "a length beyond the limit": (lambda peer, _: answer(peer, PICTURE, length=1 << 40), 413, "larger than"),
    "a negative length": (lambda peer, _: answer(peer, PICTURE, length=-1), 400, ""),
    "endless chunks": (endless_chunks, 413, "larger than"),
    "redirects in a circle": (lambda peer, path: answer(peer, b"", f"Location: {path}", status="302 Found"), 400, "redirect"),
    "a redirect to a file": (lambda peer, _: answer(peer, b"", "Location: file:///etc/passwd", status="302 Found"), 400, ""),
    # Nobody asked for gzip: what comes is bytes that are no picture, whatever it would unpack to.
    "a gzip bomb": (lambda peer, _: answer(peer, gzip.compress(bytes(100 * MIB)), "Content-Encoding: gzip"), 400, ""),
    "an endless header": (lambda peer, _: peer.sendall(b"HTTP/1.1 200 OK\r\n" + b"X-Long: " + b"a" * (8 * MIB)), 400, ""),
    "no HTTP": (lambda peer, _: peer.sendall(b"\x00\xff" * 1000), 400, ""),
    "a page": (lambda peer, _: answer(peer, b"<html>not a picture</html>", "Content-Type: image/jpeg"), 400, ""),
}


class LyingWeb:
    """Answers /NUMBER as the NUMBERth of ANSWERS does; a thread for each connection, which ends with its peer."""

    def __enter__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._listener.close()

    def url(self, name):
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}/{list(ANSWERS).index(name)}"

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection:
            try:
                path = connection.recv(65536).split(b" ")[1].decode()
                list(ANSWERS.values())[int(path[1:])][0](connection, path)
            except (OSError, IndexError):
                pass  # the peer has left, as it should


@pytest.fixture(scope="module")
def web():
    with LyingWeb() as running:
        yield running


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    settings = {"ALLOW_URL_TO_NON_GLOBAL_ADDRESSES": "true", "OSPREY_URL_SECONDS": str(URL_SECONDS), "OSPREY_MAX_URL_MIB": "4"}
    with ServerProcess(find_binary(), MODELS, tmp_path_factory.mktemp("lying-web"), environment=settings) as running:
        yield running


def infer(server, url):
    body = {"model_id": "emoji-detection/1", "image": {"type": "url", "value": url}}
    return requests.post(server.url + "/infer/object_detection", json=body, timeout=30)


@pytest.mark.parametrize("name", ANSWERS)
def test_a_picture_by_url_ends_in_time_whatever_its_server_does(server, web, name):
    _, status, word = ANSWERS[name]
    begun = time.monotonic()
    got = infer(server, web.url(name))
    assert time.monotonic() - begun < URL_SECONDS + LATE_SECONDS
    assert got.status_code == status, got.text
    assert word in got.text
    if status != 200:
        assert got.json()["message"], "a refusal says what was wrong"


def test_pictures_that_do_not_come_hold_up_no_other(server, web):
    """Many that wait for silent servers, and one with a picture beside them."""
    waiting = [threading.Thread(target=infer, args=(server, web.url("silence"))) for _ in range(24)]
    for thread in waiting:
        thread.start()
    sample = {"type": "url", "value": web.url("picture")}
    begun = time.monotonic()
    statuses = [infer(server, sample["value"]).status_code for _ in range(3)]
    took = time.monotonic() - begun
    for thread in waiting:
        thread.join()
    assert statuses == [200] * 3
    assert took < URL_SECONDS, "they had to wait for those that never came"
