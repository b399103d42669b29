"""Replays recorded requests, where the recordings lie beside the repository, and compares the answers with them.

The recordings and the tool that compares are in ../shared/golden; this only starts the server and picks the groups.
"""
import json
import subprocess
import sys

import pytest

from places import SHARED

GOLDEN = SHARED / "golden"
PACKAGES = SHARED / "models/packages"

# Group (how a case's name begins) -> cases of it that are left out, each with the reason.
GROUPS = {
    "det-v2": {},
    "det-v1": {"det-v1-multipart": "multipart bodies are not read yet"},
}

pytestmark = pytest.mark.skipif(not (GOLDEN.is_dir() and PACKAGES.is_dir()),
                                reason="no recordings beside the repository (../shared/golden, ../shared/models)")


@pytest.fixture(scope="module")
def golden_server(start_server):
    with start_server(PACKAGES) as running:
        yield running


@pytest.mark.parametrize("group", GROUPS)
def test_answers_are_those_recorded(golden_server, tmp_path, group):
    recorded = json.loads((GOLDEN / "cases.json").read_text())
    cases = [case for case in recorded if case["name"].startswith(group + "-") and case["name"] not in GROUPS[group]]
    assert cases, f"no case of group {group}"
    # The tool looks for expected/ beside the cases.
    (tmp_path / "cases.json").write_text(json.dumps(cases))
    (tmp_path / "expected").symlink_to(GOLDEN / "expected")
    result = subprocess.run(
        [sys.executable, str(GOLDEN / "replay.py"), "--url", golden_server.url, "--cases", str(tmp_path / "cases.json"),
         "--images", str(SHARED / "images")], capture_output=True, text=True, timeout=900, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    assert f"{len(cases)} passed, 0 failed" in result.stdout
