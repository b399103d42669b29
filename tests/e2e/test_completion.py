"""Completion in shells: what Tab offers."""
import shutil
import subprocess

import pytest

from places import MODELS
from server_process import clean_environment


def shell(binary, command, tmp_path):
    environment = clean_environment({"OSPREY_MODELS": str(MODELS), "MODEL_CACHE_DIR": str(tmp_path / "cache")})
    environment["PATH"] = f"{binary.parent}:{environment['PATH']}"
    result = subprocess.run(command, env=environment, cwd=tmp_path, text=True, capture_output=True, stdin=subprocess.DEVNULL,
                            timeout=60, check=False)
    assert result.returncode == 0 and result.stderr == "", result
    return result.stdout.split()


BASH = """source <(inference completion bash)
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_inference
printf '%s\\n' "${COMPREPLY[@]}" """


def in_bash(binary, tmp_path, *words):
    return shell(binary, ["bash", "-c", BASH, "bash", *words], tmp_path)


@pytest.mark.parametrize("words,wanted,unwanted", [
    (("inference", ""), {"server", "model", "infer", "benchmark", "completion"}, {"start"}),
    (("inference", "ser"), {"server"}, {"model"}),
    (("inference", "server", ""), {"start", "status", "stop"}, {"server"}),
    (("inference", "server", "start", "--de"), {"--detach", "--decode-scale"}, {"--port"}),
    (("inference", "server", "stop", "--"), {"--timeout", "--all", "--port"}, {"--detach"}),
    (("inference", "model", "remove", ""), {"emoji-detection/1", "emoji-classification/1"}, set()),
    (("inference", "model", "remove", "emoji-d"), {"emoji-detection/1"}, {"emoji-classification/1"}),
    (("inference", "benchmark", "api-speed", "--model-id", "emoji-m"), {"emoji-multilabel/1"}, {"emoji-detection/1"}),
    (("inference", "benchmark", "api-speed", "-m", ""), {"emoji-multilabel/1"}, {"--host"}),
    (("inference", "model", "quantize", "--preset", ""), {"mixed", "performance"}, {"emoji-detection/1"}),
    (("inference", "model", "quantize", "--preset", "=", "m"), {"mixed"}, {"performance"}),
    (("inference", "server", "start", "--offline", ""), {"true", "false"}, set()),
    (("inference", "server", "status", "--port", ""), set(), {"--json", "start"}),
], ids=lambda value: " ".join(value) if isinstance(value, tuple) else "")
def test_bash_offers_what_fits(binary, tmp_path, words, wanted, unwanted):
    offered = set(in_bash(binary, tmp_path, *words))
    assert wanted <= offered and not unwanted & offered, offered


def test_bash_offers_files_and_folders(binary, tmp_path):
    (tmp_path / "weights.onnx").touch()
    (tmp_path / "folder").mkdir()
    assert set(in_bash(binary, tmp_path, "inference", "model", "add", "")) == {"weights.onnx", "folder"}
    assert in_bash(binary, tmp_path, "inference", "server", "start", "--models", "") == ["folder"]


def test_models_are_those_of_the_folder(binary, tmp_path):
    offered = shell(binary, ["inference", "completion", "models"], tmp_path)
    assert offered == sorted(f"{path.parent.name}/{path.name}" for path in MODELS.glob("*/*") if path.is_dir())
    assert not (tmp_path / "cache").exists(), "to look makes no folder"


@pytest.mark.parametrize("name,check", [("bash", ["bash", "-n"]), ("zsh", ["zsh", "-n"]), ("fish", ["fish", "-n"])])
def test_scripts_are_read_by_their_shell(binary, tmp_path, name, check):
    if not shutil.which(name):
        pytest.skip(f"{name} is not installed")
    script = tmp_path / "script"
    script.write_bytes(subprocess.run([str(binary), "completion", name], stdout=subprocess.PIPE, check=True).stdout)
    result = subprocess.run([*check, str(script)], capture_output=True, text=True, check=False)
    assert result.returncode == 0 and result.stderr == "", result


def test_fish_offers_what_fits(binary, tmp_path):
    if not shutil.which("fish"):
        pytest.skip("fish is not installed")
    def offered(line):
        return {word for word in shell(binary, ["fish", "--no-config", "-c",
                                                f"inference completion fish | source; complete -C '{line}'"], tmp_path)}
    assert {"start", "status", "stop"} <= offered("inference server ")
    assert "--detach" in offered("inference server start --de")
    assert "emoji-detection/1" in offered("inference model remove emoji-d")
    assert {"mixed", "performance"} <= offered("inference model quantize --preset ")


ZSH = """autoload -U compinit; compinit -D -u
source <(inference completion zsh)
compadd() { while [[ $1 == -* && $1 != -- ]]; do [[ $1 == -[aoXJVPSMFdxqi] ]] && shift; shift; done; print -l -- "${@[2,-1]}" }
_describe() { local -a found; found=(${(P)@[-1]}); print -l -- ${found%%:*} }
words=("$@") CURRENT=$#
_test() { local funcstack_=x; _inference }
_test"""


def test_zsh_offers_what_fits(binary, tmp_path):
    if not shutil.which("zsh"):
        pytest.skip("zsh is not installed")
    def offered(*words):
        return set(shell(binary, ["zsh", "-f", "-c", ZSH, "zsh", *words], tmp_path))
    assert {"start", "status", "stop"} <= offered("inference", "server", "")
    assert {"--detach", "--port"} <= offered("inference", "server", "start", "--")
    assert "emoji-detection/1" in offered("inference", "model", "remove", "")
    assert {"mixed", "performance"} <= offered("inference", "model", "quantize", "--preset", "")
