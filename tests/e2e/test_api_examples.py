"""/openapi.json as those use it who read it: each route's example works as it stands, and a client made from the reference's
description finds here all that it knows (where that description lies beside the checkout)."""
import json

import jsonschema
import pytest
import requests
from places import SHARED, SHIPPED_SAMPLES
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from test_api_description import relocated

REFERENCE = SHARED / "reference/openapi-shape.json"
METHODS = ("get", "post", "put", "delete")


@pytest.fixture(scope="module")
def document(server):
    return requests.get(server.url + "/openapi.json", timeout=10).json()


@pytest.fixture(scope="module")
def fits(document):
    """fits(schema, value): whether the value fits a schema of the document."""
    registry = Registry().with_resource("urn:document", Resource.from_contents(document, DRAFT202012))
    return lambda schema, value: jsonschema.Draft202012Validator(relocated(schema), registry=registry).is_valid(value)


def resolved(document, node):
    """The node, or what it refers to."""
    while "$ref" in node:
        target = document
        for step in node["$ref"][2:].split("/"):
            target = target[step]
        node = target
    return node


def operations(document):
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method], item.get("parameters", []) + item[method].get("parameters", [])


def requests_of(path, operation, parameters):
    """(path, query, content type, body) of an operation, made of its examples alone."""
    query = {}
    for one in parameters:
        if one["in"] == "path":
            path = path.replace("{" + one["name"] + "}", one["example"])
        elif one["required"]:
            query[one["name"]] = one["example"]
    contents = operation.get("requestBody", {}).get("content", {})
    if not contents:
        yield path, query, None, None
    for content_type, content in contents.items():
        if "example" in content:
            body = content["example"]
            yield path, query, content_type, body if isinstance(body, str) else json.dumps(body)


def test_every_example_works_as_it_stands(server, document, fits):
    tried = set()
    for path, method, operation, parameters in operations(document):
        for url, query, content_type, body in requests_of(path, operation, parameters):
            response = requests.request(method, server.url + url, params=query, data=body, timeout=60,
                                        headers={"Content-Type": content_type} if content_type else {})
            # Refused as described: what the operator has to allow, and what this server has not.
            allowed = {200, 403} if path.startswith("/models") else {200, 404} if path in ("/logs", "/device/stats") else {200}
            assert response.status_code in allowed, (method, url, content_type, response.text)
            answer = resolved(document, operation["responses"][str(response.status_code)])
            kind = response.headers["Content-Type"].split(";")[0]
            assert kind in answer["content"], (url, kind)
            if kind == "application/json":
                assert fits(answer["content"][kind]["schema"], response.json()), (method, url, response.text)
            for header in answer.get("headers", {}):
                assert header in response.headers or header.startswith("X-Model-Load"), (url, header)
            tried.add((method, path))
    assert len(tried) >= 19
    assert {("post", "/infer/object_detection"), ("get", "/{dataset_id}/{version_id}"), ("post", "/model/add"),
            ("get", "/start/{dataset_id}/{version_id}"), ("get", "/metrics")} <= tried


def test_a_form_is_described_as_it_is_taken(server, document):
    content = document["paths"]["/{dataset_id}/{version_id}"]["post"]["requestBody"]["content"]["multipart/form-data"]
    (name,) = content["schema"]["required"]
    response = requests.post(server.url + "/emoji-detection/1", timeout=60,
                             files={name: ("a.jpg", (SHIPPED_SAMPLES / "000.jpg").read_bytes())})
    assert response.status_code == 200 and response.json()["predictions"]


# The reference's description -------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def reference():
    if not REFERENCE.is_file():
        pytest.skip("the reference's description does not lie beside this checkout")
    return json.loads(REFERENCE.read_text())


# Taken and ignored, like any unknown name: they are of tasks that are not served here, or of billing.
IGNORED = {"countinference", "service_secret", "class_filter", "include_candidates", "stream_pipeline_context_id"}
# (field, value): allowed by the reference's description, and refused by it all the same when the model runs.
REFUSED_BY_BOTH = [("mask_decode_mode", "text"), ("model_id", None)]
SAMPLES = {"number": [0.5, 3], "integer": [3], "boolean": [True, False], "null": [None], "string": ["text"],
           "array": [["a", "b"], []]}


def samples(schema):
    """Values of each type that a schema of the reference allows."""
    if "enum" in schema:
        return schema["enum"]
    if "anyOf" in schema:
        return [value for one in schema["anyOf"] for value in samples(one)]
    return SAMPLES[schema["type"]]


def test_it_has_every_route_and_parameter_of_the_reference(document, reference, fits):
    ours = {(path, method): parameters for path, method, _, parameters in operations(document)}
    for path, method, _, parameters in operations(reference):
        assert (path, method) in ours
        known = {one["name"]: one for one in ours[path, method]}
        # GET of the older route has no body, so that the type of one means nothing.
        ignored = IGNORED | ({"image_type"} if method == "get" else set())
        for one in parameters:
            if one["name"] in ignored - set(known):
                continue
            assert one["name"] in known, (path, one["name"])
            assert known[one["name"]]["in"] == one["in"]
            if one["name"] == "image_type":
                assert fits(known[one["name"]]["schema"], "base64") and fits(known[one["name"]]["schema"], "numpy")
                continue
            for value in samples(one["schema"]):
                if value is not None and (one["name"], value) not in REFUSED_BY_BOTH:
                    assert fits(known[one["name"]]["schema"], value), (path, one["name"], value)


def test_bodies_of_the_reference_fit(document, reference, fits):
    compared = 0
    for path, method, operation, _ in operations(reference):
        if "requestBody" not in operation:
            continue
        theirs = resolved(reference, operation["requestBody"]["content"]["application/json"]["schema"])
        mine = document["paths"][path][method]["requestBody"]["content"]["application/json"]["schema"]
        assert set(mine["required"]) <= set(theirs["required"]), path
        assert mine.get("additionalProperties", True) is True
        for name, schema in theirs["properties"].items():
            if name in IGNORED - set(mine["properties"]) or name == "image":
                continue
            assert name in mine["properties"], (path, name)
            for value in samples(schema):
                words_for_keypoints = path.endswith("keypoints_detection") and value in ("best", "default")
                if (name, value) not in REFUSED_BY_BOTH and not words_for_keypoints:  # a 422 there, too
                    assert fits(mine["properties"][name], value), (path, name, value)
                    compared += 1
            if "default" in schema:
                assert mine["properties"][name]["default"] == schema["default"], (path, name)
        if "image" in theirs["properties"]:
            one = {"type": "base64", "value": "AAAA"}
            assert fits(mine["properties"]["image"], one) and fits(mine["properties"]["image"], [one, one])
    assert compared > 150


def test_answers_have_the_names_of_the_reference(document, reference):
    """Every field that a client of the reference may read of a prediction is described here, too."""
    pairs = {"ObjectDetectionPrediction": "Box", "ModelDescriptionEntity": None, "ResolvedModel": "ResolvedModel",
             "Keypoint": None, "ServerVersionInfo": "Info"}
    never_sent = {"class_confidence", "tracker_id", "parent_id"}  # always null there, and nulls are left out
    text = json.dumps(document["components"]["schemas"])
    for theirs, mine in pairs.items():
        names = set(reference["components"]["schemas"][theirs]["properties"]) - never_sent
        if mine:
            assert names <= set(document["components"]["schemas"][mine]["properties"]), theirs
        else:
            assert all(f'"{name}":' in text for name in names), theirs
