"""The Open Inference Protocol over gRPC, with the stock client: models, pictures, tensors, streams, errors."""
import json
import queue
import re

import grpc
import numpy
import pytest
import requests
import tritonclient.grpc as triton
from tritonclient.utils import InferenceServerException

from grpc_server import GrpcServer, picture_input, tensor_input


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with GrpcServer(tmp_path_factory.mktemp("grpc")) as running:
        yield running


@pytest.fixture(scope="module")
def client(server):
    with server.client() as made:
        yield made


def native(server, model, picture, **options):
    """What the native route answers, without what differs from request to request."""
    answer = requests.post(f"{server.url}/{model}", params=options, files={"file": picture}, timeout=60)
    assert answer.status_code == 200, answer.text
    return comparable(answer.json())


def comparable(answer):
    answer = {key: value for key, value in answer.items() if key not in ("time", "inference_id")}
    if isinstance(answer.get("predictions"), list):
        answer["predictions"] = [{key: value for key, value in each.items() if key != "detection_id"}
                                 for each in answer["predictions"]]
    return answer


def refused(code, call, *arguments, **options):
    with pytest.raises(InferenceServerException) as error:
        call(*arguments, **options)
    assert error.value.status() == f"StatusCode.{code}", error.value
    return error.value.message()


def test_tells_what_it_is(client):
    assert client.is_server_live() and client.is_server_ready()
    server = client.get_server_metadata()
    assert server.name == "osprey" and "model_repository" in server.extensions


def test_lists_loads_and_unloads_models(client):
    names = {(model.name, model.version) for model in client.get_model_repository_index().models}
    assert {("emoji-detection", "1"), ("emoji-detection.raw", "1"), ("emoji-classification", "1")} <= names
    client.load_model("emoji-classification")
    assert client.is_model_ready("emoji-classification") and client.is_model_ready("emoji-classification", "1")
    states = {model.name: model.state for model in client.get_model_repository_index().models}
    assert states["emoji-classification"] == "READY"
    client.unload_model("emoji-classification")
    assert not client.is_model_ready("emoji-classification")


def test_tells_what_models_take_and_give(client):
    image = client.get_model_metadata("emoji-detection")
    assert [(each.name, each.datatype) for each in image.inputs] == [("image", "BYTES")]
    assert list(image.versions) == ["1"]
    raw = client.get_model_metadata("emoji-detection.raw")
    assert raw.inputs[0].datatype == "FP32" and list(raw.inputs[0].shape) == [-1, 3, 320, 320]
    config = client.get_model_config("emoji-detection.raw").config
    assert config.name == "emoji-detection.raw" and list(config.input[0].dims)[-3:] == [3, 320, 320]


@pytest.mark.parametrize("model", ["emoji-detection", "emoji-segmentation", "emoji-classification", "emoji-multilabel"])
def test_pictures_give_what_the_native_route_gives(server, client, model, picture):
    result = client.infer(model, [picture_input(picture)], request_id="frame 1")
    answer = json.loads(result.as_numpy("predictions")[0])
    assert comparable(answer) == native(server, f"{model}/1", picture)
    assert result.get_response().id == "frame 1"
    if model == "emoji-detection":
        boxes, scores = result.as_numpy("boxes"), result.as_numpy("scores")
        assert len(boxes) == len(scores) == len(answer["predictions"]) == result.as_numpy("counts")[0] > 0
        first = answer["predictions"][0]
        assert boxes[0][0] == pytest.approx(first["x"] - first["width"] / 2, abs=0.51)
        assert scores[0] == pytest.approx(first["confidence"], abs=1e-5)


def test_parameters_and_chosen_outputs(server, client, picture):
    result = client.infer("emoji-detection", [picture_input(picture)], model_version="1", parameters={"confidence": "0.9"},
                          outputs=[triton.InferRequestedOutput("predictions")])
    answer = json.loads(result.as_numpy("predictions")[0])
    assert comparable(answer) == native(server, "emoji-detection/1", picture, confidence=0.9)
    assert result.as_numpy("boxes") is None


