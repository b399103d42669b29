"""Failures: what is tried again, what is told, and that nothing is kept that should not be."""

import asyncio
import email.utils
import time

import httpx
import pytest

from fake_server import MODEL, FakeServer
from osprey_client import EncodingError, HTTPCallErrorError, HTTPClientError, HTTPServerConnectionError, InferenceHTTPClient, transport

PATH = "/infer/object_detection"


@pytest.fixture(autouse=True)
def pauses(monkeypatch):
    """The pauses that were made, in seconds; none takes time."""
    made = []

    async def sleep(seconds):
        made.append(seconds)
    monkeypatch.setattr(transport.time, "sleep", made.append)
    monkeypatch.setattr(transport.asyncio, "sleep", sleep)
    return made


def infer(client, asynchronous, image=b"x"):
    return asyncio.run(client.infer_async(image, MODEL)) if asynchronous else client.infer(image, MODEL)


WAYS = pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])


@WAYS
@pytest.mark.parametrize("failure", [httpx.Response(429), httpx.Response(503), httpx.Response(504),
                                     httpx.ConnectError("refused"), httpx.ReadError("reset"),
                                     httpx.RemoteProtocolError("closed")], ids=repr)
def test_what_passes_by_itself_is_tried_three_times(failure, asynchronous, pauses):
    server = FakeServer(answers={PATH: [failure, failure]})
    assert infer(server.client(), asynchronous)["predictions"]
    assert len(pauses) == 2 and 0 < pauses[0] < 1 and pauses[1] > 0
    server = FakeServer(answers={PATH: [failure] * 3})
    with pytest.raises(HTTPClientError):
        infer(server.client(), asynchronous)
    assert server.paths.count(PATH) == 3
    server = FakeServer(answers={PATH: [failure]})
    with pytest.raises(HTTPClientError):
        infer(server.client(attempts=1), asynchronous)


@WAYS
@pytest.mark.parametrize("failure,error", [
    (httpx.Response(500, json={"message": "broken"}), HTTPCallErrorError), (httpx.Response(404), HTTPCallErrorError),
    (httpx.ReadTimeout("late"), HTTPServerConnectionError)])
def test_the_rest_is_told_at_once(failure, error, asynchronous, pauses):
    server = FakeServer(answers={PATH: [failure]})
    with pytest.raises(error):
        infer(server.client(), asynchronous)
    assert pauses == [] and server.paths.count(PATH) == 1


@WAYS
@pytest.mark.parametrize("asked,seconds", [("3", 3), ("0", 0), ("86400", 30)])
def test_the_servers_retry_after_is_kept_to_up_to_a_limit(asked, seconds, asynchronous, pauses):
    server = FakeServer(answers={PATH: [httpx.Response(503, headers={"Retry-After": asked})]})
    infer(server.client(), asynchronous)
    assert pauses == [seconds]


def test_retry_after_may_be_a_date_or_nonsense():
    assert 8 < transport.pause_before(1, email.utils.formatdate(time.time() + 10, usegmt=True)) <= 10
    assert transport.pause_before(1, email.utils.formatdate(time.time() - 10)) == 0
    assert 0 < transport.pause_before(1, "soon") <= 0.5


@WAYS
@pytest.mark.parametrize("response,message", [
    (httpx.Response(400, json={"message": "no image"}), "no image"),
    (httpx.Response(400, json={"message": "no image", "inner_error_message": "why"}), "no image (why)"),
    (httpx.Response(422, json={"detail": [{"loc": ["body"]}]}), '[{"loc": ["body"]}]'),
    (httpx.Response(400, json={"other": 1}), "N/A"), (httpx.Response(400, json=["odd"]), '["odd"]'),
    (httpx.Response(502, text="<html>"), "<html>"), (httpx.Response(502), "Bad Gateway"),
    (httpx.Response(500, headers={"Content-Type": "application/json"}, content=b"{cut"), "{cut")])
def test_an_error_says_what_the_server_said(response, message, asynchronous):
    with pytest.raises(HTTPCallErrorError) as raised:
        infer(FakeServer(answers={PATH: [response]}).client(), asynchronous)
    assert (raised.value.status_code, raised.value.api_message) == (response.status_code, message)
    assert "POST " + PATH in raised.value.description and message in str(raised.value)


def test_no_key_is_in_an_error():
    server = FakeServer(answers={"/model/registry": [httpx.Response(401), httpx.ReadTimeout("late")]})
    for _ in range(2):
        with pytest.raises(HTTPClientError) as raised:
            server.client(api_key="sesame").infer(b"x", MODEL)
        assert "sesame" not in str(raised.value) + repr(raised.value)


def test_what_is_no_json_is_a_clean_error():
    for path in ("/model/registry", PATH):
        with pytest.raises(EncodingError, match="not JSON"):
            FakeServer(answers={path: [httpx.Response(200, text="<html>")]}).client().infer(b"x", MODEL)
    for body in ({"models": None}, {}, {"models": [{}]}, {"models": [5]}):
        with pytest.raises(EncodingError, match="list of models"):
            FakeServer(answers={"/model/registry": [httpx.Response(200, json=body)]}).client().list_loaded_models()
    with pytest.raises(EncodingError, match="uuid"):
        FakeServer(answers={"/info": [httpx.Response(200, json={"name": 1, "version": 2})]}).client().get_server_info()


@WAYS
def test_a_download_has_a_limit_and_is_tried_once(monkeypatch, asynchronous):
    monkeypatch.setattr(transport, "MAX_DOWNLOAD_BYTES", 6)
    with pytest.raises(HTTPClientError, match="larger than"):
        infer(FakeServer().client(), asynchronous, "http://server/picture.jpg")
    server = FakeServer(answers={"/picture.jpg": [httpx.ConnectError("refused")]})
    with pytest.raises(HTTPClientError, match="could not download http://server/picture.jpg: refused"):
        infer(server.client(), asynchronous, "http://server/picture.jpg?token=secret")


def test_the_key_does_not_go_to_where_images_come_from():
    server = FakeServer()
    client = server.client()
    infer(client, False, "http://server/picture.jpg")
    download = next(r for r in server.requests if r.url.path == "/picture.jpg")
    assert "key" not in str(download.url) + str(download.headers.get("Authorization", ""))


def test_cookies_are_not_kept():
    server = FakeServer(answers={"/info": [httpx.Response(200, json={"name": "", "version": "", "uuid": ""},
                                                          headers={"Set-Cookie": "a=b"})]})
    client = server.client()
    client.get_server_info()
    client.get_server_info()
    assert [r.headers.get("Cookie") for r in server.requests] == [None, None]


def test_nothing_listens_there():
    with pytest.raises(HTTPServerConnectionError), InferenceHTTPClient("http://127.0.0.1:1") as client:
        client.get_server_info()


def test_a_closed_client_opens_anew_and_an_asynchronous_one_keeps_its_own():
    client = FakeServer().client()
    with client:
        client.get_server_info()
    assert client.get_server_info().name == "n"

    async def twice():
        async with client as kept:
            return [(await kept.get_server_info_async()).name for _ in range(2)]
    assert asyncio.run(twice()) == ["n", "n"]
