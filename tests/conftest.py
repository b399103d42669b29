"""What the end-to-end and golden tests share: a running server, and pictures with their truth."""
import pytest

import scoring
from places import MODELS, SHARED, SHIPPED_SAMPLES
from server_process import ServerProcess, find_binary


@pytest.fixture(scope="session")
def binary():
    """The built `inference` executable: OSPREY_BINARY, else the release's."""
    return find_binary()


@pytest.fixture(scope="session")
def start_server(binary, tmp_path_factory):
    """start_server(models=..., arguments=..., environment=...): a running server, which its `with` stops."""
    def start(models=MODELS, arguments=(), environment=None):
        return ServerProcess(binary, models, tmp_path_factory.mktemp("server"), arguments, environment or {})
    return start


@pytest.fixture(scope="session")
def server(start_server):
    """One server with the demo models for all tests that do not care what is loaded. Stopping it has to go well too."""
    with start_server() as running:
        yield running


@pytest.fixture
def own_server(start_server):
    """A server of the test's own, for those that look at or change what is loaded."""
    with start_server() as running:
        yield running


@pytest.fixture(scope="session")
def samples():
    """Scenes and their truth: the shipped six, or all that lie beside the repository."""
    beside = SHARED / "images/samples"
    return scoring.load_samples(beside if beside.is_dir() else SHIPPED_SAMPLES)


@pytest.fixture(scope="session")
def picture():
    """The bytes of one shipped scene, 640x480 with a cat in it."""
    return (SHIPPED_SAMPLES / "000.jpg").read_bytes()
