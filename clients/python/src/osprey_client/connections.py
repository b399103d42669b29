"""The connections of a client: opened at the first call, kept, closed."""

import threading
from typing import TypeVar

import httpx

from osprey_client.transport import Options, run, run_async
from osprey_client.wire import Steps

T = TypeVar("T")
_KEPT = 20


class Connections:
    """Runs steps over connections that are kept between blocking calls, and between asynchronous ones while opened so.

    A pool of asynchronous connections belongs to one event loop, and with asyncio.run() each call has a loop of its own:
    without open_async() each call has its own pool. run() may be called by several threads at once.
    """

    def __init__(
        self, options: Options, transport: httpx.BaseTransport | None, async_transport: httpx.AsyncBaseTransport | None
    ) -> None:
        self._options = options
        self._transport, self._async_transport = transport, async_transport
        self._opening = threading.Lock()  # of _http
        self._http: httpx.Client | None = None
        self._async_http: httpx.AsyncClient | None = None

    def run(self, steps: Steps[T], at_once: int) -> T:
        """The result of the steps; `at_once` requests at a time."""
        with self._opening:
            if self._http is None:
                options = self._options.client_options(max(at_once, _KEPT))
                self._http = httpx.Client(transport=self._transport, **options)
            http = self._http
        return run(steps, http, self._options, at_once)

    async def run_async(self, steps: Steps[T], at_once: int) -> T:
        """As run(), on the running event loop."""
        if self._async_http is not None:
            return await run_async(steps, self._async_http, self._options, at_once)
        async with self._new_async(at_once) as http:
            return await run_async(steps, http, self._options, at_once)

    def close(self) -> None:
        """Closes those of blocking calls; the next call opens them anew."""
        with self._opening:
            http, self._http = self._http, None
        if http is not None:
            http.close()

    def open_async(self, at_once: int) -> None:
        """Keeps those of asynchronous calls from now on, all of which have to be on this event loop."""
        self._async_http = self._new_async(at_once)

    async def close_async(self) -> None:
        """Ends what open_async() began."""
        http, self._async_http = self._async_http, None
        if http is not None:
            await http.aclose()

    def _new_async(self, at_once: int) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=self._async_transport, **self._options.client_options(max(at_once, _KEPT))
        )
