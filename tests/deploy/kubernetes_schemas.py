"""Holds Kubernetes objects against their schemas, all of which come with Python packages: no cluster, no network.

Core objects by kubernetes-validate, strictly (an unknown field is an error); KServe's by the types of its own SDK, whose
sources are read rather than imported (importing them needs the whole SDK); ServiceMonitor by the few fields written here.
"""
import ast
import functools
import importlib.util
import json
import pathlib
import re

import jsonschema
import kubernetes_validate
import referencing
import yaml

KUBERNETES = ("1.28", "1.37")
DEFINITIONS = pathlib.Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema/v1.37.0-local-strict/_definitions.json"
KSERVE_ROOTS = {("serving.kserve.io/v1alpha1", "ServingRuntime"): "V1alpha1ServingRuntime",
                ("serving.kserve.io/v1beta1", "InferenceService"): "V1beta1InferenceService"}
SIMPLE = {"str": str, "int": int, "bool": bool, "float": (int, float), "object": object}

TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
SERVICE_MONITOR = {  # github.com/prometheus-operator, Documentation/api-reference: the fields that are used here
    "type": "object", "additionalProperties": False, "required": ["endpoints", "selector"],
    "properties": {
        "selector": {"type": "object", "additionalProperties": False, "properties": {"matchLabels": TEXTS}},
        "endpoints": {"type": "array", "minItems": 1, "items": {
            "type": "object", "additionalProperties": False, "required": ["port"],
            "properties": {
                "port": {"type": "string"}, "path": {"type": "string"},
                "interval": {"type": "string", "pattern": r"^(0|([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?)$"},
                "relabelings": {"type": "array", "items": {
                    "type": "object", "additionalProperties": False,
                    "properties": {"sourceLabels": {"type": "array", "items": {"type": "string"}},
                                   "regex": {"type": "string"}, "action": {"enum": ["keep", "drop", "replace"]}}}}}}}}}


def check(thing):
    """Raises AssertionError that says what does not fit."""
    kind = (thing["apiVersion"], thing["kind"])
    if kind in KSERVE_ROOTS:
        check_kserve(thing, KSERVE_ROOTS[kind], thing["kind"])
    elif kind == ("monitoring.coreos.com/v1", "ServiceMonitor"):
        refuse(jsonschema.Draft7Validator(SERVICE_MONITOR), thing["spec"], "ServiceMonitor.spec")
    else:
        check_known(json.dumps(thing, sort_keys=True))


@functools.lru_cache(maxsize=None)  # most objects are the same in one rendering and the next
def check_known(text):
    thing = json.loads(text)
    for version in KUBERNETES:
        try:
            kubernetes_validate.validate(thing, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            where = ".".join(str(step) for step in error.path)
            raise AssertionError(f"{thing['kind']} {thing['metadata']['name']}, Kubernetes {version}: {where}: "
                                 f"{error.message}") from None


def refuse(validator, value, where):
    for error in validator.iter_errors(value):
        raise AssertionError(f"{where}{''.join(f'.{step}' for step in error.path)}: {error.message}")


def kserve_types(name):
    """(attribute's name in YAML -> its type) of a class of KServe's SDK; None for one that is not KServe's."""
    sources = pathlib.Path(importlib.util.find_spec("kserve").submodule_search_locations[0]) / "models"
    source = sources / (re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower() + ".py")
    if not source.exists():
        return None
    tables = {target.id: ast.literal_eval(node.value) for node in ast.walk(ast.parse(source.read_text()))
              if isinstance(node, ast.Assign) for target in node.targets
              if isinstance(target, ast.Name) and target.id in ("openapi_types", "attribute_map")}
    return {tables["attribute_map"][field]: kind for field, kind in tables["openapi_types"].items()}


def check_kserve(value, kind, where):
    if found := re.fullmatch(r"list\[(.+)\]", kind):
        assert isinstance(value, list), f"{where}: a list is expected"
        for number, item in enumerate(value):
            check_kserve(item, found[1], f"{where}.{number}")
    elif found := re.fullmatch(r"dict\(str, (.+)\)", kind):
        for key, item in value.items():
            check_kserve(item, found[1], f"{where}.{key}")
    elif kind in SIMPLE:
        assert isinstance(value, SIMPLE[kind]), f"{where}: {kind} is expected, not {value!r}"
    elif kind == "V1ObjectMeta":
        assert re.fullmatch(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", value["name"]), f"{where}.name"
    elif (types := kserve_types(kind)) is not None:
        for key, item in value.items():
            assert key in types, f"{where}: there is no '{key}'; there are {', '.join(sorted(types))}"
            check_kserve(item, types[key], f"{where}.{key}")
    else:
        check_core(value, kind, where)


def check_core(value, kind, where):
    """A part of Kubernetes' own, like V1Container."""
    definitions = json.loads(DEFINITIONS.read_text())
    name = "io.k8s.api.core.v1." + kind.removeprefix("V1")
    assert name in definitions["$defs"], f"{where}: unknown type {kind}"
    registry = referencing.Resource.from_contents(definitions) @ referencing.Registry()
    validator = jsonschema.Draft202012Validator({"$ref": f"{definitions['$id']}#/$defs/{name}"}, registry=registry)
    refuse(validator, value, where)


def read(text):
    return [thing for thing in yaml.safe_load_all(text) if thing]
