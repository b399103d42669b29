"""HTTP's own side of every route: HEAD, preflight, what a repeated parameter means, pictures as answers, and /openapi.json
that is the server's whole surface."""
import io
import re

import pytest
import requests
from PIL import Image
from places import SHIPPED_SAMPLES

MODEL = "emoji-detection/1"
PICTURE = (SHIPPED_SAMPLES / "000.jpg").read_bytes()
PAGES = ["/", "/docs", "/redoc", "/openapi.json", "/static/docs/swagger-ui.css"]
GETS = ["/healthz", "/readiness", "/info", "/model/registry", "/clear_cache", "/start/emoji-detection/1", "/metrics",
        "/logs", "/device/stats", *PAGES]
POSTS = ["/infer/object_detection", "/infer/instance_segmentation", "/infer/keypoints_detection", "/infer/classification",
         "/infer/semantic_segmentation", "/model/add", "/model/remove", "/model/clear", "/" + MODEL]
VARYING = {"date", "x-request-id", "content-length"}


def headers_of(response):
    return {name.lower(): value for name, value in response.headers.items() if name.lower() not in VARYING}


@pytest.mark.parametrize("path", GETS)
def test_head_is_get_without_its_body(server, path):
    plain = {"Accept-Encoding": "identity"}
    got, head = (requests.request(method, server.url + path, headers=plain, timeout=60) for method in ("GET", "HEAD"))
    assert got.status_code in (200, 404) and head.status_code == got.status_code
    assert head.content == b"" and got.content
    assert headers_of(head) == headers_of(got)
    if path not in ("/metrics", "/logs"):  # those tell of themselves
        assert head.headers["Content-Length"] == got.headers["Content-Length"] == str(len(got.content))


def test_head_of_a_model_is_a_prediction_without_its_body(server):
    head = requests.head(f"{server.url}/{MODEL}", data=PICTURE.hex(), headers={"Content-Type": "text/plain"}, timeout=60)
    assert head.status_code == 400 and head.content == b""


@pytest.mark.parametrize("path", GETS + POSTS + ["/nowhere", "/a/b/c"])
def test_a_preflight_is_answered_everywhere(server, path):
    origin = "https://example.com"
    response = requests.options(server.url + path, timeout=10, headers={
        "Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "X-One, content-type"})
    assert (response.status_code, response.text) == (200, "OK")
    assert response.headers["Content-Type"].startswith("text/plain")
    assert response.headers["Access-Control-Allow-Origin"] == origin
    assert response.headers["Access-Control-Allow-Credentials"] == "true"
    assert response.headers["Access-Control-Max-Age"] == "600"
    assert set(re.split(r",\s*", response.headers["Access-Control-Allow-Methods"])) == {
        "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}
    assert response.headers["Access-Control-Allow-Headers"] == "X-One, content-type"
    assert "Origin" in response.headers["Vary"]


@pytest.mark.parametrize("path", ["/info", "/nowhere", "/" + MODEL])
def test_origins_are_told_what_they_may_read(server, path):
    with_origin = requests.get(server.url + path, headers={"Origin": "https://a.example"}, timeout=10)
    assert with_origin.headers["Access-Control-Allow-Origin"] == "https://a.example"
    exposed = set(re.split(r",\s*", with_origin.headers["Access-Control-Expose-Headers"]))
    assert {"X-Model-Id", "X-Model-Cold-Start", "X-Model-Load-Time", "execution_id", "traceparent"} <= exposed
    without = requests.get(server.url + path, timeout=10)
    assert without.headers["Vary"] == "Origin"
    assert not [name for name in without.headers if name.lower().startswith("access-control")]


def test_another_origin_is_refused_where_they_are_named(start_server):
    with start_server(environment={"ALLOW_ORIGINS": "https://a.example"}) as running:
        def preflight(origin):
            return requests.options(running.url + "/info", timeout=10, headers={
                "Origin": origin, "Access-Control-Request-Method": "GET"})
        assert preflight("https://a.example").status_code == 200
        refused = preflight("https://b.example")
        assert (refused.status_code, refused.text) == (400, "Disallowed CORS origin")


# The older route ------------------------------------------------------------------------------------------------------

def post_form(server, picture=PICTURE, **query):
    return requests.post(f"{server.url}/{MODEL}", params=query, files={"file": ("a.jpg", picture)}, timeout=60)


def small_data_uri():
    import base64
    buffer = io.BytesIO()
    Image.new("RGB", (31, 17), "white").save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def test_image_in_the_query_wins_over_the_body(server):
    assert post_form(server).json()["image"] == {"width": 640, "height": 480}
    assert post_form(server, image=small_data_uri()).json()["image"] == {"width": 31, "height": 17}
    body = requests.post(f"{server.url}/{MODEL}", params={"image": small_data_uri()}, data=b"anything", timeout=60,
                         headers={"Content-Type": "text/plain"})
    assert body.json()["image"] == {"width": 31, "height": 17}
    got = requests.get(f"{server.url}/{MODEL}", params={"image": small_data_uri()}, timeout=60)
    assert got.json()["image"] == {"width": 31, "height": 17}


def test_the_last_of_a_repeated_parameter_counts(server):
    def found(query):
        return requests.post(f"{server.url}/{MODEL}?{query}", files={"file": ("a.jpg", PICTURE)}, timeout=60).json()
    assert found("confidence=0.4&confidence=0.99")["predictions"] == []
    assert len(found("confidence=0.99&confidence=0.4")["predictions"]) == 1
    assert "visualization" in found("format=json&format=image_and_json")


@pytest.mark.parametrize("size", [(640, 480), (33, 57), (1, 1), (5, 900)])
@pytest.mark.parametrize("options", [{}, {"labels": "True", "stroke": "4"}])
def test_format_image_is_a_jpeg_of_the_same_size(server, size, options):
    buffer = io.BytesIO()
    Image.open(SHIPPED_SAMPLES / "000.jpg").resize(size).save(buffer, "JPEG")
    response = post_form(server, buffer.getvalue(), format="image", **options)
    assert (response.status_code, response.headers["Content-Type"]) == (200, "image/jpeg")
    answer = Image.open(io.BytesIO(response.content))
    assert (answer.format, answer.size) == ("JPEG", size)


@pytest.mark.parametrize("model", ["emoji-segmentation/1", "emoji-classification/1", "emoji-multilabel/1"])
def test_format_image_of_the_other_tasks(server, model):
    for query in ({}, {"confidence": "0.999"}):  # with something to draw, and with nothing
        response = requests.post(f"{server.url}/{model}", params={"format": "image", **query},
                                 files={"file": ("a.jpg", PICTURE)}, timeout=60)
        assert response.status_code == 200
        assert Image.open(io.BytesIO(response.content)).size == (640, 480)
