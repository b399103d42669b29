"""Connections that send a byte now and then: some their header, some their body. A process of its own; ends with its input.

    slow_connections.py PORT HEADERS BODIES

Whoever is cut off (408, as --header-seconds or --body-seconds have passed) comes back at once. Prints JSON at the end.
"""
import asyncio
import collections
import json
import sys
import time

PAUSE_SECONDS = 2.0  # between two bytes of one connection
PARTS = 40
HEADER = b"POST /infer/object_detection HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: " + b"a" * 10_000
BODY_HEAD = b"POST /infer/object_detection HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"


class Slow(asyncio.Protocol):
    def __init__(self, owner, kind):
        self.owner, self.kind = owner, kind
        self.transport = None
        self.at = 0
        self.received = b""

    def connection_made(self, transport):
        self.transport = transport
        self.owner.opened[self.kind] += 1
        self.owner.connections.add(self)
        if self.kind == "body":
            transport.write(BODY_HEAD)

    def drip(self):
        if self.transport is not None and not self.transport.is_closing():
            self.transport.write(HEADER[self.at:self.at + 1] if self.kind == "header" else b" ")
            self.at += 1

    def data_received(self, data):
        if not self.received:
            self.owner.answers[self.kind, data[9:12].decode("latin-1")] += 1
        self.received += data
        self.transport.close()

    def connection_lost(self, _):
        if not self.received:
            self.owner.answers[self.kind, "closed"] += 1
        self.transport = None
        self.owner.connections.discard(self)
        self.owner.come_back(self.kind)


class SlowConnections:
    def __init__(self, port, wanted):
        self.port, self.wanted = port, wanted
        self.connections = set()
        self.opened, self.answers = collections.Counter(), collections.Counter()
        self.refused = 0
        self.ending = False
        self.tasks = set()

    def come_back(self, kind):
        if not self.ending:
            task = asyncio.create_task(self.connect(kind))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def connect(self, kind):
        while not self.ending:
            try:
                await asyncio.get_running_loop().create_connection(lambda: Slow(self, kind), "127.0.0.1", self.port)
                return
            except OSError:
                self.refused += 1
                await asyncio.sleep(0.5)

    async def run(self):
        for kind, count in self.wanted.items():
            for number in range(count):
                await self.connect(kind)
                if number % 16 == 15:
                    await asyncio.sleep(0.01)  # they do not come all at once, or their drops would, too
        print(json.dumps({"ready": len(self.connections)}), flush=True)
        reader = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        end = asyncio.create_task(reader.read())
        turn = 0
        while not end.done():
            # A part of them at a time, so that the bytes come evenly.
            for connection in list(self.connections)[turn % PARTS::PARTS]:
                connection.drip()
            turn += 1
            await asyncio.wait({end}, timeout=PAUSE_SECONDS / PARTS)
        held = collections.Counter(connection.kind for connection in self.connections)
        self.ending = True
        for connection in list(self.connections):
            connection.transport.abort()
        print(json.dumps({"held": dict(held), "opened": dict(self.opened), "refused": self.refused,
                          "answers": {" ".join(key): count for key, count in self.answers.items()},
                          "seconds": time.process_time()}), flush=True)


def main():
    port, headers, bodies = (int(value) for value in sys.argv[1:4])
    asyncio.run(SlowConnections(port, {"header": headers, "body": bodies}).run())


if __name__ == "__main__":
    main()
