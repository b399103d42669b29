"""The detection routes on the wire: bodies as a client without a library sends them, the answers byte for byte as named."""
import base64
import json
import re
import uuid

import pytest
import requests

MODEL = "emoji-detection/1"
V2 = "/infer/object_detection"
V1 = "/" + MODEL
FORM = "application/x-www-form-urlencoded"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@pytest.fixture(scope="module")
def text(picture):
    return base64.b64encode(picture).decode()


def post_v2(server, image, **fields):
    return requests.post(server.url + V2, json={"model_id": MODEL, "image": image, **fields}, timeout=60)


def post_v1(server, body, content_type=FORM, **query):
    return requests.post(server.url + V1, data=body, params=query, timeout=60, headers={"Content-Type": content_type})


def base64_image(text):
    return {"type": "base64", "value": text}


def steady(answer):
    """An answer without what is new each time."""
    return {"image": answer["image"],
            "predictions": [{k: v for k, v in p.items() if k != "detection_id"} for p in answer["predictions"]]}


def test_a_picture_is_answered_with_the_named_keys_in_their_order(server, text):
    response = post_v2(server, base64_image(text))
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"
    answer = response.json()
    keys = list(answer)
    assert [key for key in keys if key != "resolved_model"] == ["inference_id", "time", "image", "predictions"]
    assert keys.index("image") == len(keys) - 2  # where resolved_model is there, it stands before it
    assert UUID.fullmatch(answer["inference_id"])
    assert isinstance(answer["time"], float)
    assert answer["image"] == {"width": 640, "height": 480}
    assert len(answer["predictions"]) == 1
    cat = answer["predictions"][0]
    assert list(cat) == ["x", "y", "width", "height", "confidence", "class", "class_id", "detection_id"]
    assert (cat["class"], cat["class_id"]) == ("cat", 12)
    assert UUID.fullmatch(cat["detection_id"])
    assert abs(cat["x"] - 328.5) < 10 and abs(cat["y"] - 203) < 10  # the truth: 97x98 at 280, 154


def test_numbers_and_spacing_are_written_as_by_the_reference(server, text):
    body = post_v2(server, base64_image(text)).text
    assert ", " not in body and ": " not in body
    for key in ("x", "y", "width", "height"):
        found = re.search(rf'"predictions":\[\{{.*?"{key}":([^,]+),', body)
        assert re.fullmatch(r"\d+\.[05]", found[1]), f"{key} is {found[1]}: from integer corners, with a decimal point"
    assert '"image":{"width":640,"height":480}' in body


def test_a_list_is_answered_by_a_list_even_of_one(server, text, samples):
    single = post_v2(server, base64_image(text)).json()
    one = post_v2(server, [base64_image(text)]).json()
    assert isinstance(one, list) and len(one) == 1
    others = [base64_image(base64.b64encode(sample.path.read_bytes()).decode()) for sample in samples[1:3]]
    three = post_v2(server, [*others, base64_image(text)]).json()
    assert [a["image"]["width"] for a in three] == [s.width for s in samples[1:3]] + [640]
    assert len({a["inference_id"] for a in three}) == 1
    assert three[2]["predictions"][0]["class"] == single["predictions"][0]["class"]


def test_id_is_given_back(server, text):
    assert post_v2(server, base64_image(text), id="my-own").json()["inference_id"] == "my-own"


@pytest.mark.parametrize("spoil", [
    pytest.param(lambda text: "data:image/jpeg;base64," + text, id="data URI"),
    pytest.param(lambda text: "\n".join(text[i:i + 76] for i in range(0, len(text), 76)), id="wrapped lines"),
])
def test_base64_is_read_leniently(server, text, spoil):
    assert steady(post_v2(server, base64_image(spoil(text))).json()) == steady(post_v2(server, base64_image(text)).json())
    assert steady(post_v1(server, spoil(text)).json()) == steady(post_v2(server, base64_image(text)).json())


@pytest.mark.parametrize("fields", [
    {"api_key": None}, {"colour": "blue"}, {"class_filter": []}, {"confidence": "0.4"}, {"disable_active_learning": False}])
def test_fields_that_change_nothing(server, text, fields):
    assert steady(post_v2(server, base64_image(text), **fields).json()) == steady(post_v2(server, base64_image(text)).json())


def test_confidence_on_v2_is_a_share_and_never_a_percentage(server, text):
    assert post_v2(server, base64_image(text), confidence=40).json()["predictions"] == []
    assert len(post_v2(server, base64_image(text), confidence=0.01).json()["predictions"]) > 1


