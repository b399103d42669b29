"""SIGTERM while clients are being served: what was begun is finished, nothing is cut off, and the exit status is 0."""
import base64
import dataclasses
import http.client
import json
import threading
import time

CLIENTS = 8
BUSY_SECONDS = 1.5
PICTURES = 4  # in one request, so that it takes long enough to be under way when the signal comes


@dataclasses.dataclass
class Attempt:
    sent: float = 0.0  # when the whole request was handed to the kernel; 0: no connection
    ended: float = 0.0
    outcome: str = ""  # "answered", "refused" (no connection), "closed" (no byte of an answer), or what went wrong


def attempt(connection, body):
    """Sends one request, and tells what became of it."""
    result = Attempt()
    try:
        connection.request("POST", "/infer/object_detection", body, {"Content-Type": "application/json"})
    except ConnectionRefusedError:
        result.outcome = "refused"
        return result
    except OSError:
        result.outcome = "closed"  # while sending: an idle connection that the server gave up
        return result
    result.sent = time.monotonic()
    try:
        response = connection.getresponse()
        answer = response.read()
        complete = response.status == 200 and len(json.loads(answer)) == PICTURES
        result.outcome = "answered" if complete else f"status {response.status}: {answer[:200]!r}"
    except (http.client.RemoteDisconnected, ConnectionResetError):
        result.outcome = "closed"
    except (http.client.HTTPException, ValueError, OSError) as error:
        result.outcome = f"cut off: {error!r}"
    result.ended = time.monotonic()
    return result


def client(port, body, keeps_alive, attempts):
    """Asks again and again, until it can no longer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    while not attempts or attempts[-1].outcome == "answered":
        attempts.append(attempt(connection, body))
        if not keeps_alive:
            connection.close()
    connection.close()


def test_every_request_that_was_begun_is_answered(start_server, picture):
    image = {"type": "base64", "value": base64.b64encode(picture).decode()}
    body = json.dumps({"model_id": "emoji-detection/1", "image": [image] * PICTURES})
    with start_server() as server:
        warm = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        assert attempt(warm, body).outcome == "answered"
        warm.close()
        records = [[] for _ in range(CLIENTS)]
        threads = [threading.Thread(target=client, args=(server.port, body, i % 2 == 0, record))
                   for i, record in enumerate(records)]
        for thread in threads:
            thread.start()
        time.sleep(BUSY_SECONDS)
        signalled = time.monotonic()
        server.terminate()
        status = server.wait()
        for thread in threads:
            thread.join(60)
            assert not thread.is_alive()
    assert status == 0, server.text()

    last = [record[-1] for record in records]
    assert {one.outcome for one in last} <= {"refused", "closed"}, last  # each client's loop ended by itself, cleanly
    assert all(len(record) > 1 for record in records)
    # A request that had long arrived when the signal came has to be answered; one sent at that very moment may find its
    # connection closed.
    begun = [one for record in records for one in record if one.sent and one.sent < signalled - 0.02 and one.ended > signalled]
    assert begun, "no request was under way: the test shows nothing"
    assert [one.outcome for one in begun] == ["answered"] * len(begun)


def test_an_idle_server_stops_at_once(start_server):
    with start_server() as server:
        idle = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        idle.request("GET", "/healthz")
        idle.getresponse().read()  # and the connection stays open: it has nothing under way, so nobody waits for it
        begun = time.monotonic()
        server.terminate()
        assert server.wait(10) == 0
        assert time.monotonic() - begun < 2
        idle.close()
