"""A model registry that fails as it is told: by the model's id.

`fails/<what>`: the lookup does; `download/<what>`: the lookup is answered, the list of weights is not. <what> is a status,
`hangs` (no answer for a minute) or `nonsense` (200 with what is no JSON).
"""
import http.server
import json
import threading
import urllib.parse

LOOKUP = "/models/v1/external/stat"
WEIGHTS = "/models/v1/external/weights"
KNOWN = {"modelMetadata": {"modelArchitecture": "yolov8", "taskType": "object-detection", "modelVariant": "yolov8n"}}


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):  # noqa: N802  # the base class's name
        url = urllib.parse.urlsplit(self.path)
        where, _, what = urllib.parse.parse_qs(url.query).get("modelId", ["/"])[0].partition("/")
        self.server.asked.append((url.path, where, what, self.headers.get("Authorization")))
        if url.path == LOOKUP and where == "download":
            return self.answer(200, json.dumps(KNOWN))
        if url.path not in (LOOKUP, WEIGHTS):
            return self.answer(404, "{}")
        if what == "hangs":
            self.server.stopped.wait(60)
            return self.close_connection
        if what == "nonsense":
            return self.answer(200, "<html>hello</html>")
        return self.answer(int(what) if what.isdigit() else 404, '{"error": "as told"}')

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())


class FakeRegistry:
    """`with FakeRegistry() as registry:` answers at registry.url; registry.asked is what it was asked."""

    def __init__(self):
        self._web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._web.daemon_threads = True
        self._web.asked = self.asked = []
        self._web.stopped = self._stopped = threading.Event()
        self.url = f"http://127.0.0.1:{self._web.server_port}"

    def __enter__(self):
        threading.Thread(target=self._web.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._stopped.set()
        self._web.shutdown()
        self._web.server_close()
