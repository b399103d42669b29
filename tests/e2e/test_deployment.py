"""What is installed elsewhere: the tree of `cmake --install`, the Python wheel's parts, the Debian package, the container's files.

All from the build that is there. `make package-check` builds and uses the packages in whole, on a bare Debian 12.
"""
import base64
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tomllib

import pytest
import requests
import yaml

from places import ROOT, SHIPPED_SAMPLES
from server_process import ServerProcess, find_binary

DEPLOY = ROOT / "deploy"
HADOLINT = pathlib.Path(sys.executable).with_name("hadolint")
TOOLS = {name: shutil.which(name) for name in ("cmake", "dpkg-buildpackage", "dh", "dpkg-deb", "readelf")}


def needs(*tools):
    missing = [tool for tool in tools if not TOOLS[tool]]
    return pytest.mark.skipif(bool(missing), reason=f"not here: {', '.join(missing)} (scripts/setup.sh package)")


@pytest.fixture(scope="module")
def build():
    folder = find_binary().parent.parent
    if not (folder / "cmake_install.cmake").is_file():
        pytest.skip(f"{find_binary()} lies in no build folder")
    return folder


@pytest.fixture(scope="module")
def tree(build, tmp_path_factory):
    """The installed tree, moved after it was installed: nothing in it may know where it lies."""
    first = tmp_path_factory.mktemp("install") / "first"
    for part in ("server", "engines", "models"):
        subprocess.run(["cmake", "--install", str(build), "--prefix", str(first), "--component", part], check=True,
                       stdout=subprocess.DEVNULL)
    return first.rename(first.with_name("moved"))


class Installed(ServerProcess):
    """The installed executable with no flag but its address, in an empty folder, with no variables of a shell."""

    def __init__(self, tree, folder, *arguments):
        super().__init__(tree / "bin/inference", "", folder)
        at = self._command.index("--models")
        self._command[at:at + 2] = arguments
        self._environment = {}


