"""How the port for gRPC is served: keys, TLS, limits, load, clients that leave, the end, and nothing of it when it is off."""
import pathlib
import subprocess
import threading
import time

import grpc
import numpy
import pytest
import requests
import tritonclient.grpc as triton
from tritonclient.utils import InferenceServerException

from grpc_server import GrpcServer, picture_input, tensor_input
from server_process import clean_environment, find_binary
from test_tls import make_certificate

BATCH = 32  # images of one request, so that it takes long enough to be under way when something happens


def many_images():
    return [tensor_input("images", numpy.zeros((BATCH, 3, 320, 320), numpy.float32))]


def libraries(server):
    return pathlib.Path(f"/proc/{server.pid}/maps").read_text()


def test_a_server_without_the_port_loads_nothing_of_grpc(own_server):
    loaded = [line for line in libraries(own_server).splitlines() if "libgrpc" in line or "libprotobuf" in line]
    assert not loaded


def test_keys_open_a_closed_server(tmp_path, picture):
    with GrpcServer(tmp_path, {"OSPREY_SERVER_KEYS": "secret"}) as server, server.client() as client:
        assert client.is_server_ready()
        for headers in (None, {"authorization": "Bearer wrong"}):
            with pytest.raises(InferenceServerException) as error:
                client.infer("emoji-detection", [picture_input(picture)], headers=headers)
            assert error.value.status() == "StatusCode.UNAUTHENTICATED"
        client.infer("emoji-detection", [picture_input(picture)], headers={"authorization": "Bearer secret"})
        client.get_model_repository_index(headers={"api-key": "secret"})


def test_tls_has_the_certificate_of_https(tmp_path, picture):
    certificate, key = make_certificate(tmp_path)
    settings = {"ENABLE_HTTPS": "true", "SSL_CERTFILE": str(certificate), "SSL_KEYFILE": str(key)}

    class Server(GrpcServer):
        def is_healthy(self):
            url = self.url.replace("http://", "https://") + "/healthz"
            return requests.get(url, timeout=2, verify=str(certificate)).status_code == 200

    with Server(tmp_path, settings) as server:
        with server.client(ssl=True, root_certificates=str(certificate)) as client:
            assert client.infer("emoji-detection", [picture_input(picture)]).as_numpy("counts")[0] > 0
        with server.client() as plain, pytest.raises(InferenceServerException):
            plain.is_server_live(client_timeout=2)


def test_overload_is_refused_and_says_when_to_try_again(tmp_path):
    with GrpcServer(tmp_path, {"OSPREY_MAX_WAITING": "2"}) as server, server.client() as client:
        client.load_model("emoji-detection")
        request = triton.service_pb2.ModelInferRequest(model_name="emoji-detection.raw")
        request.inputs.add(name="images", datatype="FP32", shape=[2, 3, 320, 320])
        request.raw_input_contents.append(bytes(4 * 2 * 3 * 320 * 320))
        with grpc.insecure_channel(server.grpc_address) as channel:
            infer = triton.service_pb2_grpc.GRPCInferenceServiceStub(channel).ModelInfer
            calls = [infer.future(request, timeout=120) for _ in range(40)]
            codes = [call.code() for call in calls]
            pushed_back = [dict(call.trailing_metadata()).get("grpc-retry-pushback-ms") for call in calls
                           if call.code() == grpc.StatusCode.UNAVAILABLE]
            assert set(codes) <= {grpc.StatusCode.OK, grpc.StatusCode.UNAVAILABLE}, codes
            assert set(pushed_back) == {"1000"}
            until = time.monotonic() + 30  # and after a moment it goes on
            while infer.future(request, timeout=60).code() != grpc.StatusCode.OK:
                assert time.monotonic() < until
                time.sleep(1)
        assert client.is_server_ready()


def dropped_or_done(server):
    """Waits until nothing of a model runs or waits any more."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        text = requests.get(server.url + "/metrics", timeout=20).text
        lines = [line for line in text.splitlines() if line.startswith(("osprey_queue_depth", "osprey_batches_running"))]
        if all(line.endswith(" 0") for line in lines):
            return True
        time.sleep(0.05)
    return False


def seconds_of(work):
    began = time.monotonic()
    work()
    return time.monotonic() - began


def test_work_ends_with_the_clients_deadline_or_leaving(tmp_path):
    with GrpcServer(tmp_path) as server, server.client() as client:
        client.load_model("emoji-detection")
        whole = min(seconds_of(lambda: client.infer("emoji-detection.raw", many_images())) for _ in range(3))
        with pytest.raises(InferenceServerException) as error:
            client.infer("emoji-detection.raw", many_images(), client_timeout=whole / 4)
        assert error.value.status() == "StatusCode.DEADLINE_EXCEEDED"
        assert dropped_or_done(server)

        ended = threading.Event()
        errors = []
        call = client.async_infer("emoji-detection.raw", many_images(),
                                  lambda result, error: (errors.append(error), ended.set()))
        time.sleep(whole / 4)
        call.cancel()
        assert ended.wait(20) and "CANCELLED" in str(errors[0].status())
        assert dropped_or_done(server)
        assert client.is_server_live()


def test_a_stop_answers_what_was_begun(tmp_path):
    with GrpcServer(tmp_path) as server, server.client() as client:
        client.load_model("emoji-detection")
        answers, ended = [], threading.Event()
        stream_ended = threading.Event()
        with server.client() as idle:
            idle.start_stream(lambda result, error: stream_ended.set())
            client.async_infer("emoji-detection.raw", many_images(),
                               lambda result, error: (answers.append((result, error)), ended.set()))
            time.sleep(0.3)
            assert not ended.is_set(), "the request was over before the stop: the test shows nothing"
            began = time.monotonic()
            server.terminate()
            assert server.wait() == 0, server.text()
            assert time.monotonic() - began < 20
            assert ended.wait(5) and answers[0][1] is None, answers
            assert answers[0][0].get_response().outputs[0].shape[0] == BATCH
            assert stream_ended.wait(5)


def test_a_port_in_use_is_told_at_the_start(tmp_path):
    with GrpcServer(tmp_path) as server:
        second = subprocess.run([find_binary(), "server", "start", "--port", "0", "--host", "127.0.0.1", "--grpc-port",
                                 str(server.grpc_port)], cwd=tmp_path, capture_output=True, text=True, timeout=30,
                                env=clean_environment({"OSPREY_MODELS": str(tmp_path)}), check=False)
        assert second.returncode == 1
        assert f"port {server.grpc_port} is in use" in second.stderr
