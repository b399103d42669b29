"""The runtime and the example for KServe, held against the types of KServe's own SDK."""
import copy
import pathlib

import pytest

import kubernetes_schemas

FOLDER = pathlib.Path(__file__).resolve().parent.parent.parent / "deploy/kserve"


def shipped(name):
    return kubernetes_schemas.read((FOLDER / name).read_text())


@pytest.mark.parametrize("name", [path.name for path in sorted(FOLDER.glob("*.yaml"))])
def test_what_is_shipped_fits_the_types(name):
    things = shipped(name)
    assert things
    for thing in things:
        kubernetes_schemas.check(thing)


@pytest.mark.parametrize("path, value", [(("spec", "contaners"), []), (("spec", "containers", 0, "imag"), "x"),
                                         (("spec", "protocolVersions"), "v2"), (("spec", "volumes", 0, "emptyDir", "size"), 1)])
def test_what_does_not_fit_is_found(path, value):
    runtime = copy.deepcopy(shipped("serving-runtime.yaml")[0])
    place = runtime
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(AssertionError):
        kubernetes_schemas.check(runtime)


def test_the_example_uses_the_runtime():
    runtime, service = shipped("serving-runtime.yaml")[0], shipped("inference-service.yaml")[0]
    model = service["spec"]["predictor"]["model"]
    assert model["runtime"] == runtime["metadata"]["name"]
    assert model["protocolVersion"] in runtime["spec"]["protocolVersions"]
    assert model["modelFormat"]["name"] in [known["name"] for known in runtime["spec"]["supportedModelFormats"]]
