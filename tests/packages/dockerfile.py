"""Reads a Dockerfile and carries its steps out in bare roots, for machines that have no containers."""
import json
import pathlib
import re
import shlex
import shutil
import subprocess

from bare_root import BareRoot, say

IMAGE = "debian:bookworm-slim"


def instructions(text):
    """(NAME, arguments) of each instruction, with lines that go on joined and comments left out."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for line in re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines():
        if line.strip():
            name, _, rest = line.strip().partition(" ")
            yield name.upper(), rest.strip()


def options(arguments):
    """The leading --name=value options of an instruction, and the rest."""
    found = []
    while match := re.match(r"--([a-z-]+)=(\S+)\s+", arguments):
        found.append(match.groups())
        arguments = arguments[match.end():]
    return found, arguments


def assignments(arguments):
    return dict(word.split("=", 1) for word in shlex.split(arguments))


class Stage:
    """A root as the steps so far have made it, and what the image would say of itself."""

    def __init__(self, name, root):
        self.name = name
        self.root = root
        self.folder = "/"
        self.environment = {}
        self.user = None
        self.volumes = []
        self.entry = []
        self.command = []
        self.health = []


class Builder:
    """`source` is the build's context; `places` puts a folder of the Dockerfile elsewhere: {"/src": "/home/me/osprey"}."""

    def __init__(self, base, roots, source, places, caches):
        self._base, self._roots, self._source, self._places, self._caches = base, roots, source, places, caches
        self._stages = {}

    def build(self, dockerfile, target=None):
        """The last stage, or the one of that name."""
        stage = None
        for name, arguments in instructions(pathlib.Path(dockerfile).read_text()):
            if name == "FROM":
                if stage is not None and stage.name == target:
                    break
                image, _, alias = arguments.partition(" AS ")
                assert image == IMAGE, f"a base that is no bare Debian: {image}"
                alias = alias or "image"
                stage = Stage(alias, BareRoot(self._base, self._roots / alias))
                self._stages[alias] = stage
                continue
            getattr(self, "_" + name.lower())(stage, arguments)
        return stage

    def _place(self, folder):
        for named, place in self._places.items():
            if folder == named or folder.startswith(named + "/"):
                return place + folder[len(named):]
        return folder

    def _workdir(self, stage, arguments):
        stage.folder = self._place(arguments)
        stage.root.path(stage.folder).mkdir(parents=True, exist_ok=True)

    def _copy(self, stage, arguments):
        given, rest = options(arguments)
        assert not given, f"COPY {arguments}: not known here"
        *sources, target = rest.split()
        folder = stage.root.path(pathlib.PurePosixPath(stage.folder) / target)
        folder.mkdir(parents=True, exist_ok=True)
        for source in sources:
            path = self._source / source
            if path.is_dir():
                shutil.copytree(path, folder, dirs_exist_ok=True, symlinks=True)
            else:
                shutil.copy2(path, folder)

    def _run(self, stage, arguments):
        given, script = options(arguments)
        binds = []
        for kind, value in given:
            assert kind == "mount", f"RUN --{kind}: not known here"
            mount = dict(part.split("=", 1) for part in value.split(","))
            if mount["type"] == "cache":
                binds.append((self._caches[mount["target"]], mount["target"]))
            else:
                assert mount["type"] == "bind", mount
                binds.append((self._stages[mount["from"]].root.path(mount["source"]), mount["target"]))
        say(f"{stage.name}: {script[:90]}")
        stage.root.run(script, stage.folder, stage.environment, quiet=False, binds=binds)

    def _env(self, stage, arguments):
        stage.environment.update(assignments(arguments))

    def _user(self, stage, arguments):
        stage.user = arguments

    def _volume(self, stage, arguments):
        stage.volumes.append(arguments)

    def _entrypoint(self, stage, arguments):
        stage.entry = json.loads(arguments)

    def _cmd(self, stage, arguments):
        stage.command = json.loads(arguments)

    def _healthcheck(self, stage, arguments):
        given, rest = options(arguments)
        assert given and rest.startswith("CMD ")
        stage.health = json.loads(rest.removeprefix("CMD "))

    def _label(self, stage, arguments):
        assert assignments(arguments)

    def _expose(self, stage, arguments):
        assert int(arguments) == 9001

    def _stopsignal(self, stage, arguments):
        assert arguments == "SIGTERM"


def without_ignored(source, ignore_file, target):
    """Copies a folder as a build's context: without what the .dockerignore file names."""
    patterns = [line.strip() for line in ignore_file.read_text().splitlines() if line.strip() and line[0] != "#"]
    shutil.rmtree(target, ignore_errors=True)
    excluded = [f"--exclude={pattern}" if pattern.startswith("**/") else f"--exclude=./{pattern}" for pattern in patterns]
    excluded = [argument.replace("**/", "") for argument in excluded]
    target.mkdir(parents=True)
    pack = subprocess.Popen(["tar", "-C", str(source), *excluded, "-cf", "-", "."], stdout=subprocess.PIPE)
    subprocess.run(["tar", "-C", str(target), "-xf", "-"], stdin=pack.stdout, check=True)
    assert pack.wait() == 0
