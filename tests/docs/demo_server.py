"""The server that the blocks of a document ask: on port 9001, with the demo models, or as a block or a comment wants it."""
import re
import shlex
import time

PORT = 9001
SECONDS = 30
# One that listens on another port is a block's own matter.
_STARTS = re.compile(r"\binference server start\b(?!.*(?:--help|--port (?!9001)\d))")
_IN_THE_BACKGROUND = re.compile(r"--detach\b|&\s*$", re.MULTILINE)
_LOOKS_AFTER = re.compile(r"\binference server (?:status|stop)\b")


def starts_one(code):
    """Whether a block starts a server, by whatever means."""
    return bool(_STARTS.search(code))


def becomes_one(code):
    """Whether it is a server from then on: one in the foreground, which a reader would leave running."""
    return starts_one(code) and not _IN_THE_BACKGROUND.search(code)


class DemoServer:
    def __init__(self, place):
        self._place = place
        self._process = None
        self._for = None  # ("flags", FLAGS) as a comment says, ("section", HEADING) where a block has started it

    def prepare(self, block, code=""):
        """The server as a block needs it. One that a block has started, in the background too, serves the blocks that
        follow under the same heading."""
        if starts_one(code):
            self.stop()
            return
        told, of_section = block.told.get("server"), self._for == ("section", block.heading)
        if told is None and (of_section and (self._is_there() or _LOOKS_AFTER.search(code))):
            return
        wanted = ("flags", told or "")
        if self._for != wanted or not self._is_there():
            self.stop()
            self._for = wanted
            self.take(*self._place.start("inference", "server", "start", "--models", "models", *shlex.split(told or "")))

    def started_by(self, block):
        self._for = ("section", block.heading)

    def take(self, process, path):
        """Waits until a process that was started as a server listens."""
        self._process = process
        until = time.monotonic() + SECONDS
        while not self._is_there():
            text = path.read_text(errors="replace")
            assert process.poll() is None, f"the server ended with status {process.returncode}:\n{text}"
            assert time.monotonic() < until, f"the server did not listen on port {PORT} after {SECONDS} s:\n{text}"
            time.sleep(0.01)
        until = time.monotonic() + 1  # what it says about itself comes right after
        while "is listening on" not in path.read_text(errors="replace") and time.monotonic() < until:
            time.sleep(0.01)
        return path.read_text(errors="replace")

    def _is_there(self):
        return self._place.network.listens(PORT)

    def stop(self):
        """Ends whatever serves here: ours, and those that blocks have left in the background."""
        if self._process is not None:
            if self._process.poll() is None:
                self._process.terminate()
            self._process.wait(SECONDS)
        self._process = self._for = None
        if self._is_there():
            self._place.end_processes()
