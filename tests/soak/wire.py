"""HTTP/1.1 as bytes over asyncio: requests that can be cut anywhere, answers that are read to their last byte."""
import asyncio
import dataclasses
import json
import socket
import struct

ANSWER_SECONDS = 240  # past the server's longest limit: an answer that takes longer is lost
LINE_BYTES = 1 << 20


class Unanswered(Exception):
    """The connection ended where an answer, or the rest of one, should have come. `received`: bytes of it that had come."""

    def __init__(self, received):
        super().__init__(f"closed after {received} bytes of an answer")
        self.received = received


@dataclasses.dataclass(frozen=True)
class Answer:
    status: int
    headers: dict
    body: bytes

    @property
    def closes(self):
        return self.headers.get("connection", "").lower() == "close"

    @property
    def by_handler(self):
        """Whether a route answered (and counted it in /metrics), or the connection before it came to one."""
        return "x-inference-engine" in self.headers


def message(method, path, body=b"", headers=None, chunked=False):
    """The bytes of a request. `headers` replaces what is made up here; None as a value leaves a field out."""
    fields = {"Host": "127.0.0.1", "Content-Type": "application/json" if body else None}
    fields |= {"Transfer-Encoding": "chunked"} if chunked else {"Content-Length": str(len(body)) if body else None}
    fields |= headers or {}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value is not None)
    if chunked:
        cut = max(1, len(body) // 3)
        pieces = [body[at:at + cut] for at in range(0, len(body), cut)]
        body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body


def post_json(path, value, **options):
    return message("POST", path, json.dumps(value).encode(), **options)


def form(parts, boundary="soak-7f1c"):
    """(content type, body) of a multipart form: {name: bytes}, each a file."""
    body = b"".join(b'--%s\r\nContent-Disposition: form-data; name="%s"; filename="x"\r\n\r\n%s\r\n'
                    % (boundary.encode(), name.encode(), data) for name, data in parts.items())
    return f"multipart/form-data; boundary={boundary}", body + b"--%s--\r\n" % boundary.encode()


class Connection:
    """One connection to the server. `life`: which of the server's lives it belongs to."""

    def __init__(self, reader, writer, life):
        self.reader, self.writer, self.life = reader, writer, life
        self.used = 0

    @classmethod
    async def open(cls, port, life=0, receive_buffer=None):
        """Raises OSError (ConnectionRefusedError while the server is away)."""
        raw = socket.socket()
        try:
            if receive_buffer:
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            raw.setblocking(False)
            await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", port))
            # A stream reads ahead up to twice its limit: a slow reader's must be small.
            limit = receive_buffer or LINE_BYTES
            return cls(*await asyncio.open_connection(sock=raw, limit=limit), life)
        except BaseException:
            raw.close()
            raise

    async def send(self, data):
        """Until the kernel has it. What fails shows when the answer is read: it may have been refused before its end."""
        try:
            self.writer.write(data)
            await self.writer.drain()
            return True
        except OSError:
            return False

    async def answer(self, without_body=False, seconds=ANSWER_SECONDS):
        """Raises Unanswered, TimeoutError."""
        return await asyncio.wait_for(self._answer(without_body), seconds)

    async def ask(self, data, without_body=False):
        self.used += 1
        await self.send(data)
        return await self.answer(without_body)

    async def _answer(self, without_body):
        status = 100
        while status < 200:
            head = await self._until_blank_line()
            lines = head.decode("latin-1").split("\r\n")
            status = int(lines[0].split(" ", 2)[1])
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:] if line)}
        length = 0 if without_body or status in (204, 304) else int(headers["content-length"])
        try:
            return Answer(status, headers, await self.reader.readexactly(length))
        except asyncio.IncompleteReadError as error:
            raise Unanswered(len(head) + len(error.partial)) from None
        except OSError:
            raise Unanswered(len(head)) from None

    async def _until_blank_line(self):
        try:
            return await self.reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError as error:
            raise Unanswered(len(error.partial)) from None
        except OSError:
            raise Unanswered(0) from None

    async def rest(self, seconds=ANSWER_SECONDS):
        """All that comes until the peer closes. Raises TimeoutError."""
        try:
            return await asyncio.wait_for(self.reader.read(), seconds)
        except OSError:
            return b""

    def close(self):
        self.writer.close()

    def reset(self):
        """Ends it as a crashed client does: the peer sees a reset, not an end."""
        raw = self.writer.get_extra_info("socket")
        if raw is not None and raw.fileno() >= 0:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()
