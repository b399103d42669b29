"""What the parts of the soak share: the port, the account, the golden answers, and the gate that lets all of them pause."""
import asyncio
import collections
import contextlib
import random

import wire
from account import Account
from golden import Golden

RETRY_SECONDS = 0.3  # a client that is turned away comes again after this
REGISTRY_FAULTS = (500, 502, 503, 504)


class Harness:
    def __init__(self, port, seed, pace=1.0):
        """`pace`: of what happens now and then, 1 for a soak of minutes, less for a short one."""
        self.port = port
        self.seed = seed
        self.pace = pace
        self.swaps, self.faults = collections.Counter(), collections.Counter()
        self.account = Account()
        self.golden = Golden(self.account)
        self.registry_fails_until = 0.0  # monotonic time; infinite while it is made to fail
        self.coming_is_there = True
        self.coming_settled = 0.0  # from when on its answers are to show it; infinite while it changes
        self.ending = False
        self._open = asyncio.Event()
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()

    def dice(self, name):
        return random.Random(f"{self.seed} {name}")

    def registry_faults(self, begun):
        """Statuses that a model of the registry may be answered with."""
        return REGISTRY_FAULTS if begun <= self.registry_fails_until else ()

    def coming_statuses(self, begun):
        """Statuses that are right for the model that comes and goes."""
        if begun <= self.coming_settled:
            return (200, 404)
        return (200,) if self.coming_is_there else (404,)

    @contextlib.asynccontextmanager
    async def turn(self):
        """Something that a pause waits for the end of."""
        await self._open.wait()
        self._under_way += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._under_way -= 1
            if self._under_way == 0:
                self._idle.set()

    @property
    def paused(self):
        return not self._open.is_set()

    async def sleep(self, seconds):
        """Ends early for a pause. Whether it did not."""
        until = asyncio.get_running_loop().time() + seconds
        while not self.paused and not self.ending and (left := until - asyncio.get_running_loop().time()) > 0:
            await asyncio.sleep(min(0.1, left))
        return not self.paused and not self.ending

    async def interval(self, seconds, dice):
        """Between two things that happen now and then, outside of turns."""
        await asyncio.sleep(dice.uniform(0.3, 1.7) * seconds * self.pace)

    def resume(self):
        self._open.set()

    async def pause(self):
        """Waits until nothing is under way any more."""
        self._open.clear()
        await self._idle.wait()

    async def connect(self, receive_buffer=None):
        """A connection, or None where the server is away for its restart: then nothing was sent."""
        life = self.account.life
        try:
            return await wire.Connection.open(self.port, life, receive_buffer)
        except OSError:
            present = self.account.lives[-1]
            if life == self.account.life and present.listening and present.stop_signal is None:
                self.account.problem("connect", "refused by a server that had not been told to stop")
            await asyncio.sleep(0.05)
            return None

    async def exchange(self, source, connection, data, without_body=False, what="", **judge):
        """One whole request and its judgement (see Ticket.answered). Whether the connection can be used again."""
        with self.account.request(source, connection.life, what) as ticket:
            try:
                await connection.send(data)
                ticket.whole()
                answer = await connection.answer(without_body)
            except wire.Unanswered as error:
                ticket.unanswered(error)
                return False
            except TimeoutError:
                ticket.wrong(f"lost: no answer within {wire.ANSWER_SECONDS} s")
                return False
            ticket.answered(answer, **judge)
        if answer.status == 503:
            await asyncio.sleep(RETRY_SECONDS)
        return not answer.closes

    async def once(self, source, data, **judge):
        """exchange() on a connection of its own. Whether the server was there."""
        connection = await self.connect()
        if connection is None:
            return False
        try:
            await self.exchange(source, connection, data, **judge)
        finally:
            connection.close()
        return True
