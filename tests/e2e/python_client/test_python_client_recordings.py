"""The reference server's recorded answers, asked for again of this server with the Python client."""
import importlib.util
import io
import json

import osprey_client
import pytest
from PIL import Image
from places import SHARED

GOLDEN, PACKAGES = SHARED / "golden", SHARED / "models/packages"

pytestmark = pytest.mark.skipif(not (GOLDEN.is_dir() and PACKAGES.is_dir()),
                                reason="no recordings beside the repository (../shared/golden, ../shared/models)")


@pytest.fixture(scope="module")
def replay():
    """The tool beside the recordings, for how its answers are compared."""
    spec = importlib.util.spec_from_file_location("golden_replay", GOLDEN / "replay.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def packages_server(start_server):
    with start_server(PACKAGES) as server:
        yield server


def cases(prefix):
    from recordings import expressible
    return [case for case in json.loads((GOLDEN / "cases.json").read_text())
            if case["name"].startswith(prefix) and expressible(case)]


# Those of group pre- are not here: their weights are links, which a copy may have lost. tests/golden has them.
@pytest.mark.parametrize("group", ["det-v2", "det-v1", "img", "np", "seg", "cls", "multi", "kpt", "fam", "err"])
def test_the_answers_are_those_recorded(packages_server, replay, group):
    from recordings import call_of
    found = cases(group + "-")
    assert found
    for case in found:
        expected = json.loads((GOLDEN / "expected" / f"{case['name']}.json").read_text())
        call = call_of(case, SHARED / "images")
        with osprey_client.InferenceHTTPClient(packages_server.url, "golden") as client:
            call.prepare(client)
            try:
                answer = client.infer(call.images, model_id=call.model_id)
            except osprey_client.HTTPCallErrorError as error:
                assert error.status_code == expected["status"], (case["name"], str(error))
                continue
        assert expected["status"] == 200, case["name"]
        if "json" not in expected:
            assert image_size(answer["visualization"]) == tuple(expected["image_size"]), case["name"]
            continue
        wanted = expected["json"]
        if isinstance(wanted, list) and isinstance(answer, dict):
            answer = [answer]  # the client unwraps a list of one
        if isinstance(wanted, dict) and "visualization" in wanted:  # recorded as its size
            answer["visualization"] = list(image_size(answer["visualization"]))
        try:
            replay.compare(wanted, answer)
        except replay.Difference as difference:
            pytest.fail(f"{case['name']}: {difference}")


def image_size(text):
    import base64
    return Image.open(io.BytesIO(base64.b64decode(text))).size