def predicted(server):
    sample = base64.b64encode((SHIPPED_SAMPLES / "003.jpg").read_bytes())
    answer = requests.post(f"{server.url}/emoji-detection/1?confidence=40", data=sample,
                           headers={"Content-Type": "application/x-www-form-urlencoded"}, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.json()


@needs("cmake")
def test_the_installed_tree_serves_its_demo_models_from_anywhere(tree, tmp_path):
    with Installed(tree, tmp_path) as server:
        answer = predicted(server)
        assert str(tree / "share/osprey/models") in server.text()
        # Its libraries are its own, not those of the build.
        maps = pathlib.Path(f"/proc/{server.pid}/maps").read_text()
    assert {"apple", "dog", "cat"} <= {found["class"] for found in answer["predictions"]}
    engine = set(re.findall(r"\S+/libopenvino\S*", maps))
    assert engine and all(library.startswith(str(tree)) for library in engine), engine
    assert ".venv" not in maps


@needs("cmake")
def test_the_installed_tree_finds_the_second_engine(tree, tmp_path):
    with Installed(tree, tmp_path, "--backend", "onnxruntime", "--cache", "") as server:
        assert predicted(server)["resolved_model"]["backend"] == "onnxruntime"


@needs("cmake")
def test_the_second_engine_keeps_no_telemetry(tree, tmp_path):
    server = Installed(tree, tmp_path, "--backend", "onnxruntime", "--cache", "")
    server._environment = {"HOME": str(tmp_path / "home"), "XDG_CACHE_HOME": str(tmp_path / "home")}
    (tmp_path / "home").mkdir()
    with server:
        predicted(server)
    assert not list((tmp_path / "home").iterdir()), "a store of events that are to be sent"


@needs("cmake")
def test_a_models_folder_where_the_server_is_started_comes_before_the_demo_models(tree, tmp_path):
    shutil.copytree(ROOT / "models/emoji-classification", tmp_path / "models/mine")
    with Installed(tree, tmp_path) as server:
        assert "mine/1" in server.text()
        assert "emoji-detection/1" not in server.text()


@needs("cmake", "readelf")
def test_the_installed_executable_names_no_folder_of_the_build(tree, build):
    dynamic = subprocess.run(["readelf", "-d", str(tree / "bin/inference")], capture_output=True, text=True, check=True)
    assert re.search(r"RUNPATH\).*\[\$ORIGIN/../lib/osprey\]", dynamic.stdout), dynamic.stdout
    if b"__asan_init" in (tree / "bin/inference").read_bytes():
        return  # a sanitizer's build names the folder of the second engine
    assert str(ROOT / ".venv").encode() not in (tree / "bin/inference").read_bytes()


@needs("cmake")
def test_the_wheels_command_becomes_the_program(tree, tmp_path):
    package = tmp_path / "osprey_server"
    shutil.copytree(DEPLOY / "wheel/osprey_server", package, ignore=shutil.ignore_patterns("__pycache__"))
    for part in ("bin", "lib", "share"):
        (package / part).symlink_to(tree / part)
    environment = {"PYTHONPATH": str(tmp_path), "PATH": os.environ["PATH"]}
    run = [sys.executable, "-m", "osprey_server"]
    version = subprocess.run([*run, "--version"], env=environment, capture_output=True, text=True, check=True)
    assert re.fullmatch(r"osprey \d+\.\d+\.\d+\n", version.stdout)
    usage = subprocess.run([*run, "no-such-command"], env=environment, capture_output=True, text=True, check=False)
    assert usage.returncode == 2  # the program's own exit code
    folder = subprocess.run([sys.executable, "-c", "import osprey_server; print(osprey_server.demo_models())"],
                            env=environment, capture_output=True, text=True, check=True).stdout.strip()
    assert (pathlib.Path(folder) / "emoji-detection/1/weights.onnx").is_file()


def version_of_the_project():
    return re.search(r"project\(osprey VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text()).group(1)


def test_the_wheel_asks_for_the_engines_that_the_build_uses():
    pinned = [line for line in (ROOT / "scripts/requirements.txt").read_text().splitlines() if line[:1] not in ("#", "")]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    build, run = project["build-system"]["requires"], project["project"]["dependencies"]
    assert set(pinned) <= set(build)
    assert set(run) == {pin for pin in pinned if pin.startswith(("openvino==", "onnxruntime=="))}
    pattern = project["tool"]["scikit-build"]["metadata"]["version"]["regex"]
    found = re.search(pattern, (ROOT / "CMakeLists.txt").read_text())
    assert found.group("value") == version_of_the_project()


def test_the_debian_package_has_the_projects_version():
    assert (DEPLOY / "debian/changelog").read_text().startswith(f"osprey ({version_of_the_project()}-")


@pytest.fixture(scope="module")
def package(build, tmp_path_factory):
    folder = tmp_path_factory.mktemp("deb")
    made = subprocess.run([ROOT / "scripts/make_deb.sh", build, folder], capture_output=True, text=True, check=False,
                          env={**os.environ, "OSPREY_DEB_COMPRESSION": "none"})
    assert made.returncode == 0, made.stderr
    return pathlib.Path(made.stdout.splitlines()[0])


@needs("cmake", "dpkg-buildpackage", "dh", "dpkg-deb")
def test_the_debian_package_holds_what_the_service_needs(package):
    listed = subprocess.run(["dpkg-deb", "-c", package], capture_output=True, text=True, check=True).stdout
    entries = {line.split()[5].removeprefix("."): line.split()[:2] for line in listed.splitlines()}
    for wanted in ("/usr/bin/inference", "/usr/lib/osprey/libopenvino_intel_cpu_plugin.so", "/etc/osprey/osprey.yaml",
                   "/lib/systemd/system/osprey.service", "/usr/share/osprey/models/emoji-detection/1/weights.onnx",
                   "/usr/share/doc/osprey/copyright", "/usr/share/doc/osprey/licences/openvino/LICENSE",
                   "/usr/share/doc/osprey/licences/onnxruntime/ThirdPartyNotices.txt", "/usr/share/man/man1/inference.1.gz"):
        assert wanted in entries, f"{wanted} is not in\n{listed}"
    assert all(owner == "root/root" for _, owner in entries.values())
    assert all(mode[5] != "w" and mode[8] != "w" for mode, _ in entries.values() if mode[0] != "l"), "others may write"
    assert not any(".venv" in name or name.startswith("/usr/local") for name in entries)


@needs("cmake", "dpkg-buildpackage", "dh", "dpkg-deb")
def test_the_debian_package_says_what_it_needs(package):
    told = subprocess.run(["dpkg-deb", "-f", package], capture_output=True, text=True, check=True).stdout
    fields = dict(line.split(": ", 1) for line in told.splitlines() if ": " in line and line[0] != " ")
    assert fields["Package"] == "osprey"
    depends = {entry.split()[0] for entry in fields["Depends"].split(", ")}
    assert {"adduser", "ca-certificates", "libc6", "libcurl4", "libssl3", "libopencv-imgproc406"} <= depends
    assert not any("openvino" in name or "tbb" in name for name in depends), "the engines are in the package"
    conffiles = subprocess.run(["dpkg-deb", "-I", package, "conffiles"], capture_output=True, text=True, check=True)
    assert conffiles.stdout.split() == ["/etc/osprey/osprey.yaml"]


def test_the_service_of_the_debian_package_runs_as_its_own_user():
    assert "User=osprey" in (DEPLOY / "debian/user.conf").read_text().splitlines()
    settings = yaml.safe_load((DEPLOY / "debian/osprey.yaml").read_text())
    assert settings["host"] == "127.0.0.1", "a package that was just installed is open to the network"


def instructions(name):
    text = re.sub(r"\\\n\s*", "", (DEPLOY / "Dockerfile").read_text())
    return [line.split(" ", 1)[1] for line in text.splitlines() if line.startswith(name + " ")]


@pytest.mark.skipif(not HADOLINT.is_file(), reason="no hadolint in the tests' environment")
def test_hadolint_has_nothing_to_say_of_the_dockerfile():
    found = subprocess.run([HADOLINT, "--no-color", DEPLOY / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout) == (0, ""), found.stdout


def test_the_container_runs_as_no_root_and_stops_by_itself():
    assert instructions("USER") == ["10001:10001"]
    assert instructions("STOPSIGNAL") == ["SIGTERM"]
    for name in ("ENTRYPOINT", "CMD"):
        (command,) = instructions(name)
        assert command.startswith("["), "a shell would take the signals"
    (health,) = instructions("HEALTHCHECK")
    assert "inference" in health


def test_the_compose_file_gives_the_container_no_more_than_it_needs():
    (service,) = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"].values()
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["mem_limit"] and service["pids_limit"]
    (volume,) = instructions("VOLUME")
    assert f"cache:{volume}" in service["volumes"]
    assert (DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]).is_file()
    assert int(service["stop_grace_period"].rstrip("s")) > 30, "less than the server's own time to drain"
