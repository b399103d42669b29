"""A web server on loopback with the files of a folder, and whatever else a test lets it answer."""
import functools
import http.server
import threading


class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):  # noqa: N802  # the base class's name
        answer = self.server.answers.get(self.path)
        if answer is None:
            return super().do_GET()
        status, headers, body = answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class PictureServer:
    """`answers`: {path: (status, headers, body)}; other paths are files of `folder`."""

    def __init__(self, folder, answers=()):
        handler = functools.partial(Handler, directory=str(folder))
        self._web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._web.answers = dict(answers)

    def url(self, name):
        return f"http://127.0.0.1:{self._web.server_port}/{name}"

    def __enter__(self):
        threading.Thread(target=self._web.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._web.shutdown()
        self._web.server_close()