@pytest.mark.parametrize("model", ["emoji-detection", "emoji-classification"])
def test_tensors_give_the_same_as_over_http(server, client, model):
    metadata = client.get_model_metadata(model + ".raw")
    name, shape = metadata.inputs[0].name, [2 if size < 0 else size for size in metadata.inputs[0].shape]
    values = numpy.random.default_rng(1).random(shape, numpy.float32)
    result = client.infer(model + ".raw", [tensor_input(name, values)])
    body = {"inputs": [{"name": name, "datatype": "FP32", "shape": shape, "data": values.ravel().tolist()}]}
    over_http = requests.post(f"{server.url}/v2/models/{model}.raw/infer", json=body, timeout=60).json()
    assert [output.name for output in metadata.outputs] == [output["name"] for output in over_http["outputs"]]
    for output in over_http["outputs"]:
        given = result.as_numpy(output["name"])
        assert list(given.shape) == output["shape"]
        assert numpy.array_equal(given.ravel(), numpy.array(output["data"], numpy.float32))


def test_elements_count_like_raw_bytes(client, picture):
    """What other clients send: each element in a field of its type."""
    service = triton.service_pb2
    request = service.ModelInferRequest(model_name="emoji-detection")
    image = request.inputs.add(name="image", datatype="BYTES", shape=[1])
    image.contents.bytes_contents.append(picture)
    with grpc.insecure_channel(client._channel._channel.target()) as channel:
        stub = triton.service_pb2_grpc.GRPCInferenceServiceStub(channel)
        response = stub.ModelInfer(request, timeout=60)
    given = client.infer("emoji-detection", [picture_input(picture)])
    assert response.raw_output_contents[1:] == given.get_response().raw_output_contents[1:]


def test_a_stream_answers_each_of_its_messages(client, picture):
    answers = queue.Queue()
    client.start_stream(lambda result, error: answers.put((result, error)))
    for i, data in enumerate([picture, b"no picture", picture]):
        client.async_stream_infer("emoji-detection", [picture_input(data)], request_id=str(i))
    got = [answers.get(timeout=60) for _ in range(3)]
    client.stop_stream()
    assert [error is None for _, error in got] == [True, False, True], [str(e) for _, e in got]
    assert "Could not load input image" in got[1][1].message()
    assert [result.get_response().id for result, error in got if error is None] == ["0", "2"]
    assert numpy.array_equal(got[0][0].as_numpy("boxes"), got[2][0].as_numpy("boxes"))


def test_what_is_wrong_is_told(client, picture):
    image = picture_input(picture)
    assert "no-such-model" in refused("NOT_FOUND", client.infer, "no-such-model", [image])
    refused("NOT_FOUND", client.load_model, "no-such-model")
    refused("NOT_FOUND", client.get_model_metadata, "no-such-model")
    refused("INVALID_ARGUMENT", client.infer, "emoji-detection", [picture_input(b"no picture")])
    refused("INVALID_ARGUMENT", client.infer, "emoji-detection", [image], parameters={"confidence": "x"})
    refused("INVALID_ARGUMENT", client.infer, "emoji-detection", [image],
            outputs=[triton.InferRequestedOutput("no such output")])
    refused("INVALID_ARGUMENT", client.infer, "emoji-detection.raw", [tensor_input("images", numpy.zeros((1, 3, 4, 4), "f4"))])
    refused("UNIMPLEMENTED", client.load_model, "emoji-detection", config="{}")
    refused("UNIMPLEMENTED", client.get_inference_statistics)


def test_shapes_that_do_not_fit_the_bytes_are_refused(client):
    def send(shape, raw, datatype="FP32"):
        tensor = triton.InferInput("images", shape, datatype)
        tensor._raw_content = raw
        return refused("INVALID_ARGUMENT", client.infer, "emoji-detection.raw", [tensor])
    send([1, 3, 320, 320], b"\0" * 7)
    send([1, 3, 320, -320], b"")
    send([2**62, 2**62, 2**62, 4], b"")
    send([2**32, 2**32], b"\0" * 8)
    send([1] * 10_000, b"\0" * 4)
    send([1], b"\xff\xff\xff\xff", "BYTES")


def test_compressed_messages_are_refused(client, picture):
    refused("UNIMPLEMENTED", client.infer, "emoji-detection", [picture_input(picture)], compression_algorithm="gzip")


def test_health_as_balancers_ask_it(server):
    with grpc.insecure_channel(server.grpc_address) as channel:
        check = channel.unary_unary("/grpc.health.v1.Health/Check")
        assert check(b"", timeout=20) == b"\x08\x01"  # SERVING


def test_calls_are_counted(server, client, picture):
    client.infer("emoji-detection", [picture_input(picture)])
    text = requests.get(server.url + "/metrics", timeout=20).text
    count = re.search(r'osprey_grpc_requests_total\{method="ModelInfer",status="OK"\} (\d+)', text)
    assert count and int(count[1]) > 0
    assert 'osprey_images_total{model="emoji-detection/1"}' in text
