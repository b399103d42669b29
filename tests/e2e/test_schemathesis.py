"""schemathesis makes requests of /openapi.json, sound and unsound ones, and holds every answer against the document: no 5xx,
no status, content type, header or body that is not described, nothing unsound accepted, nothing sound refused.

A repeatable run: beside the cases that follow from the document alone (some 2,000), OSPREY_SCHEMATHESIS_EXAMPLES random ones
for each route, few by default; always the same ones, or others with a number for OSPREY_SCHEMATHESIS_SEED. The long run, by
hand:

    OSPREY_SCHEMATHESIS_EXAMPLES=300 OSPREY_SCHEMATHESIS_SEED=1 .venv-test/bin/python -m pytest -s \
        tests/e2e/test_schemathesis.py
"""
import os
import pathlib
import re
import subprocess
import sys

from picture_server import PictureServer
from places import SHIPPED_SAMPLES
from server_process import clean_environment

HERE = pathlib.Path(__file__).parent
EXAMPLES = os.environ.get("OSPREY_SCHEMATHESIS_EXAMPLES", "8")
SEED = os.environ.get("OSPREY_SCHEMATHESIS_SEED")

SETTINGS = {"ALLOW_URL_TO_NON_GLOBAL_ADDRESSES": "True", "ENABLE_IN_MEMORY_LOGS": "True"}


def run(url, folder, *options):
    """schemathesis' exit status and what it wrote."""
    command = [sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()",
               "--config-file", str(HERE / "schemathesis.toml"), "run", url + "/openapi.json", "--checks", "all",
               "--max-examples", EXAMPLES,
               *(["--seed", SEED, "--generation-database", "none"] if SEED else ["--generation-deterministic"]),
               "--suppress-health-check", "all", "--request-timeout", "120", "--no-color", *options]
    with PictureServer(SHIPPED_SAMPLES) as web:
        environment = clean_environment({"OSPREY_PICTURE_URL": web.url("000.jpg"), "PYTHONPATH": str(HERE),
                                         "SCHEMATHESIS_HOOKS": "schemathesis_hooks", "COLUMNS": "120"})
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=7200,
                              check=False)
    return done.returncode, done.stdout + done.stderr


def test_the_server_does_what_its_description_says(start_server, tmp_path):
    with start_server(environment=SETTINGS) as server:
        status, output = run(server.url, tmp_path)
    print(output)
    assert status == 0, output[-8000:]
    answered = {(kind, int(code)): int(count)
                for kind, code, count in re.findall(r"(\w+) cases answered with (\d+): (\d+)", output)}
    assert answered["sound", 200] > 300, answered
    assert answered["unsound", 400] > 50 and answered["unsound", 422] > 300, answered


def test_a_server_with_keys_answers_nobody_without_one(start_server, tmp_path):
    """The check is schemathesis' own: it repeats what was answered without the key, and with a wrong one."""
    with start_server(environment={**SETTINGS, "OSPREY_SERVER_KEYS": "secret"}) as server:
        status, output = run(server.url, tmp_path, "--header", "Authorization: Bearer secret", "--phases",
                             "examples,fuzzing", "--include-path-regex", "^/(info|model/registry|infer/classification|start)")
    assert status == 0, output[-8000:]
    assert int(re.search(r"sound cases answered with 200: (\d+)", output)[1]) > 3, output
