"""The reference server's recorded requests, made with this client, and its recorded answers, handed on unchanged.

The recordings lie beside the repository, where they are; elsewhere this is skipped.
"""

import json
import pathlib
import urllib.parse

import httpx
import pytest

from osprey_client import HTTPCallErrorError, InferenceHTTPClient
from recordings import call_of, expressible

GOLDEN = pathlib.Path(__file__).resolve().parents[4] / "shared/golden"
IMAGES = GOLDEN.parent / "images"
CASES = [case for case in json.loads((GOLDEN / "cases.json").read_text()) if expressible(case)] if GOLDEN.is_dir() else []
# What this client adds to a request, at the value that is the server's own default.
ALWAYS = {"visualize_predictions": False, "disable_active_learning": False, "allow_reduced_mask_resolution": False}
PICTURE = "YSBwaWN0dXJl"
TASKS = {"/infer/object_detection": "object-detection", "/infer/instance_segmentation": "instance-segmentation",
         "/infer/classification": "classification", "/infer/keypoints_detection": "keypoint-detection"}

pytestmark = pytest.mark.skipif(not GOLDEN.is_dir(), reason="no recordings beside the repository (../shared/golden)")


def test_there_are_many():
    assert len(CASES) > 150


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_recorded_request_is_made_and_its_answer_handed_on(case):
    recorded = json.loads((GOLDEN / "expected" / f"{case['name']}.json").read_text())
    call = call_of(case, IMAGES)
    seen = []

    def reference(request):
        if request.url.path == "/model/registry":
            return httpx.Response(200, json={"models": [{"model_id": call.model_id, "task_type": TASKS[case["path"]]}]})
        seen.append(request)
        if isinstance(recorded.get("json"), dict) and "visualization" in recorded["json"]:
            return httpx.Response(200, json={**recorded["json"], "visualization": PICTURE})  # recorded is its size
        if "json" in recorded:
            return httpx.Response(recorded["status"], json=recorded["json"])
        return httpx.Response(recorded["status"], content=b"a picture", headers={"Content-Type": recorded["content_type"]})

    client = InferenceHTTPClient("http://reference", "golden", transport=httpx.MockTransport(reference), attempts=1)
    call.prepare(client)
    if recorded["status"] >= 400:
        with pytest.raises(HTTPCallErrorError) as raised:
            client.infer(call.images, model_id=call.model_id)
        assert raised.value.status_code == recorded["status"]
        assert raised.value.api_message not in ("", "N/A", None)
    else:
        result = client.infer(call.images, model_id=call.model_id)
        wanted = recorded.get("json", {"visualization": PICTURE})
        if isinstance(wanted, dict) and "visualization" in wanted:
            wanted = {**wanted, "visualization": PICTURE}
        assert (result if isinstance(wanted, dict) else (result if isinstance(result, list) else [result])) == wanted

    (request,) = (r for r in seen[-1:])
    assert (request.method, request.url.path) == (case["method"], case["path"])
    if "json" in case:
        body = json.loads(request.content)
        body.pop("image")
        sent_only = {key: value for key, value in body.items() if key not in case["json"]}
        assert sent_only.items() <= ALWAYS.items()
        assert {key: body[key] for key in case["json"] if key != "image"} == {
            key: value for key, value in case["json"].items() if key != "image"}
    else:
        query = dict(urllib.parse.parse_qsl(request.url.query.decode()))
        assert {key: query[key] for key in case.get("query", {})} == {k: str(v) for k, v in case.get("query", {}).items()}
