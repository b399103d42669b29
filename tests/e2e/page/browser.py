"""Drives a headless Chromium by its DevTools protocol, over a pipe: no driver and no library is needed."""
import base64
import fcntl
import itertools
import json
import os
import pathlib
import select
import shutil
import subprocess
import tempfile
import time

START_SECONDS = 60
ANSWER_SECONDS = 60
# Chromium asks its makers for updates and lists of its own accord; the tests are to see only what the page asks for.
FLAGS = ("--headless=new", "--no-first-run", "--no-default-browser-check", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--disable-extensions", "--disable-gpu", "--disable-dev-shm-usage",
         "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", "--hide-scrollbars", "--lang=en-US",
         "--force-color-profile=srgb", "--remote-debugging-pipe")


def find_chromium():
    """Its path; None where it is not installed."""
    return next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)


def moved_up(descriptor):
    """The same file under a number above those that have a meaning."""
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD, 20)
    os.close(descriptor)
    return moved


class Browser:
    """One Chromium; `with` ends it."""

    def __init__(self, program):
        self._profile = tempfile.mkdtemp(prefix="osprey-page-")
        # Chromium's ends are moved out of the way of the numbers that they are to have there.
        (command_read, self._commands), (self._answers, answer_write) = os.pipe(), os.pipe()
        command_read, answer_write = moved_up(command_read), moved_up(answer_write)
        flags = [*FLAGS, f"--user-data-dir={self._profile}", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
        # The protocol is on descriptors 3 and 4, by agreement; a shell puts them there.
        wrapper = f'exec "$0" "$@" 3<&{command_read} 4>&{answer_write} {command_read}<&- {answer_write}>&-'
        self._process = subprocess.Popen(["/bin/bash", "-c", wrapper, program, *flags, "about:blank"],
                                         pass_fds=(command_read, answer_write), stdin=subprocess.DEVNULL,
                                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(command_read)
        os.close(answer_write)
        self._numbers = itertools.count(1)
        self._buffer = b""
        self.pages = {}
        self.call("Browser.getVersion", seconds=START_SECONDS)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.call("Browser.close", seconds=10)
            self._process.wait(10)
        except (OSError, AssertionError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        os.close(self._commands)
        os.close(self._answers)
        shutil.rmtree(self._profile, ignore_errors=True)

    def call(self, method, session=None, seconds=ANSWER_SECONDS, **parameters):
        """Sends a command and returns its result; events that come meanwhile go to their pages."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters, **({"sessionId": session} if session else {})}
        self._send(message)
        until = time.monotonic() + seconds
        while True:
            answer = self.next_message(until - time.monotonic())
            assert answer is not None, f"Chromium did not answer {method} within {seconds} s"
            if answer.get("id") == number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]

    def _send(self, message):
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._commands, data):]

    def next_message(self, seconds):
        """The next message; None after that time. An event is noted by its page, too."""
        until = time.monotonic() + max(seconds, 0)
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._answers], [], [], max(until - time.monotonic(), 0))
            if not ready:
                return None
            part = os.read(self._answers, 1 << 20)
            assert part, "Chromium has ended"
            self._buffer += part
        line, self._buffer = self._buffer.split(b"\0", 1)
        message = json.loads(line)
        if "method" in message and message.get("sessionId") in self.pages:
            self.pages[message["sessionId"]].on_event(message["method"], message["params"])
        return message

    def open(self, width=1280, height=860, **options):
        """A page of its own context: no cookies, no storage, nothing cached."""
        return Page(self, width, height, **options)


class Page:
    """A tab. `requests`: all that it asked for; `problems`: its errors and what its policy stopped."""

    def __init__(self, browser, width, height, dark=False, phone=False):
        self._browser = browser
        self._context = browser.call("Target.createBrowserContext")["browserContextId"]
        self._target = browser.call("Target.createTarget", url="about:blank", browserContextId=self._context)["targetId"]
        self._session = browser.call("Target.attachToTarget", targetId=self._target, flatten=True)["sessionId"]
        browser.pages[self._session] = self
        self.requests, self.bytes, self.problems, self.answers = [], {}, [], {}
        self._faked = []
        for domain in ("Page", "Runtime", "Network", "Log", "DOM"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=2 if phone else 1,
                  mobile=phone)
        if phone:
            self.call("Emulation.setTouchEmulationEnabled", enabled=True)
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
            {"name": "prefers-reduced-motion", "value": "reduce"}])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._browser.pages.pop(self._session, None)
        self._browser.call("Target.closeTarget", targetId=self._target)
        self._browser.call("Target.disposeBrowserContext", browserContextId=self._context)

    def call(self, method, **parameters):
        return self._browser.call(method, self._session, **parameters)

    def on_event(self, method, event):
        if method == "Network.requestWillBeSent":
            self.requests.append(event["request"]["url"])
            self.answers[event["requestId"]] = event["request"]["url"]
        elif method == "Network.loadingFinished" and event["requestId"] in self.answers:
            url = self.answers[event["requestId"]]
            self.bytes[url] = self.bytes.get(url, 0) + event["encodedDataLength"]
        elif method == "Runtime.exceptionThrown":
            self.problems.append(event["exceptionDetails"].get("exception", {}).get("description", "an exception"))
        elif method == "Log.entryAdded" and event["entry"]["level"] == "error" and event["entry"]["source"] != "network":
            self.problems.append(event["entry"]["text"])
        elif method == "Fetch.requestPaused":
            self._answer_paused(event)

    def fake(self, path, status=200, body=None, headers=None):
        """From now on requests for this path are answered by the test instead of the server."""
        self._faked.insert(0, (path, status, json.dumps(body), headers or {}))
        self.call("Fetch.enable", patterns=[{"urlPattern": f"*{each[0]}*"} for each in self._faked])

    def unfake(self):
        self._faked.clear()
        self.call("Fetch.disable")

    def _answer_paused(self, event):
        found = next((each for each in self._faked if each[0] in event["request"]["url"]), None)
        if found is None:
            self._browser._send({"id": next(self._browser._numbers), "method": "Fetch.continueRequest",
                                 "params": {"requestId": event["requestId"]}, "sessionId": self._session})
            return
        _, status, body, headers = found
        fields = [{"name": name, "value": value} for name, value in {"Content-Type": "application/json", **headers}.items()]
        self._browser._send({"id": next(self._browser._numbers), "method": "Fetch.fulfillRequest", "sessionId": self._session,
                             "params": {"requestId": event["requestId"], "responseCode": status, "responseHeaders": fields,
                                        "body": base64.b64encode(body.encode()).decode()}})

    def go(self, url):
        self.call("Page.navigate", url=url)
        self.until("document.readyState === 'complete'")

    def run(self, script):
        """The value of an expression in the page; promises are waited for."""
        result = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"].get("exception", result["exceptionDetails"])
        return result["result"].get("value")

    def until(self, condition, seconds=30):
        """Waits until an expression is true; returns its value."""
        end = time.monotonic() + seconds
        while True:
            value = self.run(condition)
            if value:
                return value
            assert time.monotonic() < end, f"not so after {seconds} s: {condition}\n{self.text()}"
            time.sleep(0.05)

    def text(self):
        return self.run("document.body.innerText")

    def press(self, *keys):
        """Presses keys one after the other: "Tab", "Enter", "ArrowRight", " " ..."""
        codes = {"Tab": 9, "Enter": 13, " ": 32, "End": 35, "Home": 36, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39,
                 "ArrowDown": 40, "Escape": 27}
        for key in keys:
            common = {"key": key, "code": "Space" if key == " " else key, "windowsVirtualKeyCode": codes[key]}
            text = {"Enter": "\r", " ": " "}.get(key)
            self.call("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", **common,
                      **({"text": text} if text else {}))
            self.call("Input.dispatchKeyEvent", type="keyUp", **common)

    def point(self, x, y):
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def click(self, selector):
        x, y = self.run(f"(() => {{ const e = document.querySelector({json.dumps(selector)}); e.scrollIntoView({{block: 'center'}});"
                        " const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()")
        self.call("Page.bringToFront")
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def drop(self, path, x=400, y=300):
        """Drops a file from the desktop."""
        data = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "dragOver", "drop"):
            self.call("Input.dispatchDragEvent", type=kind, x=x, y=y, data=data)
            time.sleep(0.1)  # what the page says to it is known to the browser only then

    def choose_file(self, selector, path):
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        node = self.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.call("DOM.setFileInputFiles", files=[str(path)], nodeId=node)

    def screenshot(self, path, whole=True):
        path = pathlib.Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        clip = {}
        if whole:
            size = self.call("Page.getLayoutMetrics")["cssContentSize"]
            clip = {"clip": {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 5000), "scale": 1},
                    "captureBeyondViewport": True}
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png", **clip)["data"]))
