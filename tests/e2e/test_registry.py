"""Models from a hosted registry: a stand-in for it on loopback, with its faults, and servers that fetch from it.

OSPREY_KILLS sets how many times a server is killed in mid-work (default 4)."""
import base64
import concurrent.futures
import os
import pathlib
import random
import shutil
import subprocess
import sys
import threading
import time

import pytest
import requests

from places import MODELS, SHARED
from server_process import ServerProcess, free_port

SERVE = SHARED / "registry/serve.py"
PACKAGES = SHARED / "models/packages"
SMALL = "emoji-classification/1"  # 2 MB
LARGE = "emoji-detection/1"       # 6 MB
ROUTES = {SMALL: "classification", LARGE: "object_detection"}
KEY = "the-key-of-the-tests"

pytestmark = pytest.mark.skipif(not (SERVE.is_file() and PACKAGES.is_dir()),
                                reason="the stand-in registry and its packages are not beside the repository")


class Registry:
    """serve.py on a port that stays the same over restarts."""

    def __init__(self, keys=(), fault=None):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._keys = keys
        self._process = None
        self.start(fault)

    def start(self, fault=None):
        command = [sys.executable, str(SERVE), "--packages", str(PACKAGES), "--port", str(self.port)]
        command += [argument for key in self._keys for argument in ("--api-key", key)]
        command += ["--fault", fault] if fault else []
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self._process.stdout.readline().startswith("registry on")

    def stop(self):
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()

    def restart(self, fault=None):
        self.stop()
        self.start(fault)

    def file_hits(self, model):
        stats = requests.get(self.url + "/_stats", timeout=10).json()
        return {path.rsplit("/", 1)[1]: hits for path, hits in stats.items() if path.startswith(f"/files/{model}/")}


@pytest.fixture
def registry():
    running = Registry()
    yield running
    running.stop()


@pytest.fixture
def serve(binary, tmp_path, tmp_path_factory):
    """serve(registry, **environment): a server without models of its own, on the test's cache unless told otherwise."""
    models = tmp_path / "models"
    models.mkdir()

    def start(registry, **environment):
        return ServerProcess(binary, models, tmp_path_factory.mktemp("server"),
                             environment={"API_BASE_URL": registry.url, "MODEL_CACHE_DIR": str(tmp_path / "cache"),
                                          "LOG_LEVEL": "INFO", **environment})
    return start


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


@pytest.fixture(scope="module")
def truth(start_server, picture):
    """What the demo model of the repository says of the picture: the registry's package is the same."""
    with start_server(MODELS) as server:
        return {model: answer(infer(server, picture, model)) for model in ROUTES if (MODELS / model).is_dir()}


def infer(server, picture, model, key=None, timeout=150):
    body = {"model_id": model, "image": {"type": "base64", "value": base64.b64encode(picture).decode()}}
    body |= {"api_key": key} if key else {}
    return requests.post(f"{server.url}/infer/{ROUTES.get(model, 'object_detection')}", json=body, timeout=timeout)


def answer(response):
    """The predictions, to be compared."""
    assert response.status_code == 200, response.text
    predictions = response.json()["predictions"]
    return sorted((p["class"], round(p["confidence"], 3)) for p in predictions)


def check_nothing_is_left(cache):
    hidden = cache / "osprey"
    assert list((hidden / "partial").glob("*")) == []
    assert list((hidden / "packages").glob("*/*")) == []


def weights_of(cache):
    return list((cache / "osprey/packages").glob("*/*/weights.onnx"))


def together(count, call):
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        return [future.result() for future in [pool.submit(call, number) for number in range(count)]]


def test_a_model_comes_in_with_its_first_request_and_stays(registry, serve, picture, cache, truth):
    with serve(registry) as server:
        assert answer(infer(server, picture, SMALL)) == truth.get(SMALL, answer(infer(server, picture, SMALL)))
        hits = registry.file_hits(SMALL)
        assert hits["weights.onnx"] == 1 and set(hits.values()) == {1}
        assert infer(server, picture, SMALL).status_code == 200
        assert registry.file_hits(SMALL) == hits
    assert len(weights_of(cache)) == 1
    registry.stop()
    for environment in ({}, {"OFFLINE_MODE": "True"}):
        with serve(registry, **environment) as server:
            assert infer(server, picture, SMALL).status_code == 200
    registry.start()


def test_a_hundred_first_requests_cause_one_download_of_each_file(registry, serve, picture):
    with serve(registry) as server:
        statuses = together(100, lambda _: infer(server, picture, SMALL).status_code)
    assert set(statuses) == {200}
    assert set(registry.file_hits(SMALL).values()) == {1}


def test_two_servers_on_one_cache_download_each_file_once(registry, serve, picture):
    with serve(registry) as one, serve(registry) as other:
        statuses = together(100, lambda number: infer((one, other)[number % 2], picture, SMALL).status_code)
    assert set(statuses) == {200}
    assert set(registry.file_hits(SMALL).values()) == {1}


