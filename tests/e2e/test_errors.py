"""A row for each kind of error that the reference names (reference/http-api.md, section 7): its status, the form of its body,
and the words that tell what is wrong."""
import base64
import io
import pickle
import re

import numpy
import pytest
import requests
from PIL import Image
from places import SHIPPED_SAMPLES

MODEL = "emoji-detection/1"
V2, V1 = "/infer/object_detection", "/" + MODEL
TEXT = base64.b64encode((SHIPPED_SAMPLES / "000.jpg").read_bytes()).decode()
IMAGE = {"type": "base64", "value": TEXT}
FORM = "application/x-www-form-urlencoded"
LOAD = "Could not load input image. Cause: "


def v2(route="object_detection", image=IMAGE, raw=None, content_type="application/json", **fields):
    """A request of the newer kind. A field of None is left out; `raw`: the body itself."""
    body = {name: value for name, value in {"model_id": MODEL, "image": image, **fields}.items() if value is not None}
    if raw is not None:
        return "POST", f"/infer/{route}", {}, {"data": raw, "headers": {"Content-Type": content_type}}
    return "POST", f"/infer/{route}", {}, {"json": body}


def picture(value, kind="base64"):
    return v2(image={"type": kind, "value": value})


def v1(body=TEXT, content_type=FORM, method="POST", model=MODEL, **query):
    headers = {"Content-Type": content_type} if content_type else {}
    return method, "/" + model, query, {"data": body, "headers": headers}


def form(files=None, fields=None, **query):
    return "POST", V1, query, {"files": files, "data": fields}


def plain(method, path, **more):
    return method, path, {}, more


