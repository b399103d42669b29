"""Requests that arrive at a given rate, whatever becomes of those before them. A process of its own, as cheap as Python allows.

    open_loop.py PORT RATE SECONDS CONNECTIONS REQUEST_FILE

Prints JSON when all are answered, or the last wait has passed: [[status, seconds after the start, seconds to the answer], ...]
and how far behind its schedule it was. Status 0: closed without an answer; -1: not answered when it gave up; -2: not sent, as
every connection was waiting.
"""
import asyncio
import gc
import json
import pathlib
import re
import sys
import time

LAST_WAIT_SECONDS = 150  # past --request-seconds
HEAD = re.compile(rb"HTTP/1\.1 (\d+).*?\r\ncontent-length: (\d+)\r\n.*?\r\n\r\n", re.I | re.S)


class Sender(asyncio.Protocol):
    def __init__(self, loop_of_requests):
        self.owner = loop_of_requests
        self.transport = None
        self.sent = None
        self.scheduled = None
        self.received = b""

    def connection_made(self, transport):
        self.transport = transport
        if self.scheduled is not None:
            self._send_now()

    def send(self, scheduled):
        self.scheduled = scheduled
        self.sent = time.monotonic()  # of one that has no connection yet, too: it waits for the server all the same
        if self.transport is not None:
            self._send_now()

    def _send_now(self):
        self.transport.write(self.owner.request)

    def data_received(self, data):
        self.received += data
        found = HEAD.match(self.received)
        if not found or len(self.received) < found.end() + int(found[2]):
            return
        closing = b"connection: close" in found[0].lower()
        self.received = b""
        self._done(int(found[1]))
        if closing:
            self.transport.close()
        else:
            self.owner.free.append(self)

    def connection_lost(self, _):
        self.transport = None
        if self in self.owner.free:
            self.owner.free.remove(self)
        self.owner.open -= 1
        if self.sent is not None:
            self._done(0)

    def _done(self, status):
        self.owner.results.append((status, self.sent - self.owner.began, time.monotonic() - self.sent))
        self.sent = self.scheduled = None
        self.owner.waiting.discard(self)


class OpenLoop:
    def __init__(self, port, rate, seconds, connections, request):
        self.port, self.rate, self.seconds, self.most, self.request = port, rate, seconds, connections, request
        self.free, self.waiting, self.results = [], set(), []
        self.open = 0
        self.began = 0.0
        self.behind = 0.0

    async def connect(self, sender):
        loop = asyncio.get_running_loop()
        try:
            await loop.create_connection(lambda: sender, "127.0.0.1", self.port)
        except OSError:
            self.open -= 1
            sender._done(0)

    async def run(self):
        connecting = set()
        self.began = time.monotonic()
        total = int(self.rate * self.seconds)
        for number in range(total):
            due = self.began + number / self.rate
            now = time.monotonic()
            if due > now:
                await asyncio.sleep(due - now)
            elif number % 16 == 0:
                await asyncio.sleep(0)
            self.behind = max(self.behind, time.monotonic() - due)
            if self.free:
                sender = self.free.pop()
                self.waiting.add(sender)
                sender.send(due)
            elif self.open < self.most:
                self.open += 1
                sender = Sender(self)
                self.waiting.add(sender)
                sender.send(due)
                task = asyncio.create_task(self.connect(sender))
                connecting.add(task)
                task.add_done_callback(connecting.discard)
            else:
                self.results.append((-2, now - self.began, 0.0))
        ended = time.monotonic()
        print(json.dumps({"ended": ended}), flush=True)
        while self.waiting and time.monotonic() < ended + LAST_WAIT_SECONDS:
            await asyncio.sleep(0.05)
        self.results += [(-1, sender.sent - self.began, time.monotonic() - sender.sent) for sender in self.waiting]


def main():
    port, rate, seconds, connections = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
    load = OpenLoop(port, rate, seconds, connections, pathlib.Path(sys.argv[5]).read_bytes())
    gc.disable()  # a pause of the sender is not one of the server
    asyncio.run(load.run())
    json.dump({"results": load.results, "behind": load.behind}, sys.stdout)


if __name__ == "__main__":
    main()
