"""The Open Inference Protocol by its own client, unmodified: what it lists, loads and runs is what the native routes tell."""
import base64
import io
import json

import numpy
import pytest
import requests
import tritonclient.http as triton
from PIL import Image

NATIVE = {"emoji-detection": "object_detection", "emoji-segmentation": "instance_segmentation",
          "emoji-classification": "classification", "emoji-multilabel": "classification"}


@pytest.fixture(scope="module")
def client(server):
    with triton.InferenceServerClient(f"127.0.0.1:{server.port}") as opened:
        yield opened


def image_input(pictures, binary=True):
    """As a client sends encoded pictures; in JSON, which carries no binary, as base64."""
    tensor = triton.InferInput("image", [len(pictures)], "BYTES")
    elements = pictures if binary else [base64.b64encode(picture) for picture in pictures]
    tensor.set_data_from_numpy(numpy.array(elements, dtype=object), binary_data=binary)
    return tensor


def native_answers(server, model, pictures, **options):
    images = [{"type": "base64", "value": base64.b64encode(picture).decode()} for picture in pictures]
    answer = requests.post(f"{server.url}/infer/{NATIVE[model]}",
                           json={"model_id": f"{model}/1", "image": images, **options}, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.json()


def comparable(answer):
    """Without what is different each time."""
    answer = {key: value for key, value in answer.items() if key not in ("time", "inference_id")}
    if isinstance(answer["predictions"], list):
        answer["predictions"] = [{k: v for k, v in each.items() if k != "detection_id"}
                                 for each in answer["predictions"]]
    return answer


def of_size(picture, width, height):
    """The picture at a network's size as PNG, so that nothing is resized, and the tensor that it makes."""
    small = Image.open(io.BytesIO(picture)).convert("RGB").resize((width, height))
    file = io.BytesIO()
    small.save(file, "PNG")
    pixels = numpy.asarray(small, dtype=numpy.float32) / numpy.float32(255)
    return file.getvalue(), numpy.ascontiguousarray(pixels.transpose(2, 0, 1)[None])


def raw_input(tensor, binary=True, name="images"):
    wanted = triton.InferInput(name, list(tensor.shape), "FP32")
    wanted.set_data_from_numpy(tensor, binary_data=binary)
    return wanted


@pytest.fixture(scope="module")
def pictures(samples):
    return [sample.path.read_bytes() for sample in samples[:3]]


def test_server_tells_what_it_is(client):
    assert client.is_server_live() and client.is_server_ready()
    server = client.get_server_metadata()
    assert server["name"] == "osprey" and "binary_tensor_data" in server["extensions"]


def test_repository_is_listed_loaded_and_unloaded(own_server):
    with triton.InferenceServerClient(f"127.0.0.1:{own_server.port}") as client:
        names = {(entry["name"], entry["version"]) for entry in client.get_model_repository_index()}
        assert names == {(name + view, "1") for name in NATIVE for view in ("", ".raw")}
        assert not client.is_model_ready("emoji-detection")
        client.load_model("emoji-detection")
        assert client.is_model_ready("emoji-detection") and client.is_model_ready("emoji-detection.raw", "1")
        states = {entry["name"]: entry["state"] for entry in client.get_model_repository_index()}
        assert states["emoji-detection"] == "READY" and states["emoji-segmentation"] == "UNAVAILABLE"
        client.unload_model("emoji-detection")
        assert not client.is_model_ready("emoji-detection")


def test_models_tell_inputs_and_outputs_of_both_views(client):
    images = client.get_model_metadata("emoji-detection")
    assert images["inputs"] == [{"name": "image", "datatype": "BYTES", "shape": [-1]}]
    assert {output["name"]: output["shape"] for output in images["outputs"]} == {
        "predictions": [-1], "counts": [-1], "scores": [-1], "classes": [-1], "boxes": [-1, 4]}
    raw = client.get_model_metadata("emoji-detection.raw", "1")
    assert raw["versions"] == ["1"]
    assert raw["inputs"][0]["shape"] == [-1, 3, 320, 320] and raw["inputs"][0]["datatype"] == "FP32"
    assert client.get_model_metadata("emoji-detection/1")["name"] == "emoji-detection"
    config = client.get_model_config("emoji-detection.raw")
    assert config["max_batch_size"] > 1 and config["input"][0]["dims"] == [3, 320, 320]


@pytest.mark.parametrize("model", NATIVE)
@pytest.mark.parametrize("as_binary", [True, False], ids=["binary", "json"])
def test_pictures_are_answered_as_by_the_native_routes(server, client, pictures, model, as_binary):
    outputs = [triton.InferRequestedOutput(output["name"], binary_data=as_binary)
               for output in client.get_model_metadata(model)["outputs"]]
    result = client.infer(model, [image_input(pictures, as_binary)], outputs=outputs, parameters={"confidence": 0.5})
    native = native_answers(server, model, pictures, confidence=0.5)
    predictions = [json.loads(text) for text in result.as_numpy("predictions")]
    assert [comparable(each) for each in predictions] == [comparable(each) for each in native]

    if model == "emoji-multilabel":
        found = [[each["predictions"][name] for name in each["predicted_classes"]] for each in native]
    else:
        found = [each["predictions"] for each in native]
    assert result.as_numpy("counts").tolist() == [len(each) for each in found]
    flat = [each for some in found for each in some]
    assert result.as_numpy("classes").tolist() == [each["class_id"] for each in flat]
    assert result.as_numpy("scores").tolist() == [numpy.float32(each["confidence"]) for each in flat]
    if "detection" in model or "segmentation" in model:
        assert flat, "nothing was found"
        corners = [[each["x"] - each["width"] / 2, each["y"] - each["height"] / 2,
                    each["x"] + each["width"] / 2, each["y"] + each["height"] / 2] for each in flat]
        assert result.as_numpy("boxes").tolist() == corners
    else:
        probabilities = result.as_numpy("probabilities")
        assert probabilities.shape[0] == len(pictures)
        if model == "emoji-multilabel":
            assert probabilities[0].tolist() == [numpy.float32(each["confidence"])
                                                 for each in native[0]["predictions"].values()]


def test_parameters_of_the_native_routes_reach_the_model(server, client, pictures):
    options = {"confidence": 0.1, "iou_threshold": 0.9, "max_detections": 2}
    result = client.infer("emoji-detection", [image_input(pictures[:1])], parameters=options)
    native = native_answers(server, "emoji-detection", pictures[:1], **options)
    assert comparable(json.loads(result.as_numpy("predictions")[0])) == comparable(native[0])
    none = client.infer("emoji-detection", [image_input(pictures[:1])], parameters={"class_filter": "no such class"})
    assert none.as_numpy("counts").tolist() == [0] and none.as_numpy("scores").size == 0


@pytest.mark.parametrize("as_binary", [True, False], ids=["binary", "json"])
def test_tensors_of_a_detector_are_those_behind_its_predictions(server, client, pictures, as_binary):
    picture, tensor = of_size(pictures[0], 320, 320)
    name = client.get_model_metadata("emoji-detection.raw")["inputs"][0]["name"]
    output = client.get_model_metadata("emoji-detection.raw")["outputs"][0]["name"]
    result = client.infer("emoji-detection.raw", [raw_input(tensor, as_binary, name)], model_version="1",
                          outputs=[triton.InferRequestedOutput(output, binary_data=as_binary)])
    rows = result.as_numpy(output)[0]  # 4 + classes, candidates
    best = float(rows[4:].max())
    found = native_answers(server, "emoji-detection", [picture])[0]["predictions"]
    assert found[0]["confidence"] == pytest.approx(best, abs=1e-5)
    candidate = rows[:, rows[4:].max(axis=0).argmax()]
    assert found[0]["x"] == pytest.approx(candidate[0], abs=1) and found[0]["width"] == pytest.approx(candidate[2], abs=2)


def test_tensors_of_a_classifier_are_its_probabilities_for_each_image(client, pictures):
    small = [of_size(picture, 128, 128) for picture in pictures]
    batch = numpy.concatenate([tensor for _, tensor in small])
    raw = client.get_model_metadata("emoji-classification.raw")
    result = client.infer("emoji-classification.raw", [raw_input(batch, name=raw["inputs"][0]["name"])])
    scores = result.as_numpy(raw["outputs"][0]["name"])
    assert scores.shape[0] == len(pictures)
    images = client.infer("emoji-classification", [image_input([picture for picture, _ in small])])
    assert numpy.allclose(images.as_numpy("probabilities"), scores, atol=1e-5)


def test_many_at_a_time_are_answered_each_with_its_own(server, pictures):
    """The client's asynchronous calls, over several connections."""
    expected = [len(each["predictions"]) for each in native_answers(server, "emoji-detection", pictures)]
    with triton.InferenceServerClient(f"127.0.0.1:{server.port}", concurrency=4) as client:
        asked = [client.async_infer("emoji-detection", [image_input([pictures[i % 3]])], request_id=str(i))
                 for i in range(24)]
        for i, one in enumerate(asked):
            result = one.get_result()
            assert result.get_response()["id"] == str(i)
            assert result.as_numpy("counts").tolist() == [expected[i % 3]]


@pytest.mark.parametrize("model,inputs,why", [
    ("zebra", [image_input([b"x"])], "zebra"),
    ("emoji-detection", [image_input([b"no picture"])], "Data is not image"),
    ("emoji-detection", [raw_input(numpy.zeros((1, 3, 320, 320), numpy.float32))], "takes one input, 'image'"),
    ("emoji-detection.raw", [raw_input(numpy.zeros((1, 3, 32, 32), numpy.float32))], "expected"),
])
def test_refusals_are_told_as_the_client_expects(client, model, inputs, why):
    with pytest.raises(triton.InferenceServerException) as refused:
        client.infer(model, inputs)
    assert why in refused.value.message()
    assert refused.value.status() in ("400", "404")


def test_key_of_a_closed_server_goes_in_a_header(start_server, pictures):
    with start_server(environment={"OSPREY_SERVER_KEYS": "secret"}) as server:
        with triton.InferenceServerClient(f"127.0.0.1:{server.port}") as client:
            assert client.is_server_ready()
            with pytest.raises(triton.InferenceServerException):
                client.infer("emoji-detection", [image_input(pictures[:1])])
            result = client.infer("emoji-detection", [image_input(pictures[:1])],
                                  headers={"Authorization": "Bearer secret"})
            assert result.as_numpy("counts").size == 1
