"""InferenceHTTPClient: the names and the behaviour of the stock client, for the tasks of this server."""

import ssl
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TypeVar

import httpx

from osprey_client import inference, management
from osprey_client.aliases import resolve_alias
from osprey_client.configuration import HTTPClientMode, InferenceConfiguration
from osprey_client.connections import Connections
from osprey_client.errors import ModelNotSelectedError, WrongClientModeError
from osprey_client.images import Images, as_list
from osprey_client.management import ModelDescription, RegisteredModels, ServerInfo
from osprey_client.pixels import Pixels
from osprey_client.stream import Source, frames
from osprey_client.transport import DEFAULT_TIMEOUT, Options
from osprey_client.wire import JsonObject, Steps, Target

T = TypeVar("T")
Results = JsonObject | list[JsonObject]


class InferenceHTTPClient:
    """Asks a server for predictions, and manages the models that it has loaded.

    Connections are kept between blocking calls until close(), or the end of a `with`. Asynchronous calls keep theirs within
    an `async with`, and open and close them in each call elsewhere. Blocking calls may be made by several threads at once;
    changes of the settings meanwhile hold for calls that begin later.

    `timeout` in seconds (None: none), `verify` (False, or an ssl.SSLContext) and `attempts` (of requests that fail for want
    of a connection or with 429, 503 or 504) are this client's own, `transport` and `async_transport` are for tests.
    """

    def __init__(
        self,
        api_url: str,
        api_key: str | None = None,
        *,
        timeout: httpx.Timeout | float | None = DEFAULT_TIMEOUT,
        verify: ssl.SSLContext | bool = True,
        attempts: int = 3,
        transport: httpx.BaseTransport | None = None,
        async_transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._api_url = api_url
        self._api_key = api_key
        self._configuration = InferenceConfiguration()
        self._mode = HTTPClientMode.V1
        self._selected_model: str | None = None
        self._abilities = inference.Abilities()
        self._connections = Connections(Options(timeout, verify, attempts), transport, async_transport)

    @classmethod
    def init(cls, api_url: str, api_key: str | None = None) -> "InferenceHTTPClient":
        """As the constructor."""
        return cls(api_url, api_key)

    # Settings

    @property
    def inference_configuration(self) -> InferenceConfiguration:
        """The settings in force."""
        return self._configuration

    @property
    def client_mode(self) -> HTTPClientMode:
        """Which routes are used."""
        return self._mode

    @property
    def selected_model(self) -> str | None:
        """The model of calls that name none."""
        return self._selected_model

    def configure(self, inference_configuration: InferenceConfiguration) -> "InferenceHTTPClient":
        """Sets all settings."""
        self._configuration = inference_configuration
        return self

    def select_api_v0(self) -> "InferenceHTTPClient":
        """Uses `/{project}/{version}` from now on."""
        self._mode = HTTPClientMode.V0
        return self

    def select_api_v1(self) -> "InferenceHTTPClient":
        """Uses `/infer/...` and `/model/...` from now on."""
        self._mode = HTTPClientMode.V1
        return self

    def select_model(self, model_id: str) -> "InferenceHTTPClient":
        """Uses the model for calls that name none."""
        self._selected_model = model_id
        return self

    @contextmanager
    def use_configuration(
        self, inference_configuration: InferenceConfiguration
    ) -> Generator["InferenceHTTPClient", None, None]:
        """configure() within a `with`."""
        before, self._configuration = self._configuration, inference_configuration
        try:
            yield self
        finally:
            self._configuration = before

    @contextmanager
    def use_api_v0(self) -> Generator["InferenceHTTPClient", None, None]:
        """select_api_v0() within a `with`."""
        before, self._mode = self._mode, HTTPClientMode.V0
        try:
            yield self
        finally:
            self._mode = before

    @contextmanager
    def use_api_v1(self) -> Generator["InferenceHTTPClient", None, None]:
        """select_api_v1() within a `with`."""
        before, self._mode = self._mode, HTTPClientMode.V1
        try:
            yield self
        finally:
            self._mode = before

    @contextmanager
    def use_model(self, model_id: str) -> Generator["InferenceHTTPClient", None, None]:
        """select_model() within a `with`."""
        before, self._selected_model = self._selected_model, model_id
        try:
            yield self
        finally:
            self._selected_model = before

    # Predictions

    def infer(self, inference_input: Images, model_id: str | None = None) -> Results:
        """The predictions for one image, or for each of several in their order; a list of one is answered as one.

        Images are paths, URLs (downloaded by the client), base64 text, bytes of a file, PIL images, or arrays (BGR).
        Raises a kind of HTTPClientError.
        """
        return _unwrapped(self._run(self._infer_steps(self._mode, inference_input, model_id)))

    async def infer_async(self, inference_input: Images, model_id: str | None = None) -> Results:
        """As infer()."""
        return _unwrapped(await self._run_async(self._infer_steps(self._mode, inference_input, model_id)))

    def infer_from_api_v0(self, inference_input: Images, model_id: str | None = None) -> Results:
        """As infer() in mode v0."""
        return _unwrapped(self._run(self._infer_steps(HTTPClientMode.V0, inference_input, model_id)))

    async def infer_from_api_v0_async(self, inference_input: Images, model_id: str | None = None) -> Results:
        """As infer() in mode v0."""
        return _unwrapped(await self._run_async(self._infer_steps(HTTPClientMode.V0, inference_input, model_id)))

    def infer_from_api_v1(self, inference_input: Images, model_id: str | None = None) -> Results:
        """As infer() in mode v1."""
        self._needs_v1()
        return _unwrapped(self._run(self._infer_steps(HTTPClientMode.V1, inference_input, model_id)))

    async def infer_from_api_v1_async(self, inference_input: Images, model_id: str | None = None) -> Results:
        """As infer() in mode v1."""
        self._needs_v1()
        return _unwrapped(await self._run_async(self._infer_steps(HTTPClientMode.V1, inference_input, model_id)))

    def infer_on_stream(
        self, input_uri: Source, model_id: str | None = None
    ) -> Iterator[tuple[str, Pixels, Results]]:
        """(path, BGR pixels, predictions) for each picture of a folder, or of a list of files."""
        for path, frame in frames(input_uri, self._configuration.image_extensions_for_directory_scan):
            yield path, frame, self.infer(frame, model_id)

    # The server and its models

    def get_server_info(self) -> ServerInfo:
        """What server it is."""
        return self._run(management.server_info(self._target))

    async def get_server_info_async(self) -> ServerInfo:
        """As get_server_info()."""
        return await self._run_async(management.server_info(self._target))

    def list_loaded_models(self) -> RegisteredModels:
        """The models that the server has loaded."""
        return self._run(management.list_models(self._needs_v1()))

    async def list_loaded_models_async(self) -> RegisteredModels:
        """As list_loaded_models()."""
        return await self._run_async(management.list_models(self._needs_v1()))

    def load_model(self, model_id: str, set_as_default: bool = False) -> RegisteredModels:
        """Has the server load a model; with set_as_default calls that name none use it."""
        loaded = self._run(management.load_model(self._needs_v1(), resolve_alias(model_id)))
        self._selected_model = model_id if set_as_default else self._selected_model
        return loaded

    async def load_model_async(self, model_id: str, set_as_default: bool = False) -> RegisteredModels:
        """As load_model()."""
        loaded = await self._run_async(management.load_model(self._needs_v1(), resolve_alias(model_id)))
        self._selected_model = model_id if set_as_default else self._selected_model
        return loaded

    def unload_model(self, model_id: str) -> RegisteredModels:
        """Has the server unload a model, which is then selected no more."""
        left = self._run(management.unload_model(self._needs_v1(), resolve_alias(model_id)))
        self._deselect(model_id)
        return left

    async def unload_model_async(self, model_id: str) -> RegisteredModels:
        """As unload_model()."""
        left = await self._run_async(management.unload_model(self._needs_v1(), resolve_alias(model_id)))
        self._deselect(model_id)
        return left

    def unload_all_models(self) -> RegisteredModels:
        """Has the server unload all models; none is selected then."""
        left = self._run(management.unload_all(self._needs_v1()))
        self._selected_model = None
        return left

    async def unload_all_models_async(self) -> RegisteredModels:
        """As unload_all_models()."""
        left = await self._run_async(management.unload_all(self._needs_v1()))
        self._selected_model = None
        return left

    def get_model_description(self, model_id: str, allow_loading: bool = True) -> ModelDescription:
        """Task and input size of a model, which is loaded for that unless allow_loading is False."""
        return self._run(management.describe(self._needs_v1(), resolve_alias(model_id), allow_loading))

    async def get_model_description_async(self, model_id: str, allow_loading: bool = True) -> ModelDescription:
        """As get_model_description()."""
        return await self._run_async(management.describe(self._needs_v1(), resolve_alias(model_id), allow_loading))

    # Connections

    def close(self) -> None:
        """Closes the connections of blocking calls; the next one opens them anew."""
        self._connections.close()

    def __enter__(self) -> "InferenceHTTPClient":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> "InferenceHTTPClient":
        self._connections.open_async(self._configuration.max_concurrent_requests)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._connections.close_async()

    def _run(self, steps: Steps[T]) -> T:
        return self._connections.run(steps, self._configuration.max_concurrent_requests)

    async def _run_async(self, steps: Steps[T]) -> T:
        return await self._connections.run_async(steps, self._configuration.max_concurrent_requests)

    # What a call is made with

    @property
    def _target(self) -> Target:
        return Target(self._api_url, self._api_key, self._configuration)

    def _needs_v1(self) -> Target:
        if self._mode is not HTTPClientMode.V1:
            raise WrongClientModeError("this is an operation of mode v1: select_api_v1(), or use_api_v1()")
        return self._target

    def _infer_steps(self, mode: HTTPClientMode, images: Images, model_id: str | None) -> Steps[list[JsonObject]]:
        model = model_id if model_id is not None else self._selected_model
        if model is None:
            raise ModelNotSelectedError("no model: give infer() a model_id, or select_model()")
        steps = inference.infer_v0 if mode is HTTPClientMode.V0 else inference.infer_v1
        return steps(self._target, self._abilities, as_list(images), model)

    def _deselect(self, model_id: str) -> None:
        if self._selected_model is not None and resolve_alias(self._selected_model) == resolve_alias(model_id):
            self._selected_model = None


def _unwrapped(results: list[JsonObject]) -> Results:
    return results[0] if len(results) == 1 else results