# name, request, status, words in the message (400 and the like) or (loc, type) of the first detail (422)
ROWS = [
    # a field that does not fit
    ("no model", v2(model_id=None), 422, (["body", "model_id"], "missing")),
    ("no image", v2(image=None), 422, (["body", "image"], "missing")),
    ("image without a type", v2(image={"value": TEXT}), 422,
     (["body", "image", "InferenceRequestImage", "type"], "missing")),
    ("image in a list without a type", v2(image=[IMAGE, {"value": TEXT}]), 422,
     (["body", "image", "list[InferenceRequestImage]", 1, "type"], "missing")),
    ("confidence a word", v2(confidence="high"), 422, (["body", "confidence", "float"], "float_parsing")),
    ("confidence null", v2(raw='{"model_id":"a/1","image":{"type":"base64","value":"AA"},"confidence":null}'), 422,
     (["body", "confidence", "float"], "float_type")),
    ("best for keypoints", v2("keypoints_detection", confidence="best"), 422, (["body", "confidence"], "float_parsing")),
    ("id a number", v2(id=7), 422, (["body", "id"], "string_type")),
    ("a fraction of a detection", v2(max_detections=1.5), 422, (["body", "max_detections"], "int_from_float")),
    ("a filter of numbers", v2(class_filter=["cat", 5]), 422, (["body", "class_filter", 1], "string_type")),
    ("a flag of 2", v2(class_agnostic_nms=2), 422, (["body", "class_agnostic_nms"], "bool_parsing")),
    ("a mask format that is none", v2("instance_segmentation", response_mask_format="dummy"), 422,
     (["body", "response_mask_format"], "literal_error")),
    ("a semantic mask format that is none", v2("semantic_segmentation", response_mask_format="rle"), 422,
     (["body", "response_mask_format"], "literal_error")),
    ("v1: a mask format that is none", v1(response_mask_format="dummy"), 422,
     (["query", "response_mask_format"], "literal_error")),
    ("v1: confidence a word", v1(confidence="high"), 422, (["query", "confidence", "float"], "float_parsing")),
    ("v1: an empty number", v1(overlap=""), 422, (["query", "overlap"], "float_parsing")),
    ("v1: an empty flag", v1(labels=""), 422, (["query", "labels"], "bool_parsing")),
    ("v1: a stroke with a fraction", v1(stroke="1.5"), 422, (["query", "stroke"], "int_parsing")),
    ("add without a model", plain("POST", "/model/add", json={}), 422, (["body", "model_id"], "missing")),
    ("remove without a model", plain("POST", "/model/remove", json={}), 422, (["body", "model_id"], "missing")),
    ("add of a number", plain("POST", "/model/add", json={"model_id": 7}), 422, (["body", "model_id"], "string_type")),
    # malformed JSON, no JSON
    ("cut short", v2(raw='{"model_id": '), 422, (["body", 13], "json_invalid")),
    ("a comma too many", v2(raw='{"model_id": "a/1",}'), 422, "json_invalid"),
    ("not UTF-8", v2(raw=b'{"model_id": "\xff\xfe"}'), 422, "json_invalid"),
    ("nested without end", v2(raw='{"model_id":"a/1","image":' + "[" * 5000), 422, "json_invalid"),
    ("no body", v2(raw=""), 422, (["body"], "missing")),
    ("a list", v2(raw="[1,2]"), 422, (["body"], "model_attributes_type")),
    ("not sent as JSON", v2(raw="{}", content_type="text/plain"), 422, (["body"], "model_attributes_type")),
    # v1 without a type, or with one that does not hold
    ("v1: no Content-Type", v1(content_type=None), 400, "Content-Type header not provided"),
    ("v1: GET with nothing", v1(body=None, content_type=None, method="GET"), 400, "Content-Type header not provided"),
    ("v1: form without a file", form(files={"other": b"x"}), 400, LOAD),
    ("v1: form with a field for the file", ("POST", V1, {}, {"files": {"file": (None, "text")}}), 400, LOAD),
    ("v1: form without a boundary", v1(content_type="multipart/form-data"), 400, LOAD),
    ("v1: form that is none, and a URL", v1(content_type="multipart/form-data; boundary=x", image="https://a.com"), 400,
     LOAD),
    # images
    ("malformed base64", picture("AAAAA"), 400, LOAD + "Malformed base64 input image."),
    ("base64 of no alphabet", picture("@@@"), 400, LOAD),
    ("not an image", picture("aGVsbG8gd29ybGQ="), 400, LOAD),
    ("empty image", picture(""), 400, LOAD + "Empty image payload."),
    ("no value", v2(image={"type": "base64"}), 400, LOAD + "Empty image payload."),
    ("value a number", picture(7), 400, LOAD),
    ("value an object", picture({"a": 1}), 400, LOAD),
    ("unknown type", picture(TEXT, "telepathy"), 400, "image declaration contains not recognised image type"),
    ("type of the reference's own process", picture(TEXT, "pil"), 400, LOAD),
    ("a file of the server", picture("/etc/passwd", "file"), 400, LOAD),
    ("a pickle that is none", picture("AAAA", "numpy"), 400, LOAD + "Could not deserialize pickle payload."),
    ("a pickle of base64 that is none", picture("AAAAA", "numpy"), 400, LOAD + "Malformed base64"),
    ("v1: empty body", v1(""), 400, LOAD + "Empty image payload."),
    ("v1: raw bytes for base64", v1((SHIPPED_SAMPLES / "000.jpg").read_bytes()), 400, "bytes"),
    ("v1: a pickle that is none", v1(b"\x80\x04K\x01.", image_type="numpy"), 400, LOAD),
    ("v1: a pickle of text", v1(pickle.dumps(numpy.full((2, 2), "a")), image_type="numpy"), 400, LOAD),
    ("v1: unknown image_type", v1(image_type="telepathy"), 400, "not recognised image type"),
    ("v1: form of no image", form(files={"file": ("a.jpg", b"hello", "image/jpeg")}), 400, LOAD),
    ("v1: form of nothing", form(files={"file": ("a.jpg", b"", "image/jpeg")}), 400, LOAD + "Empty image payload."),
    # URLs
    ("URL of another scheme", picture("ftp://example.com/a.jpg", "url"), 400, LOAD),
    ("URL of a file", picture("file:///etc/passwd", "url"), 400, LOAD),
    ("URL to loopback", picture("http://127.0.0.1:1/a.jpg", "url"), 400, LOAD),
    ("URL to loopback by name", picture("http://localhost:1/a.jpg", "url"), 400, LOAD),
    ("URL that is none", picture("not a url", "url"), 400, LOAD),
    ("data URI that is no image", picture("data:image/png;base64,AAAA", "url"), 400, LOAD),
    ("v1: URL to loopback", v1(None, None, image="http://127.0.0.1:1/a.jpg"), 400, LOAD),
    ("v1: URL that is none", v1(None, None, "GET", image="nothing"), 400, LOAD),
    # input of the model
    ("empty list", v2(image=[]), 400, "Error with model input. Cause: "),
    ("mask_decode_mode", v2("instance_segmentation", model_id="emoji-segmentation/1", mask_decode_mode="best"), 400,
     "mask_decode_mode"),
    ("tradeoff_factor", v2("instance_segmentation", model_id="emoji-segmentation/1", mask_decode_mode="tradeoff",
                           tradeoff_factor=1.5), 400, "tradeoff_factor"),
    ("v1: mask_decode_mode", v1(model="emoji-segmentation/1", mask_decode_mode="best"), 400, "mask_decode_mode"),
    # models
    ("three segments", v2(model_id="a/b/c"), 400, "Invalid Model ID sent in request."),
    ("empty id", v2(model_id=""), 400, "Invalid Model ID sent in request."),
    ("a way out of the folder", v2(model_id="../secret"), 400, "Invalid Model ID sent in request."),
    ("add of three segments", plain("POST", "/model/add", json={"model_id": "a/b/c"}), 400, "Invalid Model ID"),
    ("unknown model", v2(model_id="no-such-project/1"), 404, None),
    ("v1: unknown model", v1(model="no-such-project/1"), 404, None),
    ("add of an unknown model", plain("POST", "/model/add", json={"model_id": "no-such-project/1"}), 404, None),
    ("start of an unknown model", plain("GET", "/start/no-such-project/1"), 404, None),
    # paths and methods
    ("unknown path", plain("GET", "/nowhere"), 404, "detail"),
    ("unknown path, written to", plain("POST", "/nowhere", json={}), 405, "detail"),
    ("unknown method of a route", plain("DELETE", "/info"), 405, "detail"),
    ("unknown method of two segments", plain("PUT", V1), 405, "detail"),
    ("a name of two segments is a model", plain("GET", "/infer/object_detection"), 400, "Content-Type header"),
]