def test_confidence_on_v1_is_a_share_or_a_percentage(server, text):
    share, percentage = (steady(post_v1(server, text, confidence=value).json()) for value in ("0.4", "40"))
    assert share == percentage == steady(post_v2(server, base64_image(text), confidence=0.4).json())
    assert post_v1(server, text, confidence="99").json()["predictions"] == []


@pytest.mark.parametrize("content_type", [FORM, "application/json", "text/plain"])
def test_v1_takes_bare_base64_under_any_content_type(server, text, content_type):
    response = post_v1(server, text, content_type, api_key="None", disable_active_learning="True", labels="False")
    assert response.status_code == 200
    assert [p["class"] for p in response.json()["predictions"]] == ["cat"]


# Management and state ------------------------------------------------------------------------------------------------

def registry(server):
    return requests.get(server.url + "/model/registry", params={"api_key": "None"}, timeout=10).json()


def manage(server, action, **body):
    return requests.post(f"{server.url}/model/{action}", json=body or None, timeout=60)


def test_models_are_added_listed_removed_and_cleared(own_server):
    empty = registry(own_server)
    assert empty["models"] == []
    assert {"total_vram_bytes", "gpu_memory_used", "gpu_memory_total"} < set(empty)
    added = manage(own_server, "add", model_id=MODEL, api_key=None)
    assert added.status_code == 200
    entry = added.json()["models"][0]
    assert list(entry) == ["model_id", "task_type", "batch_size", "input_height", "input_width", "vram_bytes",
                           "request_aliases", "request_paths"]
    assert (entry["model_id"], entry["task_type"], entry["batch_size"]) == (MODEL, "object-detection", None)
    assert (entry["input_height"], entry["input_width"]) == (320, 320)
    assert entry["request_paths"] == ["/model/add"]
    assert registry(own_server) == added.json()
    assert manage(own_server, "add", model_id=MODEL).json() == added.json()
    assert manage(own_server, "remove", model_id="no-such-project/1").json() == added.json()
    assert manage(own_server, "remove", model_id=MODEL).json()["models"] == []
    manage(own_server, "add", model_id=MODEL)
    assert manage(own_server, "clear").json() == empty
    assert registry(own_server) == empty


def test_a_request_loads_the_model_that_it_names_and_tells_so(own_server, text):
    cold = post_v2(own_server, base64_image(text))
    assert (cold.headers["X-Model-Cold-Start"], cold.headers["X-Model-Cold-Start-Count"]) == ("true", "1")
    assert cold.headers["X-Model-Id"] == MODEL
    warm = post_v2(own_server, base64_image(text))
    assert (warm.headers["X-Model-Cold-Start"], warm.headers["X-Model-Cold-Start-Count"]) == ("false", "0")
    assert [model["model_id"] for model in registry(own_server)["models"]] == [MODEL]
    assert registry(own_server)["models"][0]["request_paths"] == [V2]


def test_tells_that_it_is_there_and_who_it_is(server):
    assert requests.get(server.url + "/healthz", timeout=10).json() == {"status": "healthy"}
    assert requests.get(server.url + "/readiness", timeout=10).json() == {"status": "ready"}
    info = requests.get(server.url + "/info", timeout=10).json()
    assert list(info) == ["name", "version", "uuid"] and all(info.values())
    assert requests.get(server.url + "/info", timeout=10).json() == info


# Errors --------------------------------------------------------------------------------------------------------------

def wrong(name, status, location=None, kind=None, **fields):
    """A v2 body that is wrong: IMAGE stands for a good picture; None for a field leaves it out."""
    return pytest.param(fields, status, location, kind, id=name)


IMAGE = object()


@pytest.mark.parametrize("fields,status,location,kind", [
    wrong("unknown model", 404, model_id="no-such-project/1"),
    wrong("unknown version", 404, model_id="emoji-detection/99"),
    wrong("three segments", 400, model_id="a/b/c"),
    wrong("path in the id", 400, model_id="../emoji-detection/1"),
    wrong("malformed base64", 400, image={"type": "base64", "value": "@@@not base64"}),
    wrong("not a picture", 400, image={"type": "base64", "value": "aGVsbG8gd29ybGQ="}),
    wrong("empty picture", 400, image={"type": "base64", "value": ""}),
    wrong("unknown image type", 400, image={"type": "telepathy", "value": "x"}),
    wrong("empty list", 400, image=[]),
    wrong("no image", 422, ["body", "image"], "missing", image=None),
    wrong("no model", 422, ["body", "model_id"], "missing", model_id=None),
    wrong("image a string", 422, ["body", "image", "list[InferenceRequestImage]"], "list_type", image="just text"),
    wrong("confidence a word", 422, ["body", "confidence", "float"], "float_parsing", confidence="high"),
    wrong("max_detections a word", 422, ["body", "max_detections"], "int_parsing", max_detections="many"),
    wrong("class_filter a number", 422, ["body", "class_filter"], "list_type", class_filter=5),
])
def test_a_wrong_body_is_told_what_is_wrong(server, text, fields, status, location, kind):
    body = {"model_id": MODEL, "image": IMAGE, **fields}
    body = {key: base64_image(text) if value is IMAGE else value for key, value in body.items() if value is not None}
    response = requests.post(server.url + V2, json=body, timeout=60)
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"] == "application/json"
    if status != 422:
        message = response.json()["message"]
        assert isinstance(message, str) and len(message) > 10
        return
    first = response.json()["detail"][0]
    assert (first["loc"], first["type"]) == (location, kind)
    assert first["msg"] and "input" in first and "url" not in first