@pytest.mark.parametrize("fault,status,text,environment", [
    ("error500", 502, "500", {}),
    ("truncate", 500, "did not deliver", {}),
    ("corrupt", 500, "hash", {}),
    ("notfound", 500, "404", {}),
    ("hang", 500, "did not deliver", {"API_CALLS_MAX_TRIES": "1", "OSPREY_REGISTRY_STALL_SECONDS": "2"}),
])
def test_a_fault_is_told_and_leaves_nothing(serve, picture, cache, fault, status, text, environment):
    registry = Registry(fault=fault)
    try:
        with serve(registry, **environment) as server:
            refused = infer(server, picture, SMALL)
            assert refused.status_code == status, refused.text
            message = refused.json()["message"]
            assert text in message and str(cache) not in message and registry.url not in message
            check_nothing_is_left(cache)
            registry.restart()
            assert infer(server, picture, SMALL).status_code == 200
    finally:
        registry.stop()


@pytest.mark.parametrize("fault", ["truncate:1", "slow:1"])
def test_a_fault_that_passes_is_not_noticed(serve, picture, fault):
    registry = Registry(fault=fault)
    try:
        with serve(registry) as server:
            assert infer(server, picture, SMALL).status_code == 200
    finally:
        registry.stop()


def test_a_registry_that_is_away_is_told(serve, picture, registry):
    registry.stop()
    with serve(registry) as server:
        assert infer(server, picture, SMALL).status_code == 503
        registry.start()
        assert infer(server, picture, SMALL).status_code == 200


def test_keys_are_asked_about_and_never_told(serve, picture, cache):
    registry = Registry(keys=[KEY, "another-key"])
    try:
        with serve(registry) as server:
            for key in (None, "wrong-key-of-the-tests"):
                assert infer(server, picture, SMALL, key).status_code == 401
            assert infer(server, picture, SMALL, KEY).status_code == 200
            unknown = infer(server, picture, "no-such-project/7", KEY)
            assert unknown.status_code == 404 and "resource not found" in unknown.json()["message"]
        assert "key-of-the-tests" not in server.text()
        for file in cache.rglob("*"):
            assert not file.is_file() or b"key-of-the-tests" not in file.read_bytes()
        with serve(registry, MODELS_CACHE_AUTH_ENABLED="True") as server:
            assert infer(server, picture, SMALL, KEY).status_code == 200
            assert infer(server, picture, SMALL, "wrong-key-of-the-tests").status_code == 401
            assert infer(server, picture, SMALL, "another-key").status_code == 200
    finally:
        registry.stop()


def test_a_damaged_package_is_fetched_anew(registry, serve, picture, cache):
    with serve(registry) as server:
        assert infer(server, picture, SMALL).status_code == 200
    (weights,) = weights_of(cache)
    content = bytearray(weights.read_bytes())
    content[len(content) // 2] ^= 1
    weights.write_bytes(content)
    with serve(registry, OFFLINE_MODE="True") as server:
        refused = infer(server, picture, SMALL)
        assert refused.status_code == 500 and "damaged" in refused.json()["message"]
    with serve(registry) as server:
        assert infer(server, picture, SMALL).status_code == 200
    assert registry.file_hits(SMALL)["weights.onnx"] == 2


def test_a_server_that_is_killed_needs_no_cleaning(registry, serve, picture, cache, truth):
    expected = truth[LARGE] if LARGE in truth else None
    seed = random.randrange(1 << 30)
    print("seed", seed)
    dice = random.Random(seed)
    for number in range(int(os.environ.get("OSPREY_KILLS", "4"))):
        if number % 3 != 2:  # else it is killed while it loads from the cache
            shutil.rmtree(cache, ignore_errors=True)
        server = serve(registry)
        with pytest.raises(ServerKilled):
            with server:
                caller = threading.Thread(target=ignore_failure, args=(server, picture))
                caller.start()
                time.sleep(dice.uniform(0, 0.8))
                server.kill()
                caller.join()
                raise ServerKilled
        with serve(registry) as server:
            found = answer(infer(server, picture, LARGE))
            expected = expected or found
            assert found == expected, number
        assert list((cache / "osprey/partial").glob("*")) == []
        assert len(weights_of(cache)) == 1


class ServerKilled(Exception):
    pass


def ignore_failure(server, picture):
    try:
        infer(server, picture, LARGE)
    except requests.RequestException:
        pass


def test_a_full_disk_is_told_and_harms_no_other_model(registry, serve, picture, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)],
                                           capture_output=True).returncode != 0:
        pytest.skip("mounting a small tmpfs is not allowed here")
    try:
        with serve(registry, MODEL_CACHE_DIR=str(disk)) as server:
            refused = infer(server, picture, LARGE)
            assert refused.status_code == 500 and "cache is full" in refused.json()["message"]
            assert str(disk) not in refused.text
            check_nothing_is_left(pathlib.Path(disk))
            assert infer(server, picture, SMALL).status_code == 200
    finally:
        subprocess.run(["umount", str(disk)], check=False)
