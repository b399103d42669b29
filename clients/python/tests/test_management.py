"""Settings that hold for a while, models by name, and pictures of a folder."""

import asyncio

import pytest
from PIL import Image

from fake_server import MODEL, FakeServer
from osprey_client import EncodingError, InferenceConfiguration, InvalidInputFormatError, ModelDescription
from osprey_client.aliases import resolve_alias


def call(client, asynchronous, method, *arguments, **named):
    if asynchronous:
        return asyncio.run(getattr(client, method + "_async")(*arguments, **named))
    return getattr(client, method)(*arguments, **named)


@pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])
def test_the_life_of_a_model(asynchronous):
    server = FakeServer(loaded=False)
    client = server.client()
    assert call(client, asynchronous, "list_loaded_models").models == []
    assert call(client, asynchronous, "load_model", MODEL, set_as_default=True).models == [
        ModelDescription(MODEL, "object-detection")]
    assert client.selected_model == MODEL
    assert call(client, asynchronous, "get_model_description", MODEL).task_type == "object-detection"
    assert call(client, asynchronous, "infer", b"x")["predictions"]
    assert call(client, asynchronous, "unload_model", MODEL).models == []
    assert client.selected_model is None
    client.select_model(MODEL)
    assert call(client, asynchronous, "unload_all_models").models == []
    assert client.selected_model is None
    assert server.bodies("/model/remove") == [{"model_id": MODEL}]
    assert call(client, asynchronous, "get_server_info").uuid == "u"


def test_what_is_used_for_a_while_is_put_back_also_after_an_error():
    client = FakeServer().client()
    other = InferenceConfiguration(max_detections=1)
    before = client.inference_configuration
    with pytest.raises(KeyError), client.use_configuration(other), client.use_api_v0(), client.use_model("a/1") as same:
        assert same is client
        assert (client.inference_configuration, client.client_mode.value, client.selected_model) == (other, "v0", "a/1")
        with client.use_api_v1():
            assert client.client_mode.value == "v1"
        raise KeyError
    assert (client.inference_configuration, client.client_mode.value, client.selected_model) == (before, "v1", None)


def test_aliases():
    assert resolve_alias("yolov8n-640") == "coco/3"
    assert resolve_alias("yolo11n-seg-640") == resolve_alias("yolov11n-seg-640") == "coco-dataset-vdnr1/19"
    assert resolve_alias("yolo26x-sem-1024") == "yolo26-pretrains/yolo26x-sem"
    assert resolve_alias("my-project/1") == "my-project/1"


def test_the_pictures_of_a_folder_come_in_order(tmp_path):
    for name in ("b.png", "a.jpg", "c.JPG", "notes.txt", "d.webp"):
        Image.new("RGB", (4, 3), (255, 0, 0)).save(tmp_path / name, format="PNG")
    (tmp_path / "below.jpg").mkdir()
    client = FakeServer().client()
    found = list(client.infer_on_stream(str(tmp_path), model_id=MODEL))
    assert [path for path, _, _ in found] == [str(tmp_path / name) for name in ("a.jpg", "b.png", "c.JPG")]
    assert all(frame.shape == (3, 4, 3) and frame[0, 0, 2] == 255 and result["predictions"] for _, frame, result in found)
    with client.use_configuration(InferenceConfiguration(image_extensions_for_directory_scan=["webp"])):
        assert len(list(client.infer_on_stream(tmp_path, model_id=MODEL))) == 1
    assert len(list(client.infer_on_stream([tmp_path / "b.png", str(tmp_path / "a.jpg")], model_id=MODEL))) == 2


def test_what_is_no_folder_of_pictures_is_a_clean_error(tmp_path):
    client = FakeServer().client()
    with pytest.raises(InvalidInputFormatError, match="frames"):
        list(client.infer_on_stream("video.mp4", model_id=MODEL))
    (tmp_path / "a.jpg").write_bytes(b"no picture")
    for source in (tmp_path, [tmp_path / "none.jpg"]):
        with pytest.raises(EncodingError):
            list(client.infer_on_stream(source, model_id=MODEL))
