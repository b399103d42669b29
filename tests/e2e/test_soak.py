"""A short soak (tests/soak): everything at once, two lives of a server, and a balance that has to come out."""
import os
import subprocess
import sys

import pytest

from places import ROOT

MINUTES = "0.35"
MOST_SECONDS = 900  # far past what it takes: ends one that hangs


# Not in CI yet: on a machine that is loaded by others it has failed (a 408 to a pipelined body), and why is not known.
@pytest.mark.skipif(not os.environ.get("OSPREY_SOAK"), reason="fails on a loaded machine, cause open: OSPREY_SOAK=1 runs it")
def test_everything_at_once_ends_with_a_balanced_account(binary, tmp_path):
    command = [sys.executable, str(ROOT / "tests/soak/run.py"), "--binary", str(binary), "--minutes", MINUTES, "--seed", "1",
               "--report", str(tmp_path / "report.md"), "--keep-log", str(tmp_path / "server.txt")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=MOST_SECONDS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
