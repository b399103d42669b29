"""Requests and answers as plain values, and the steps that a conversation with the server is made of.

What the client does is written once, as generators that yield lists of calls and are sent their answers; the client runs
them with blocking or with asynchronous input and output.
"""

import json
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

from osprey_client.configuration import InferenceConfiguration
from osprey_client.errors import EncodingError, HTTPCallErrorError

T = TypeVar("T")
JsonObject = dict[str, Any]
JSON_HEADERS = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Call:
    """One request. A `download` fetches an image from elsewhere: it is not repeated, and its size is limited."""

    method: Literal["GET", "POST"]
    url: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    download: bool = False

    def __str__(self) -> str:
        """For messages: without the query, where a key may be."""
        return self.url.partition("?")[0] if self.download else f"{self.method} {urlsplit(self.url).path}"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    call: Call
    status: int
    reason: str
    content_type: str
    content: bytes


Steps = Generator[list[Call], list[Answer], T]


@dataclass(frozen=True)
class Target:
    """A server, and how to speak with it: the state of a client at the time of a call."""

    api_url: str
    api_key: str | None = field(repr=False)
    configuration: InferenceConfiguration

    def call(self, method: Literal["GET", "POST"], path: str, **parts: Any) -> Call:
        """A call of this server, with the key in its header where that is wanted.

        `query`: what goes there, of any type; `json`: an object, or `content` and `headers`.
        """
        headers = dict(parts.get("headers") or {})
        content: bytes | None = parts.get("content")
        if "json" in parts:
            content = json.dumps(parts["json"], separators=(",", ":")).encode()
            headers.update(JSON_HEADERS)
        if self.configuration.key_in_header and self.api_key is not None:
            headers["Authorization"] = f"Bearer {self.api_key}"
        query = {name: str(value) for name, value in (parts.get("query") or {}).items()}  # True, not true: as the stock one
        return Call(method, self.api_url.rstrip("/") + path, query, headers, content)

    @property
    def key_fields(self) -> JsonObject:
        """The key as a field of a body, where it belongs there."""
        return {"api_key": self.api_key} if self.configuration.key_in_request else {}

    @property
    def key_query(self) -> dict[str, str]:
        """The key as a parameter of a query, where it belongs there and is known."""
        return {"api_key": self.api_key} if self.configuration.key_in_request and self.api_key is not None else {}


def checked(answer: Answer) -> Answer:
    """The answer, unless its status is an error's. Raises HTTPCallErrorError with what the server says."""
    if answer.status >= 400:
        raise HTTPCallErrorError(f"{answer.call} failed", answer.status, _message(answer))
    return answer


def parsed(answer: Answer) -> Any:
    """What the JSON of a good answer says. Raises HTTPCallErrorError, EncodingError."""
    try:
        return json.loads(checked(answer).content)
    except ValueError:
        raise EncodingError(f"{answer.call} was answered with '{answer.content_type}' that is not JSON") from None


def parsed_object(answer: Answer) -> JsonObject:
    """As parsed(), for answers that have to be an object."""
    value = parsed(answer)
    if not isinstance(value, dict):
        raise EncodingError(f"{answer.call} was answered with {type(value).__name__} where an object belongs")
    return value


def _message(answer: Answer) -> str:
    text = answer.content.decode("utf-8", "replace")
    if "application/json" not in answer.content_type:
        return text or answer.reason
    try:
        body = json.loads(text)
    except ValueError:
        return text
    if not isinstance(body, dict):
        return text
    said = body.get("message", body.get("detail", "N/A"))
    message = said if isinstance(said, str) else json.dumps(said)
    inner = body.get("inner_error_message")
    return f"{message} ({inner})" if inner else message
