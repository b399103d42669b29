"""Arrays and PIL images get to the server without loss, as pickles or, where those are refused, as PNG."""
import cv2
import httpx
import numpy
import osprey_client
import pytest
from client_calls import DETECTION, MODES, SEGMENTATION, WAYS, steady
from client_pair import call, client_of
from PIL import Image
from places import SHIPPED_SAMPLES

CROWDED = SHIPPED_SAMPLES / "005.jpg"


@pytest.fixture(scope="module")
def picky_server(start_server):
    with start_server(environment={"ALLOW_NUMPY_INPUT": "false"}) as server:
        yield server


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("array_format", ["png", "numpy"])
@pytest.mark.parametrize("make", [lambda: cv2.imread(str(CROWDED)), lambda: Image.open(CROWDED).convert("RGB")],
                         ids=["array", "PIL image"])
def test_the_result_is_that_of_the_file_itself(server, picky_server, make, array_format, mode, way):
    options = {"confidence_threshold": 0.1}
    for model in (DETECTION, SEGMENTATION):
        of_file = steady(client_of("osprey", server, mode, **options).infer(str(CROWDED), model_id=model))
        for one in (server, picky_server):
            client = client_of("osprey", one, mode, array_format=array_format, **options)
            assert steady(call(way, client, "infer", make(), model_id=model)) == of_file
    lossy = steady(client_of("osprey", server, mode, **options).infer(make(), model_id=DETECTION))
    assert lossy != steady(client_of("osprey", server, mode, **options).infer(str(CROWDED), model_id=DETECTION))


class Counting(httpx.HTTPTransport):
    def __init__(self):
        super().__init__()
        self.pickles = 0

    def handle_request(self, request):
        self.pickles += b'"numpy"' in request.read() or b"image_type=numpy" in request.url.query
        return super().handle_request(request)


@pytest.mark.parametrize("mode", MODES)
def test_a_refused_pickle_is_the_last_one(server, picky_server, mode):
    array = cv2.imread(str(CROWDED))
    for one, expected in ((server, 3), (picky_server, 1)):
        counting = Counting()
        with osprey_client.InferenceHTTPClient(one.url, "key", transport=counting) as client:
            client.select_api_v0() if mode == "v0" else client.select_api_v1()
            client.configure(osprey_client.InferenceConfiguration(array_format="numpy"))
            assert all(client.infer(array, model_id=DETECTION)["predictions"] for _ in range(3))
        assert counting.pickles == expected


@pytest.mark.parametrize("mode", MODES)
def test_grey_arrays_and_lists_go_as_pickles_too(server, mode):
    grey = cv2.imread(str(CROWDED), cv2.IMREAD_GRAYSCALE)
    found = [client_of("osprey", server, mode, array_format=array_format, max_batch_size=3).infer(
        [grey, numpy.ascontiguousarray(cv2.merge([grey] * 3)), str(CROWDED)], model_id=DETECTION)
        for array_format in ("png", "numpy")]
    assert steady(found[0]) == steady(found[1])
    assert steady(found[1][0]) == steady(found[1][1])
