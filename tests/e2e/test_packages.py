"""The models folder while a server runs: what is put there is served, and a broken package harms only itself."""
import base64
import shutil

import pytest
import requests

from places import MODELS


@pytest.fixture
def models(tmp_path):
    folder = tmp_path / "models"
    folder.mkdir()
    return folder


def infer(server, picture, model):
    image = {"type": "base64", "value": base64.b64encode(picture).decode()}
    return requests.post(server.url + "/infer/object_detection", json={"model_id": model, "image": image}, timeout=60)


def test_a_package_put_into_the_folder_later_is_served(start_server, models, picture):
    with start_server(models) as running:
        assert infer(running, picture, "emoji-detection/1").status_code == 404
        shutil.copytree(MODELS / "emoji-detection", models / "emoji-detection")
        assert infer(running, picture, "emoji-detection/1").status_code == 200


@pytest.mark.parametrize("file,content", [
    ("inference_config.json", b"{this is no JSON"), ("weights.onnx", b"this is no network")])
def test_a_package_broken_later_is_named_and_the_others_are_served(start_server, models, picture, file, content):
    for project in ("good", "broken"):
        shutil.copytree(MODELS / "emoji-detection", models / project)
    with start_server(models) as running:
        (models / "broken/1" / file).write_bytes(content)
        refused = infer(running, picture, "broken/1")
        assert refused.status_code == 500
        assert "broken/1" in refused.json()["message"] and file in refused.json()["message"]
        assert str(models) not in refused.text  # where files lie is nothing for a client
        assert infer(running, picture, "good/1").status_code == 200
        listed = requests.get(running.url + "/model/registry", timeout=10).json()["models"]
        assert [model["model_id"] for model in listed] == ["good/1"]
        shutil.copy(MODELS / "emoji-detection/1" / file, models / "broken/1" / file)
        assert infer(running, picture, "broken/1").status_code == 200  # mended, it is served: a failure is not kept
