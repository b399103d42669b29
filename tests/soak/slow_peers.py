"""Peers that are slow, or leave. Each is within the server's limits or past them, and known to be: the answer has to fit."""
import asyncio
import time

import wire

# What the soak's server is started with; what is meant to be in time stays well below, what is not, well above.
HEADER_SECONDS, BODY_SECONDS, WRITE_SECONDS = 4, 6, 6
IN_TIME = 0.3  # of the limit
STILL_IN_TIME = 0.6  # where this process itself came later than that, a 408 is right, too
PIECES = 12
TOO_LATE = (408,)
UNCOUNTED = "/openapi.json"  # what the deaf readers ask for, nobody else does, and the balance leaves out


async def send_slowly(connection, data, pieces, pause):
    """`pause()` between the pieces; False of it ends the sending, as does a peer that is gone."""
    step = max(1, len(data) // pieces)
    for at in range(0, len(data), step):
        if connection.reader.at_eof() or not await connection.send(data[at:at + step]) or not await pause():
            return


async def slow_sender(harness, case, number):
    """A request in pieces: its header or its body slow, in time or past the limit."""
    dice = harness.dice(f"slow sender {number}")
    while not harness.ending:
        async with harness.turn():
            connection = await harness.connect()
            if connection is None:
                continue
            in_header, in_time = dice.random() < 0.5, dice.random() < 0.5
            with harness.account.request("slow sender", connection.life, case.name) as ticket:
                await (send_in_time if in_time else send_too_late)(harness, connection, case, in_header, ticket)
            connection.close()


def parts_of(case, in_header):
    """What is sent at once, then slowly, then at the end."""
    cut = case.data.index(b"\r\n\r\n") + 4
    return (b"", case.data[:cut - 2], case.data[cut - 2:]) if in_header else (case.data[:cut], case.data[cut:-1], case.data[-1:])


async def send_in_time(harness, connection, case, in_header, ticket):
    first, slow, last = parts_of(case, in_header)
    limit = HEADER_SECONDS if in_header else BODY_SECONDS
    await connection.send(first)
    await send_slowly(connection, slow, PIECES, lambda: asyncio.sleep(limit * IN_TIME / PIECES, True))
    late = time.monotonic() - ticket.begun > limit * STILL_IN_TIME  # this machine had other things to do
    await connection.send(last)
    ticket.whole()
    await answered(harness, connection, ticket, (harness.golden.status(case.name), *(TOO_LATE if late else ())), case)


async def send_too_late(harness, connection, case, in_header, ticket):
    first, slow, _ = parts_of(case, in_header)
    limit = HEADER_SECONDS if in_header else BODY_SECONDS
    await connection.send(first)
    await send_slowly(connection, slow, PIECES, lambda: harness.sleep(limit * 1.5 / PIECES))
    if harness.paused and not connection.reader.at_eof():
        return ticket.ends("left")
    return await answered(harness, connection, ticket, TOO_LATE, case)


async def answered(harness, connection, ticket, statuses, case):
    try:
        answer = await connection.answer()
    except wire.Unanswered as error:
        ticket.unanswered(error)
    except TimeoutError:
        ticket.wrong("lost: no answer")
    else:
        ticket.answered(answer, statuses, harness.golden.check(case.name))


async def slow_reader(harness, case, number):
    """Takes its answer in small pieces, all of it."""
    dice = harness.dice(f"slow reader {number}")
    while not harness.ending:
        async with harness.turn():
            connection = await harness.connect(receive_buffer=4096)
            if connection is None:
                continue
            with harness.account.request("slow reader", connection.life, case.name) as ticket:
                await connection.send(case.data)
                ticket.whole()
                await asyncio.sleep(dice.uniform(0, WRITE_SECONDS * IN_TIME))  # the first of it waits in the server
                await answered(harness, connection, ticket, (harness.golden.status(case.name),), case)
            connection.close()


async def answers_after_all(connection):
    """How many answers a deaf reader finds when it listens again."""
    connection.writer.transport.resume_reading()
    return (await connection.rest()).count(b"HTTP/1.1 200")


async def deaf_reader(harness):
    """Asks for much and reads nothing, past the limit: it is cut off, and what was held for it is let go."""
    page = wire.message("GET", UNCOUNTED)
    dice = harness.dice("deaf reader")
    asked = 400  # tens of megabytes of answers: more than the kernel takes
    while not harness.ending:
        await harness.interval(5, dice)
        async with harness.turn():
            connection = await harness.connect(receive_buffer=4096)
            if connection is None:
                continue
            with harness.account.request("deaf reader", connection.life) as ticket:
                # One request for the account: how many of them are answered into the void, nobody can tell.
                connection.writer.transport.pause_reading()
                sending = asyncio.create_task(connection.send(page * asked))
                in_full = await harness.sleep(WRITE_SECONDS * 2.5)
                sending.cancel()
                if not in_full:
                    ticket.ends("left")
                elif (answers := await answers_after_all(connection)) < asked:
                    ticket.ends("too slow a reader")
                else:
                    ticket.wrong(f"got all of its {answers} answers, though it read nothing for {WRITE_SECONDS * 2.5:g} s")
            connection.close()


async def leaver(harness, cases, number):
    """Leaves at a random byte of its request, or while its answer is awaited; half of the times with a reset."""
    dice = harness.dice(f"leaver {number}")
    while not harness.ending:
        async with harness.turn():
            connection = await harness.connect()
            if connection is None:
                continue
            case = dice.choice(cases)
            whole = dice.random() < 0.5
            with harness.account.request("leaver", connection.life, case.name) as ticket:
                cut = len(case.data) if whole else dice.randrange(len(case.data))
                if whole:
                    harness.account.unseen(connection.life)
                await connection.send(case.data[:cut])
                await asyncio.sleep(dice.choice((0, 0.001, 0.01, 0.1, 0.3)))
                connection.reset() if dice.random() < 0.5 else connection.close()
                ticket.ends("left")
