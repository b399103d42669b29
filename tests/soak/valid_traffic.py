"""Clients whose requests are all valid: each keeps its connection for a while, and compares every answer with the golden one."""
import asyncio
import contextlib

import wire
from requests_mix import COMING

BURST = 150  # more than the soak's --max-waiting: some of them have to be turned away
OVERLOAD_SECONDS = 10  # for how long after a burst 503 is right


def judge(harness, case):
    """What Harness.exchange() is told of a case."""
    comes_and_goes = case.model == COMING
    return {"without_body": case.without_body, "what": case.name, "check": harness.golden.check(case.name, case.without_body),
            "expected": harness.coming_statuses if comes_and_goes else (harness.golden.status(case.name),),
            "faults": harness.registry_faults if comes_and_goes else ()}


async def client(harness, cases, number):
    dice = harness.dice(f"client {number}")
    weights = [case.weight for case in cases]
    connection = None
    while not harness.ending:
        if harness.paused and connection:
            connection.close()
            connection = None
        async with harness.turn():
            if connection and (connection.life != harness.account.life or dice.random() < 0.05):
                connection.close()
                connection = None
            connection = connection or await harness.connect()
            if connection is None:
                continue
            case = dice.choices(cases, weights)[0]
            if not await harness.exchange("valid", connection, case.data, **judge(harness, case)):
                connection.close()
                connection = None
    if connection:
        connection.close()


async def pipeliner(harness, cases):
    """Sends a few requests at once and reads their answers in order."""
    dice = harness.dice("pipeliner")
    plain = [case for case in cases if not case.without_body and case.name not in ("closes", "expects 100", "coming")]
    while not harness.ending:
        async with harness.turn():
            connection = await harness.connect()
            if connection is None:
                continue
            some = dice.sample(plain, 3)
            with contextlib.ExitStack() as stack:
                tickets = [stack.enter_context(harness.account.request("pipelined", connection.life, case.name))
                           for case in some]
                await connection.send(b"".join(case.data for case in some))
                for ticket in tickets:
                    ticket.whole()
                closes = False
                for at, (case, ticket) in enumerate(zip(some, tickets)):
                    try:
                        answer = await connection.answer()
                    except wire.Unanswered as error:
                        for rest in tickets[at:]:
                            (rest.behind_the_last if closes else rest.unanswered)(error)
                        break
                    closes = answer.closes
                    judged = judge(harness, case)
                    del judged["without_body"], judged["what"]
                    ticket.answered(answer, **judged)
            connection.close()


async def burst(harness, case):
    """Now and then more requests at a time than may wait."""
    dice = harness.dice("burst")
    while not harness.ending:
        await harness.interval(30, dice)
        async with harness.turn():
            connections = [connection for connection in [await harness.connect() for _ in range(BURST)] if connection]
            harness.account.allow_overload(3600)
            try:
                await asyncio.gather(*(harness.exchange("burst", one, case.data, **judge(harness, case)) for one in connections))
            finally:
                harness.account.allow_overload(OVERLOAD_SECONDS)
                for connection in connections:
                    connection.close()