def send(url, request):
    method, path, query, more = request
    prepared = requests.Request(method, url + path, params=query, **more).prepare()
    if "headers" in more and not more["headers"]:
        prepared.headers.pop("Content-Type", None)
    with requests.Session() as session:
        return session.send(prepared, timeout=60)


@pytest.mark.parametrize("name,request_,status,told", ROWS, ids=[row[0] for row in ROWS])
def test_the_error_is_told_as_the_reference_tells_it(server, name, request_, status, told):
    response = send(server.url, request_)
    assert response.status_code == status, response.text[:500]
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["X-Request-ID"] and response.headers["X-Model-Cold-Start"]
    body = response.json()
    assert len(response.text) < 4000  # what was sent does not come back whole
    if status == 422:
        assert list(body) == ["detail"]
        for item in body["detail"]:
            assert {"type", "loc", "msg", "input"} <= set(item) <= {"type", "loc", "msg", "input", "ctx"}
            assert item["msg"] and item["loc"][0] in ("body", "query")
        first = body["detail"][0]
        assert first["type"] == told if isinstance(told, str) else (first["loc"], first["type"]) == told
        if first["type"] == "json_invalid":
            assert first["input"] == {} and first["ctx"]["error"]
    elif told == "detail":
        assert body == {"detail": {404: "Not Found", 405: "Method Not Allowed"}[status]}
        assert status != 405 or response.headers["Allow"]
    else:
        assert set(body) <= {"message", "help_url"}
        assert len(body["message"]) > 15 and (told is None or told.lower() in body["message"].lower())
        assert ("help_url" in body) == body["message"].startswith("Error with model input")


def test_the_sample_of_the_reference_to_the_letter(server):
    response = send(server.url, v2("instance_segmentation", response_mask_format="dummy"))
    assert response.text == (
        '{"detail":[{"type":"literal_error","loc":["body","response_mask_format"],"msg":"Input should be \'polygon\' or '
        '\'rle\'","input":"dummy","ctx":{"expected":"\'polygon\' or \'rle\'"}}]}')


def test_every_wrong_field_is_told_at_once(server):
    response = send(server.url, v2(confidence="high", max_detections="many", id=None, class_filter=5))
    fields = [item["loc"][1] for item in response.json()["detail"]]
    assert set(fields) == {"confidence", "max_detections", "class_filter"} and len(fields) == 4  # confidence: two readings


# What is odd and yet right (5.2 of the reference) -----------------------------------------------------------------------

def png():
    buffer = io.BytesIO()
    Image.open(SHIPPED_SAMPLES / "000.jpg").convert("RGB").save(buffer, "PNG")
    return buffer.getvalue()


RIGHT = {
    "JSON that is none": v1(content_type="application/json"),
    "a form's type that is none": v1(content_type=FORM),
    "text": v1(content_type="text/plain; charset=utf-8"),
    "a type that is none": v1(content_type="x"),
    "octets": v1(content_type="application/octet-stream"),
    "quoted": v1('"' + TEXT + '"', content_type="application/json"),
    "a data URI": v1("data:image/jpeg;base64," + TEXT),
    "lines": v1("\r\n".join(re.findall(".{1,76}", TEXT))),
    "a pickle": v1(pickle.dumps(numpy.asarray(Image.open(SHIPPED_SAMPLES / "000.jpg").convert("RGB"))[:, :, ::-1]),
                   content_type="application/octet-stream", image_type="NumPy"),
    "a form": form(files={"file": ("a.png", png(), "image/png")}),
    "a form with more in it": form(files={"file": ("a.png", png()), "more": ("b", b"x")}, fields={"name": "value"}),
    "booleans as Python writes them": v1(labels="True", disable_active_learning="False", countinference="TRUE"),
    "booleans as words": v1(labels="yes", disable_preproc_contrast="off", disable_model_monitoring="n"),
    "an unknown format": v1(format="anything"),
    "unknown parameters": v1(colour="blue", classes="cat"),
}


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_odd_but_right_is_answered(server, name):
    response = send(server.url, RIGHT[name])
    assert response.status_code == 200, response.text[:500]
    assert [p["class"] for p in response.json()["predictions"]] == ["cat"]
