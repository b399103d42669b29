"""Runs the steps of a conversation over HTTP, blocking or not: connections that are kept, retries, limits."""

import asyncio
import email.utils
import functools
import random
import ssl
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timezone
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx

from osprey_client.errors import HTTPClientError, HTTPServerConnectionError
from osprey_client.wire import Answer, Call, Steps, T

DEFAULT_TIMEOUT = httpx.Timeout(300, connect=10)  # a first request may have to wait until its model is loaded
MAX_DOWNLOAD_BYTES = 64 * 1024 * 1024
_RETRIED_STATUSES = (429, 503, 504)
_LONGEST_PAUSE = 30.0
# That no request, or none that a server began to answer, was the matter; a read that takes too long is not among them.
_RETRIED_ERRORS = (httpx.ConnectError, httpx.ConnectTimeout, httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError)


@dataclass(frozen=True)
class Options:
    """How requests are sent."""

    timeout: httpx.Timeout | float | None
    verify: ssl.SSLContext | bool
    attempts: int

    def client_options(self, connections: int) -> dict[str, Any]:
        """What both kinds of httpx client take. A server's cookies are not kept."""
        return {
            "timeout": self.timeout,
            "verify": _certificates() if self.verify is True else self.verify,
            "follow_redirects": True,
            "cookies": CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
            "limits": httpx.Limits(max_connections=None, max_keepalive_connections=connections),
        }


@functools.cache
def _certificates() -> ssl.SSLContext:
    """The usual authorities; reading them takes longer than a request, so that it is done once."""
    return httpx.create_ssl_context()


def pause_before(attempt: int, retry_after: str | None) -> float:
    """Seconds to wait before the attempt (the first one is 1): what the server asks for, else longer each time."""
    asked = _seconds(retry_after)
    if asked is not None:
        return min(asked, _LONGEST_PAUSE)
    return min(0.25 * 2.0**attempt, _LONGEST_PAUSE) * random.uniform(0.5, 1)


def _seconds(retry_after: str | None) -> float | None:
    if retry_after is None:
        return None
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        until = email.utils.parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=timezone.utc)
    return max(0.0, (until - datetime.now(timezone.utc)).total_seconds())


def run(steps: Steps[T], client: httpx.Client, options: Options, at_once: int) -> T:
    """Runs the steps to their end and returns their result; `at_once` calls at a time, each on a thread."""
    try:
        calls = next(steps)
        while True:
            calls = steps.send(_send_all(calls, client, options, at_once))
    except StopIteration as done:
        result: T = done.value
        return result


async def run_async(steps: Steps[T], client: httpx.AsyncClient, options: Options, at_once: int) -> T:
    """As run(), on the running event loop."""
    try:
        calls = next(steps)
        while True:
            calls = steps.send(await _send_all_async(calls, client, options, at_once))
    except StopIteration as done:
        result: T = done.value
        return result


def _send_all(calls: list[Call], client: httpx.Client, options: Options, at_once: int) -> list[Answer]:
    if len(calls) == 1 or at_once == 1:
        return [_send(call, client, options) for call in calls]
    with ThreadPoolExecutor(min(at_once, len(calls))) as threads:
        return list(threads.map(lambda call: _send(call, client, options), calls))


async def _send_all_async(
    calls: list[Call], client: httpx.AsyncClient, options: Options, at_once: int
) -> list[Answer]:
    turn = asyncio.Semaphore(at_once)

    async def send(call: Call) -> Answer:
        async with turn:
            return await _send_async(call, client, options)

    # All are waited for, also where one fails: none is left behind with a client that may be closed by then.
    outcomes = await asyncio.gather(*(send(call) for call in calls), return_exceptions=True)
    return list(_answers_of(outcomes))


def _answers_of(outcomes: Iterable[Answer | BaseException]) -> Iterable[Answer]:
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
        yield outcome


def _send(call: Call, client: httpx.Client, options: Options) -> Answer:
    attempt = 1
    while True:
        try:
            with client.stream(**_request(call)) as response:
                body = _Body(call, response)
                for piece in response.iter_bytes():
                    body.add(piece)
            if not _again(call, attempt, options, response):
                return body.answer()
            pause = pause_before(attempt, response.headers.get("Retry-After"))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            pause = _pause_or_raise(call, attempt, options, error)
        time.sleep(pause)
        attempt += 1


async def _send_async(call: Call, client: httpx.AsyncClient, options: Options) -> Answer:
    attempt = 1
    while True:
        try:
            async with client.stream(**_request(call)) as response:
                body = _Body(call, response)
                async for piece in response.aiter_bytes():
                    body.add(piece)
            if not _again(call, attempt, options, response):
                return body.answer()
            pause = pause_before(attempt, response.headers.get("Retry-After"))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            pause = _pause_or_raise(call, attempt, options, error)
        await asyncio.sleep(pause)
        attempt += 1


def _request(call: Call) -> dict[str, Any]:
    # Without any parameters a URL keeps its own query; an empty mapping would remove it.
    query = dict(call.query) or None
    return {"method": call.method, "url": call.url, "params": query, "headers": dict(call.headers), "content": call.content}


def _again(call: Call, attempt: int, options: Options, response: httpx.Response) -> bool:
    return not call.download and response.status_code in _RETRIED_STATUSES and attempt < options.attempts


def _pause_or_raise(call: Call, attempt: int, options: Options, error: httpx.HTTPError | httpx.InvalidURL) -> float:
    if call.download:
        raise HTTPClientError(f"could not download {call}: {_said(error)}") from error
    if isinstance(error, _RETRIED_ERRORS) and attempt < options.attempts:
        return pause_before(attempt, None)
    raise HTTPServerConnectionError(f"{call} got no answer: {_said(error)}") from error


def _said(error: Exception) -> str:
    return f"{error}" or type(error).__name__


class _Body:
    """Gathers what comes back, within the limit that downloads have."""

    def __init__(self, call: Call, response: httpx.Response) -> None:
        self._call, self._response = call, response
        self._content = bytearray()

    def add(self, piece: bytes) -> None:
        self._content += piece
        if self._call.download and len(self._content) > MAX_DOWNLOAD_BYTES:
            raise HTTPClientError(f"could not download {self._call}: it is larger than {MAX_DOWNLOAD_BYTES >> 20} MiB")

    def answer(self) -> Answer:
        response = self._response
        kind = response.headers.get("Content-Type", "")
        return Answer(self._call, response.status_code, response.reason_phrase, kind, bytes(self._content))
