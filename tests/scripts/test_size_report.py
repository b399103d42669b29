"""scripts/size_report.py --check fails on files that are too long, and on names that say nothing."""
import subprocess
import sys

import pytest

from places import ROOT


def check(root):
    return subprocess.run([sys.executable, str(ROOT / "scripts/size_report.py"), "--check", "--root", str(root)],
                          capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name,lines,wanted", [
    ("src/base/result.cpp", 500, None),
    ("src/base/result.cpp", 501, "501 lines"),
    ("tests/e2e/test_routes.py", 501, "501 lines"),
    ("src/base/utils.hpp", 1, "utils"),
    ("src/registry/model_manager.hpp", 1, "model_manager"),
    ("src/common/result.hpp", 1, "common"),
    ("src/base/commonly.hpp", 1, None),
    ("training/utils.py", 501, None),
])
def test_length_and_name(tmp_path, name, lines, wanted):
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_text("x\n" * lines)
    result = check(tmp_path)
    assert result.returncode == (0 if wanted is None else 1)
    assert wanted is None or wanted in result.stderr
