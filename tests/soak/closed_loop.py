"""Honest clients: each keeps its connection, and asks again when it has its answer."""
import asyncio
import time

import wire


async def honest(port, data, clients, seconds):
    """(seconds of each answer, what went wrong)."""
    times, wrong = [], []
    until = time.monotonic() + seconds

    async def client():
        connection = await wire.Connection.open(port)
        try:
            while time.monotonic() < until:
                began = time.monotonic()
                answer = await connection.ask(data)
                times.append(time.monotonic() - began)
                if answer.status != 200:
                    wrong.append(f"status {answer.status}")
        except (OSError, wire.Unanswered, TimeoutError) as error:
            wrong.append(repr(error))
        finally:
            connection.close()
    await asyncio.gather(*(client() for _ in range(clients)))
    return times, wrong
