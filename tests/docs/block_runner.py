"""Runs the blocks of one document, in their order."""
import dataclasses
import json
import pathlib
import select
import subprocess
import sys

from demo_server import DemoServer, becomes_one, starts_one
from doc_blocks import CONSOLE, PYTHON, SHELL
from expectations import check_output
from place import SECONDS


def is_settings(block):
    """Whether a block is an osprey.yaml, which it says in its first line."""
    return block.language == "yaml" and block.code.startswith("# osprey.yaml")


class BlockRunner:
    def __init__(self, place):
        self._place = place
        self._server = DemoServer(place)
        self._python = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._server.stop()
        if self._python is not None:
            self._python.stdin.close()
            self._python.wait(SECONDS)
            self._python.stdout.close()

    def run(self, block):
        if "with" in block.told:
            self._write(block)
        if is_settings(block):
            self._serve(block)
        elif block.language in CONSOLE:
            for command, shown in console_steps(block):
                status, output = self._shell(block, command)
                # A refusal may be what is to be seen; then it has to be shown.
                assert status == 0 or shown, f"{block.name}: {command}\nended with status {status}:\n{output}"
                if shown:
                    check_output(dataclasses.replace(block, language="", code=shown), output)
        elif block.language in SHELL:
            status, output = self._shell(block, block.code)
            assert status == 0, f"{block.name} ended with status {status}:\n{block.code}\n{output}"
            if block.output is not None:
                check_output(block.output, output)
        elif block.language == "cpp":
            self._compile(block)
        elif block.language == "cmake":
            self._configure(block)
        elif block.language in PYTHON:
            self._server.prepare(block)
            output = self._run_python(block)
            if block.output is not None:
                check_output(block.output, output)

    def _write(self, block):
        """A block that is a file."""
        path = self._place.root / block.told["with"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.code)

    def _compile(self, block):
        """A C++ program, which is run when it is a whole one."""
        self._server.prepare(block)
        self._place.add_cpp_client()
        (self._place.root / "my_program.cpp").write_text(block.code)
        flags = "-std=c++20 -Wall -Wextra -Werror my_program.cpp $(pkg-config --cflags --libs osprey-client)"
        run = f"c++ {flags} -o my_program && ./my_program"
        status, output = self._place.run("bash", "-euc", run)
        assert status == 0, f"{block.name}: {run}\nended with status {status}:\n{output}"
        if block.output is not None:
            check_output(block.output, output)

    def _configure(self, block):
        """What a program's CMakeLists.txt has of the client."""
        self._place.add_cpp_client()
        folder = self._place.root / "my_project"
        folder.mkdir(exist_ok=True)
        (folder / "my_program.cpp").touch()
        (folder / "CMakeLists.txt").write_text("cmake_minimum_required(VERSION 3.22)\nproject(my_program CXX)\n"
                                               "add_executable(my_program my_program.cpp)\n" + block.code)
        # Not built: tests/e2e/test_cpp_client.py does that.
        status, output = self._place.run("cmake", "-S", "my_project", "-B", "my_project/build")
        assert status == 0, f"{block.name} ended with status {status}:\n{output}"

    def _serve(self, block):
        """A block that is a settings file: a server takes it, and answers."""
        path = self._place.root / "osprey-of-block.yaml"
        path.write_text(block.code)
        self._server.stop()
        self._server.take(*self._place.start("inference", "server", "start", "--config", path))
        self._server.started_by(block)

    def _shell(self, block, code):
        self._server.prepare(block, code)
        command = ("bash", "-euo", "pipefail", "-c", code)
        if becomes_one(code):
            output = self._server.take(*self._place.start(*command))
            self._server.started_by(block)
            return 0, output
        result = self._place.run(*command)
        if starts_one(code):
            self._server.started_by(block)
        return result

    def _run_python(self, block):
        if self._python is None:
            session = pathlib.Path(__file__).with_name("python_session.py")
            self._python = subprocess.Popen(self._place.command(sys.executable, session), cwd=self._place.root,
                                            env=self._place.environment(), text=True, stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE)
        print(json.dumps({"code": block.code, "file": block.document, "line": block.line}), file=self._python.stdin, flush=True)
        ready, _, _ = select.select([self._python.stdout], [], [], SECONDS)
        assert ready, f"{block.name} took more than {SECONDS} s"
        answer = json.loads(self._python.stdout.readline())
        assert answer["error"] is None, f"{block.name}:\n{answer['output']}{answer['error']}"
        return answer["output"]


def console_steps(block):
    """The commands behind "$ ", each with the text that is shown below it."""
    steps = []
    for line in block.code.splitlines():
        if line.startswith("$ "):
            steps.append([[line[2:]], []])
        elif steps and not steps[-1][1] and steps[-1][0][-1].endswith("\\"):
            steps[-1][0].append(line)
        else:
            assert steps, f"{block.name}: a command begins with '$ '"
            steps[-1][1].append(line)
    return [("\n".join(command), "\n".join(shown)) for command, shown in steps]
