"""Predictions: the conversation for the images of one infer() call, in either mode."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from osprey_client import management
from osprey_client.aliases import resolve_alias
from osprey_client.answers import drawn, finished
from osprey_client.configuration import route_of
from osprey_client.errors import APIKeyNotProvided, EncodingError, InvalidModelIdentifier
from osprey_client.images import ImageReference, SentImage, load_images
from osprey_client.wire import Answer, Call, JsonObject, Steps, Target, checked, parsed, parsed_object

# A server that takes no pickles says so with one of these; too large a body (413) may be small enough as a PNG.
_REFUSALS = (400, 403, 413, 415, 422, 501)


@dataclass
class Abilities:
    """What was learned of a server."""

    takes_pickles: bool = True


def infer_v1(
    target: Target, abilities: Abilities, images: list[ImageReference], model_id: str
) -> Steps[list[JsonObject]]:
    """POST /infer/<task> for batches of images, as GET /model/registry says what the model's task is."""
    configuration = target.configuration
    model_id = resolve_alias(model_id)
    model = yield from management.describe(target, model_id)
    path = route_of(model.task_type)
    fields = {**target.key_fields, "model_id": model_id, **configuration.body_parameters(model.task_type)}
    limit = None
    if not configuration.client_downsizing_disabled:
        largest = configuration.default_max_input_size
        sized = model.input_height is not None and model.input_width is not None
        limit = (model.input_height or largest, model.input_width or largest) if sized else (largest, largest)

    def call(batch: list[SentImage]) -> Call:
        sent = [image.as_field() for image in batch]
        body = {**fields, "image": sent[0] if len(sent) == 1 else sent}
        return target.call("POST", path, json=body, query=configuration.billing_parameters())

    results: list[JsonObject] = []
    for loaded in _groups(images, configuration.max_batch_size * configuration.max_concurrent_requests):
        batches = list(_split((yield from _load(target, abilities, loaded, limit)), configuration.max_batch_size))
        answers = yield from _ask(abilities, batches, call)
        for answer, batch in zip(answers, batches, strict=True):
            body = parsed(answer)
            found = body if isinstance(body, list) else [body]
            if len(found) != len(batch):
                raise EncodingError(f"{answer.call} was answered with {len(found)} results for {len(batch)} images")
            for result, image in zip(found, batch, strict=True):
                results.append(finished(result, image.scale, configuration.output_visualisation_format))
    return results


def infer_v0(
    target: Target, abilities: Abilities, images: list[ImageReference], model_id: str
) -> Steps[list[JsonObject]]:
    """POST /{project}/{version}, one image each."""
    configuration = target.configuration
    if target.api_key is None:
        raise APIKeyNotProvided("mode v0 needs an API key; any text will do where the server asks for none")
    parts = resolve_alias(model_id).split("/")
    if len(parts) != 2 or not all(parts):
        raise InvalidModelIdentifier(f"'{model_id}' is no model id: project/version is")
    largest = configuration.default_max_input_size
    limit = None if configuration.client_downsizing_disabled else (largest, largest)
    query = {**target.key_query, **configuration.query_parameters()}

    def call(batch: list[SentImage]) -> Call:
        pickled = batch[0].form == "numpy"
        kind = "application/octet-stream" if pickled else "application/json"  # bare base64: what the stock client says
        extra = {"image_type": "numpy"} if pickled else {}
        return target.call(
            "POST",
            f"/{parts[0]}/{parts[1]}",
            query={**query, **extra},
            headers={"Content-Type": kind},
            content=batch[0].as_body(),
        )

    results: list[JsonObject] = []
    for loaded in _groups(images, configuration.max_concurrent_requests):
        batches = [[image] for image in (yield from _load(target, abilities, loaded, limit))]
        answers = yield from _ask(abilities, batches, call)
        for answer, batch in zip(answers, batches, strict=True):
            if "image/jpeg" in checked(answer).content_type:
                results.append({"visualization": drawn(answer.content, configuration.output_visualisation_format)})
            else:
                results.append(
                    finished(parsed_object(answer), batch[0].scale, configuration.output_visualisation_format)
                )
    return results


def _load(
    target: Target, abilities: Abilities, references: list[ImageReference], limit: tuple[int, int] | None
) -> Steps[list[SentImage]]:
    wanted = target.configuration.array_format
    return (
        yield from load_images(
            references, limit, "png" if wanted == "numpy" and not abilities.takes_pickles else wanted
        )
    )


def _ask(
    abilities: Abilities, batches: list[list[SentImage]], call: Callable[[list[SentImage]], Call]
) -> Steps[list[Answer]]:
    """The answers for the batches. What is refused with a pickle in it is asked again with a PNG instead."""
    answers = yield [call(batch) for batch in batches]
    refused = [
        index
        for index, (answer, batch) in enumerate(zip(answers, batches, strict=True))
        if answer.status in _REFUSALS and any(image.form == "numpy" for image in batch)
    ]
    if refused:
        again = yield [call([image.without_pickle() for image in batches[index]]) for index in refused]
        for index, answer in zip(refused, again, strict=True):
            if answer.status < 400 and answers[index].status != 413:
                abilities.takes_pickles = False  # it was the pickle: none is tried again
            answers[index] = answer
    return answers


def _groups(images: list[ImageReference], size: int) -> Iterator[list[ImageReference]]:
    """Images that are in memory at the same time."""
    for start in range(0, len(images), size):
        yield images[start : start + size]


def _split(images: list[SentImage], size: int) -> Iterator[list[SentImage]]:
    for start in range(0, len(images), size):
        yield images[start : start + size]
