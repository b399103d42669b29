"""Replays recorded requests, where the recordings lie beside the repository, and compares the answers with them.

The recordings and the tool that compares are in ../shared/golden; this only starts the server and picks the groups.
"""
import json
import shutil
import subprocess
import sys

import pytest

from places import SHARED

GOLDEN = SHARED / "golden"
PACKAGES = SHARED / "models/packages"

# How the names of the cases begin: all of them.
GROUPS = ("det-v2", "det-v1", "det-url", "img", "np", "seg", "cls", "multi", "sem", "kpt", "fam", "pre", "err", "mgmt")

pytestmark = pytest.mark.skipif(not (GOLDEN.is_dir() and PACKAGES.is_dir()),
                                reason="no recordings beside the repository (../shared/golden, ../shared/models)")


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """The packages as the recordings had them: their maker writes anew those that are links, which a copy may have lost."""
    folder = tmp_path_factory.mktemp("golden") / "packages"
    shutil.copytree(PACKAGES, folder)
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | 0o200)
    subprocess.run([sys.executable, str(SHARED / "models/make_variants.py"), "--from", str(folder), "--to", str(folder)],
                   check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def golden_server(start_server, packages):
    # The tool serves the pictures that URLs point to on loopback.
    with start_server(packages, environment={"ALLOW_URL_TO_NON_GLOBAL_ADDRESSES": "true"}) as running:
        yield running


def test_every_case_belongs_to_a_group():
    recorded = json.loads((GOLDEN / "cases.json").read_text())
    assert [case["name"] for case in recorded if not case["name"].startswith(tuple(f"{group}-" for group in GROUPS))] == []


@pytest.mark.parametrize("group", GROUPS)
def test_answers_are_those_recorded(golden_server, tmp_path, group):
    recorded = json.loads((GOLDEN / "cases.json").read_text())
    cases = [case for case in recorded if case["name"].startswith(group + "-")]
    assert cases, f"no case of group {group}"
    # The tool looks for expected/ beside the cases.
    (tmp_path / "cases.json").write_text(json.dumps(cases))
    (tmp_path / "expected").symlink_to(GOLDEN / "expected")
    result = subprocess.run(
        [sys.executable, str(GOLDEN / "replay.py"), "--url", golden_server.url, "--cases", str(tmp_path / "cases.json"),
         "--images", str(SHARED / "images")], capture_output=True, text=True, timeout=900, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    assert f"{len(cases)} passed, 0 failed" in result.stdout