@pytest.mark.parametrize("body,content_type,location,kind", [
    pytest.param('{"model_id": ', "application/json", ["body", 13], "json_invalid", id="cut short"),
    pytest.param("", "application/json", ["body"], "missing", id="empty"),
    pytest.param("[1,2]", "application/json", ["body"], "model_attributes_type", id="a list"),
    pytest.param("{}", "text/plain", ["body"], "model_attributes_type", id="not declared as JSON"),
])
def test_what_is_no_json_object_is_a_422(server, body, content_type, location, kind):
    response = requests.post(server.url + V2, data=body, headers={"Content-Type": content_type}, timeout=10)
    assert response.status_code == 422
    assert [(item["loc"], item["type"]) for item in response.json()["detail"]] == [(location, kind)]


def test_wrong_v1_requests_are_told_what_is_wrong(server, text, picture):
    assert "bytes" in post_v1(server, picture).json()["message"]
    assert "Empty" in post_v1(server, "").json()["message"]
    assert post_v1(server, picture).status_code == post_v1(server, "").status_code == 400
    assert post_v1(server, text, image_type="telepathy").status_code == 400
    no_type = requests.Request("POST", server.url + V1, data=text).prepare()
    no_type.headers.pop("Content-Type", None)
    refused = requests.Session().send(no_type, timeout=10)
    assert refused.status_code == 400 and "Content-Type" in refused.json()["message"]
    words = post_v1(server, text, confidence="high")
    assert words.status_code == 422 and words.json()["detail"][0]["loc"][:2] == ["query", "confidence"]
    assert post_v1(server, text, labels="perhaps").json()["detail"][0]["loc"] == ["query", "labels"]


def test_unknown_paths_and_methods(server):
    assert requests.get(server.url + "/nowhere", timeout=10).status_code == 404
    posted = requests.post(server.url + "/nowhere", json={}, timeout=10)
    assert (posted.status_code, posted.json()) == (405, {"detail": "Method Not Allowed"})
    deleted = requests.delete(server.url + "/info", timeout=10)
    assert (deleted.status_code, deleted.json()) == (405, {"detail": "Method Not Allowed"})
    assert "GET" in deleted.headers["Allow"]
    # Two segments are a model of the older route, whatever they look like.
    assert requests.get(server.url + "/model/add", timeout=10).status_code == 400


# Headers -------------------------------------------------------------------------------------------------------------

def test_the_request_id_is_given_back_or_made(server):
    def answered(value):
        return requests.get(server.url + "/info", headers={"X-Request-ID": value} if value else {}, timeout=10)
    mine = str(uuid.uuid4())
    assert answered(mine).headers["X-Request-ID"] == mine
    made = answered(None).headers["X-Request-ID"]
    assert re.fullmatch(r"[0-9a-f]{32}", made)
    assert answered(None).headers["X-Request-ID"] != made
    assert requests.post(server.url + "/nowhere", timeout=10).headers["X-Request-ID"]


def test_a_page_of_another_origin_may_ask(server, text):
    origin = "https://example.com"
    preflight = requests.options(server.url + V2, timeout=10, headers={
        "Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"})
    assert preflight.status_code == 200
    assert preflight.headers["Access-Control-Allow-Origin"] == origin
    assert "POST" in re.split(r",\s*", preflight.headers["Access-Control-Allow-Methods"])
    assert "content-type" in preflight.headers["Access-Control-Allow-Headers"].lower()
    assert preflight.headers["Access-Control-Max-Age"] == "600"
    body = json.dumps({"model_id": MODEL, "image": base64_image(text)})
    asked = requests.post(server.url + V2, data=body, timeout=60, headers={
        "Origin": origin, "Content-Type": "application/json"})
    assert asked.status_code == 200
    assert asked.headers["Access-Control-Allow-Origin"] == origin
    assert asked.headers["Access-Control-Allow-Credentials"] == "true"
    assert "X-Model-Cold-Start" in asked.headers["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Origin" not in requests.get(server.url + "/info", timeout=10).headers
