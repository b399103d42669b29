"""What the executable and its process give up: writable code, known addresses, privileges, core dumps."""
import pathlib
import re
import shutil
import subprocess

import pytest

from places import MODELS, ROOT
from server_process import ServerProcess, find_binary


def readelf(*arguments):
    if not shutil.which("readelf"):
        pytest.skip("no readelf here (Debian's binutils)")
    return subprocess.run(["readelf", "-W", *arguments, str(find_binary())], capture_output=True, text=True,
                          check=True).stdout


def is_sanitized():
    return "__asan_init" in readelf("--dyn-syms") or "__tsan_init" in readelf("--dyn-syms")


@pytest.fixture(scope="module")
def hardened():
    if is_sanitized():
        pytest.skip("a sanitizer's build is not hardened: it finds more by itself")


def test_the_executable_lies_at_an_unknown_address_and_its_tables_are_read_only(hardened):
    assert "DYN (Position-Independent Executable file)" in readelf("-h")
    assert "GNU_RELRO" in readelf("-l")
    assert re.search(r"FLAGS\b.*BIND_NOW", readelf("-d"))


def test_neither_stack_nor_data_can_be_executed(hardened):
    segments = readelf("-l")
    assert re.search(r"GNU_STACK\s.*\sRW\s", segments)
    assert not re.search(r"LOAD\s.*\sRWE\s", segments)


def test_buffers_are_guarded(hardened):
    symbols = readelf("--dyn-syms")
    assert "__stack_chk_fail" in symbols
    assert re.search(r"__\w+_chk@", symbols), "no fortified function"


def process_facts(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    limits = pathlib.Path(f"/proc/{pid}/limits").read_text()
    return (re.search(r"NoNewPrivs:\s+(\d)", status).group(1), re.search(r"Max core file size\s+(\S+)", limits).group(1))


def test_the_server_cannot_gain_privileges_and_leaves_no_core_dump(tmp_path):
    with ServerProcess(find_binary(), MODELS, tmp_path) as server:
        assert process_facts(server.pid) == ("1", "0")


def test_core_dumps_are_left_as_they_are_where_they_are_asked_for(tmp_path):
    with ServerProcess(find_binary(), MODELS, tmp_path, environment={"OSPREY_CORE_DUMPS": "true"}) as server:
        own = re.search(r"Max core file size\s+(\S+)", pathlib.Path("/proc/self/limits").read_text()).group(1)
        assert process_facts(server.pid) == ("1", own)


def test_the_unit_is_understood_by_systemd_and_leaves_little_open():
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd-analyze here (Debian's systemd)")
    unit = ROOT / "deploy/systemd/osprey.service"
    told = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    complaints = [line for line in told.stderr.splitlines() if "is not executable" not in line]
    assert not [line for line in complaints if "osprey.service" in line], complaints
    level = subprocess.run(["systemd-analyze", "security", "--offline=true", str(unit)], capture_output=True, text=True,
                           check=False).stdout
    assert float(re.search(r"Overall exposure level for \S+: ([\d.]+)", level).group(1)) <= 2.0
