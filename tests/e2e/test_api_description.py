"""/openapi.json is true: real answers fit its schemas, its examples work, and the pages that show it need nothing else."""
import base64
import re

import jsonschema
import pytest
import requests
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012


@pytest.fixture(scope="module")
def document(server):
    return requests.get(server.url + "/openapi.json", timeout=10).json()


@pytest.fixture(scope="module")
def check(document):
    """check(schema, value): whether the value fits a schema of the document."""
    registry = Registry().with_resource("urn:document", Resource.from_contents(document, DRAFT202012))

    def check(schema, value):
        jsonschema.Draft202012Validator(relocated(schema), registry=registry).validate(value)
    return check


def relocated(schema):
    """The schema with its references leading into the document."""
    if isinstance(schema, dict):
        return {key: "urn:document" + value if key == "$ref" else relocated(value) for key, value in schema.items()}
    return [relocated(item) for item in schema] if isinstance(schema, list) else schema


def schema_of(operation, status):
    answer = operation["responses"][str(status)]
    if "$ref" in answer:
        return {"$ref": answer["$ref"] + "/content/application~1json/schema"}
    return answer["content"]["application/json"]["schema"]


MODELS = {"/infer/object_detection": ("emoji-detection/1", "ObjectDetection"),
          "/infer/instance_segmentation": ("emoji-segmentation/1", "InstanceSegmentation"),
          "/infer/classification": ("emoji-classification/1", "Classification")}


@pytest.mark.parametrize("path", MODELS)
def test_the_example_works_and_its_answer_fits(server, document, check, path):
    operation = document["paths"][path]["post"]
    body = dict(operation["requestBody"]["content"]["application/json"]["example"], model_id=MODELS[path][0])
    check(operation["requestBody"]["content"]["application/json"]["schema"], body)
    response = requests.post(server.url + path, json=body, timeout=60)
    assert response.status_code == 200, response.text
    check(schema_of(operation, 200), response.json())


@pytest.mark.parametrize("path", MODELS)
def test_answers_with_predictions_fit_their_own_schema(server, document, check, picture, path):
    model, schema = MODELS[path]
    body = {"model_id": model, "image": {"type": "base64", "value": base64.b64encode(picture).decode()}}
    answer = requests.post(server.url + path, json=body, timeout=60).json()
    assert answer["predictions"]
    check(document["components"]["schemas"][schema], answer)


def test_refusals_fit(server, document, check):
    operation = document["paths"]["/infer/object_detection"]["post"]
    for body, status in (({"model_id": "a/1"}, 422), ({"model_id": "a/b/c", "image": []}, 400),
                         ({"model_id": "none/1", "image": {"type": "base64", "value": "AAAA"}}, 404)):
        response = requests.post(server.url + "/infer/object_detection", json=body, timeout=60)
        assert response.status_code == status, response.text
        check(schema_of(operation, status), response.json())


def test_management_answers_fit(server, document, check):
    for path in ("/model/registry", "/info", "/healthz", "/readiness"):
        check(schema_of(document["paths"][path]["get"], 200), requests.get(server.url + path, timeout=10).json())


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
def test_the_pages_load_only_what_the_server_has(server, page):
    html = requests.get(server.url + page, timeout=10).text
    links = re.findall(r'(?:src|href)="([^"]+)"', html)
    assert any(link.startswith("/static/") for link in links)
    for link in links:
        assert link.startswith(("/", "data:")), link
        if link.startswith("/"):
            assert requests.get(server.url + link, timeout=10).status_code == 200
