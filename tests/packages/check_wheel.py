"""The Python wheel: built and installed where it was built, and taken to a machine that has only Python."""
import shutil

from bare_root import free_port, say, server
from prediction import check_prediction

# As a user of the machine would: from a folder without models, with nothing set but the port.
HERE = "/tmp/somewhere"


def run_and_predict(root, command, what):
    root.path(HERE).mkdir(parents=True, exist_ok=True)
    port = free_port()
    arguments = [command, "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with server(root, arguments, port, cwd=HERE):
        check_prediction(port, what)
    # ONNX Runtime's library is looked for only when it is asked for.
    with server(root, [*arguments, "--backend", "onnxruntime", "--cache", ""], port, cwd=HERE):
        check_prediction(port, what + ", ONNX Runtime")


def check(machine, checkout, python):
    say("wheel: pip install .")
    # With the compiler's name and flags of `make build`, by which ccache knows what it has compiled already.
    machine.run("rm -rf /tmp/venv; python3 -m venv /tmp/venv; CXX=c++ /tmp/venv/bin/pip install --quiet . "
                "--config-settings=cmake.define.OSPREY_WARNINGS_AS_ERRORS=ON", checkout, quiet=False)
    run_and_predict(machine, "/tmp/venv/bin/inference", "pip install .")
    assert machine.read("/tmp/venv/bin/inference --version").startswith("osprey ")

    say("wheel: make wheel")
    machine.run("rm -rf build/dist; make wheel", checkout, quiet=False)
    wheel, = machine.path(checkout).glob("build/dist/*.whl")
    say(f"  {wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB")
    python.run("apt-get -qq update; apt-get -qq install -y --no-install-recommends python3-venv ca-certificates",
               quiet=False)
    shutil.copy(wheel, python.path("/tmp"))
    python.run(f"python3 -m venv /opt/osprey; /opt/osprey/bin/pip install --quiet /tmp/{wheel.name}", quiet=False)
    run_and_predict(python, "/opt/osprey/bin/inference", "the wheel on a machine with only Python")
    python.run("/opt/osprey/bin/pip uninstall --quiet --yes osprey-server")
    left = python.read("find /opt/osprey -name '*osprey_server*' -o -path '*/bin/inference'")
    assert not left, f"pip uninstall has left {left}"
