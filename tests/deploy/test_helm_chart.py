"""The chart, rendered by helm for the values that its documentation names, and held against Kubernetes' schemas."""
import json

import jsonschema
import pytest
import yaml

import helm
import kubernetes_schemas

pytestmark = pytest.mark.skipif(not helm.find_helm(), reason="no helm: scripts/setup.sh test (x86-64 only)")

# What docs/scaling.md and values.yaml offer; each is rendered by itself and all together.
OFFERED = {
    "as it is": [],
    "without autoscaling": ["autoscaling.enabled=false", "replicas=3"],
    "autoscaling by utilization": ["autoscaling.utilization.enabled=true", "autoscaling.cpu.enabled=false"],
    "models from a claim": ["models.existingClaim=models", "models.subPath=vision"],
    "preloading": ["preloadModels={parts/1,bolts/2}", "pinnedModels={parts/1}"],
    "shared cache": ["cache.persistent=true", "cache.storageClass=nfs"],
    "seeded cache": ["cache.seedClaim=seed"],
    "gRPC": ["grpc.enabled=true"],
    "monitoring": ["serviceMonitor.enabled=true", "serviceMonitor.labels.release=prometheus"],
    "settings": ["settings.MAX_ACTIVE_MODELS=32", "envFrom[0].secretRef.name=osprey-keys"],
    "closed network": ["networkPolicy.from[0].podSelector.matchLabels.app=web",
                       "networkPolicy.metricsFrom[0].namespaceSelector.matchLabels.team=monitoring"],
    "at least one pod": ["podDisruptionBudget.minAvailable=50%"],
    "image by digest": ["image.digest=sha256:" + 64 * "a", "imagePullSecrets[0].name=registry"],
    "places": ["nodeSelector.disk=ssd", "tolerations[0].key=vision", "tolerations[0].operator=Exists",
               "topologySpreadConstraints[0].maxSkew=1", "topologySpreadConstraints[0].topologyKey=zone",
               "topologySpreadConstraints[0].whenUnsatisfiable=ScheduleAnyway"],
}


def rendered(values):
    """Objects by kind, of settings like those of --set; numbers among settings stay text."""
    arguments = []
    for value in values:
        arguments += ["--set-string" if value.startswith(("settings.", "podDisruption")) else "--set", value]
    done = helm.template(*arguments)
    assert done.returncode == 0, done.stderr
    things = {}
    for thing in kubernetes_schemas.read(done.stdout):
        things.setdefault(thing["kind"], []).append(thing)
    return things


def pod(things):
    return things["Deployment"][0]["spec"]["template"]["spec"]


def environment(things):
    return {entry["name"]: entry["value"] for entry in pod(things)["containers"][0]["env"]}


@pytest.mark.parametrize("values", [*OFFERED.values(), sum(OFFERED.values(), [])], ids=[*OFFERED, "all"])
def test_what_is_rendered_fits_the_schemas(values):
    things = rendered(values)
    for kind in things.values():
        for thing in kind:
            assert thing["metadata"]["labels"]["app.kubernetes.io/name"] == "osprey"
            kubernetes_schemas.check(thing)
    assert {"Deployment", "Service", "ServiceAccount", "PodDisruptionBudget", "NetworkPolicy"} <= set(things)


def test_helm_finds_nothing_to_say_against_it():
    done = helm.run("lint", "--strict", str(helm.CHART))
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_pod_may_do_as_little_as_possible():
    spec = pod(rendered(OFFERED["seeded cache"]))
    assert spec["securityContext"]["runAsNonRoot"] and spec["securityContext"]["runAsUser"] > 0
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert spec["automountServiceAccountToken"] is False
    for container in spec["containers"] + spec["initContainers"]:
        assert container["securityContext"] == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                                                "capabilities": {"drop": ["ALL"]}}
        assert container["resources"]["limits"]["memory"]


def test_a_pod_has_the_time_to_end_that_its_server_takes():
    things = rendered(["drainDelaySeconds=7", "drainSeconds=60"])
    assert environment(things)["OSPREY_DRAIN_DELAY_SECONDS"] == "7"
    assert environment(things)["OSPREY_DRAIN_SECONDS"] == "60"
    assert pod(things)["terminationGracePeriodSeconds"] > 67


def test_values_reach_the_server():
    things = rendered(sum(OFFERED.values(), []))
    assert environment(things)["PRELOAD_MODELS"] == "parts/1,bolts/2"
    assert environment(things)["PINNED_MODELS"] == "parts/1"
    assert environment(things)["MAX_ACTIVE_MODELS"] == "32"
    container = pod(things)["containers"][0]
    assert container["image"] == "osprey@sha256:" + 64 * "a"
    mounts = {mount["name"]: mount for mount in container["volumeMounts"]}
    assert mounts["models"] == {"name": "models", "mountPath": "/var/lib/osprey/models", "readOnly": True,
                                "subPath": "vision"}
    volumes = {volume["name"]: volume for volume in pod(things)["volumes"]}
    assert volumes["cache"]["persistentVolumeClaim"]["claimName"] == things["PersistentVolumeClaim"][0]["metadata"]["name"]
    assert volumes["seed"]["persistentVolumeClaim"] == {"claimName": "seed", "readOnly": True}
    assert {port["name"] for port in container["ports"]} == {"http", "grpc"}
    assert "replicas" not in rendered([])["Deployment"][0]["spec"], "the autoscaler's to say"


def test_the_autoscaler_looks_at_what_it_is_told_to():
    metrics = rendered(OFFERED["autoscaling by utilization"])["HorizontalPodAutoscaler"][0]["spec"]["metrics"]
    assert [metric["pods"]["metric"]["name"] for metric in metrics] == ["osprey_utilization"]
    metrics = rendered([])["HorizontalPodAutoscaler"][0]["spec"]["metrics"]
    assert [metric["resource"]["name"] for metric in metrics] == ["cpu"]
    none = helm.template("--set", "autoscaling.cpu.enabled=false")
    assert none.returncode != 0 and "enable utilization or cpu" in none.stderr


@pytest.mark.parametrize("value", ["replicas=two", "unheard=1", "drainSeconds=0", "settings.lower=x", "cache.size=big",
                                   "autoscaling.utilization.target=70%", "service.type=Odd", "preloadModels={a/1 b/1}"])
def test_values_that_do_not_fit_are_refused(value):
    done = helm.template("--set", value)
    assert done.returncode != 0, done.stdout[:300]
    assert value.partition("=")[0].split(".")[-1] in done.stderr


def test_every_value_is_described_and_has_a_place_in_the_schema():
    schema = json.loads((helm.CHART / "values.schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    values = yaml.safe_load((helm.CHART / "values.yaml").read_text())
    assert set(values) == set(schema["properties"]) - {"global"}
    for name, part in schema["properties"].items():
        if "properties" in part and name != "resources":
            assert set(part["properties"]) == set(values[name]), name
