"""Three servers behind HAProxy (deploy/haproxy): which machine a model lives on, and what clients see of machines that die,
stop and join. The long form is tests/scaling/run.py."""
import base64
import json
import subprocess
import sys

import pytest
import requests

from places import MODELS, ROOT

sys.path.insert(0, str(ROOT / "tests/scaling"))
import scenario  # noqa: E402
import traffic  # noqa: E402
from fleet import Fleet, find_haproxy  # noqa: E402

pytestmark = pytest.mark.skipif(not find_haproxy(), reason="haproxy is not installed: scripts/setup.sh test")


def send(url, request):
    return requests.request(request.method, url + request.path, data=request.body, headers=request.headers, timeout=60)


@pytest.fixture(scope="module")
def fleet(binary, tmp_path_factory):
    with Fleet(binary, MODELS, tmp_path_factory.mktemp("fleet")) as running:
        yield running


def test_every_way_of_naming_a_model_leads_to_the_same_machine(fleet, picture):
    for machine in fleet.machines:
        requests.post(machine.url + "/model/clear", timeout=10)
    for model in traffic.TASKS:
        answers = [send(fleet.balancer.url, form(model, picture))
                   for form in (traffic.native, traffic.older, traffic.open_protocol)]
        assert {answer.status_code for answer in answers} == {200}, [answer.text for answer in answers]
        assert requests.get(f"{fleet.balancer.url}/start/{model}", timeout=30).ok
        added = requests.post(fleet.balancer.url + "/model/add", json={"model_id": model}, timeout=30)
        assert added.ok, added.text
        for name in (model.partition("/")[0], model.partition("/")[0] + ".raw"):
            assert requests.get(f"{fleet.balancer.url}/v2/models/{name}", timeout=30).ok
    residence = fleet.residence()
    assert {model: len(places) for model, places in residence.items()} == {model: 1 for model in traffic.TASKS}, residence


def test_a_body_larger_than_the_buffer_finds_its_model(fleet, picture):
    image = base64.b64encode(picture).decode()
    whole = json.dumps({"model_id": "emoji-detection/1", "image": {"type": "base64", "value": image}})
    for model in traffic.TASKS:  # wherever it may be now
        for machine in fleet.machines:
            requests.post(machine.url + "/model/remove", json={"model_id": model}, timeout=10)
    assert requests.post(fleet.balancer.url + "/infer/object_detection", whole,
                         headers={"Content-Type": "application/json"}, timeout=60).ok
    place = fleet.residence()["emoji-detection/1"]
    padding = " " * (2 << 20)  # of no meaning in JSON
    cut = whole.index('"image"')
    sent = whole[:cut] + padding + whole[cut:]
    answer = requests.post(fleet.balancer.url + "/infer/object_detection", sent,
                           headers={"Content-Type": "application/json", "X-Model-Id": "emoji-detection/1"}, timeout=60)
    assert answer.status_code == 200, answer.text
    assert fleet.residence()["emoji-detection/1"] == place


def test_no_request_fails_while_machines_join_die_and_restart(binary, tmp_path, picture, server):
    forms = [traffic.native, traffic.older]
    if requests.get(server.url + "/v2/health/ready", timeout=10).status_code == 200:
        forms.append(traffic.open_protocol)
    result = scenario.faults(binary, MODELS, tmp_path, picture, forms)
    assert not result["failures"], scenario.told(result)
    assert result["answered"] > 250
    assert set(result["residence"]) == set(traffic.TASKS)
    assert all(len(places) <= scenario.MOST_PLACES for places in result["residence"].values()), result["residence"]


def test_the_configurations_are_valid(tmp_path):
    shipped = ROOT / "deploy/haproxy"
    done = subprocess.run([find_haproxy(), "-c", "-f", str(shipped / "haproxy.cfg"), "-f", str(shipped / "grpc.cfg")],
                          env={"OSPREY_HAPROXY_SOCKET": str(tmp_path / "s"), "OSPREY_HAPROXY_USER": "nobody"},
                          capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARNING" not in done.stderr, done.stderr
