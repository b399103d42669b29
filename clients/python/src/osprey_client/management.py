"""What a server is and which models it has loaded."""

from dataclasses import dataclass

from osprey_client.errors import EncodingError, ModelNotInitializedError
from osprey_client.wire import Answer, Steps, Target, parsed_object


@dataclass(frozen=True)
class ServerInfo:
    """Who answers there; the uuid is new with each start of the server."""

    name: str
    version: str
    uuid: str


@dataclass(frozen=True)
class ModelDescription:
    """A model that is loaded. Sizes are in pixels, and None where the model takes any."""

    model_id: str
    task_type: str
    batch_size: int | str | None = None
    input_height: int | None = None
    input_width: int | None = None


@dataclass(frozen=True)
class RegisteredModels:
    """The models that are loaded."""

    models: list[ModelDescription]

    def find(self, model_id: str) -> ModelDescription | None:
        """The one with exactly this id."""
        return next((model for model in self.models if model.model_id == model_id), None)


def server_info(target: Target) -> Steps[ServerInfo]:
    """GET /info."""
    (answer,) = yield [target.call("GET", "/info")]
    body = parsed_object(answer)
    try:
        return ServerInfo(name=body["name"], version=body["version"], uuid=body["uuid"])
    except KeyError as missing:
        raise EncodingError(f"{answer.call} was answered without {missing}: is this an inference server?") from None


def list_models(target: Target) -> Steps[RegisteredModels]:
    """GET /model/registry."""
    (answer,) = yield [target.call("GET", "/model/registry", query=target.key_query)]
    return _registered(answer)


def load_model(target: Target, model_id: str) -> Steps[RegisteredModels]:
    """POST /model/add."""
    (answer,) = yield [target.call("POST", "/model/add", json={"model_id": model_id, **target.key_fields})]
    return _registered(answer)


def unload_model(target: Target, model_id: str) -> Steps[RegisteredModels]:
    """POST /model/remove."""
    (answer,) = yield [target.call("POST", "/model/remove", json={"model_id": model_id})]
    return _registered(answer)


def unload_all(target: Target) -> Steps[RegisteredModels]:
    """POST /model/clear."""
    (answer,) = yield [target.call("POST", "/model/clear")]
    return _registered(answer)


def describe(target: Target, model_id: str, allow_loading: bool = True) -> Steps[ModelDescription]:
    """The model's description; the model is loaded first where it is not and that is allowed."""
    found = (yield from list_models(target)).find(model_id)
    if found is None and allow_loading:
        found = (yield from load_model(target, model_id)).find(model_id)
    if found is None:
        raise ModelNotInitializedError(f"the server has no model '{model_id}' loaded")
    return found


def _registered(answer: Answer) -> RegisteredModels:
    try:
        return RegisteredModels(
            [
                ModelDescription(
                    model_id=entry["model_id"],
                    task_type=entry["task_type"],
                    batch_size=entry.get("batch_size"),
                    input_height=entry.get("input_height"),
                    input_width=entry.get("input_width"),
                )
                for entry in parsed_object(answer)["models"]
            ]
        )
    except (KeyError, TypeError, AttributeError):
        raise EncodingError(f"{answer.call} was not answered with a list of models") from None
