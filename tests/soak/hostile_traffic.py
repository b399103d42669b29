"""The inputs of tests/hostile, again and again: each is answered once, with 4xx, and costs little."""
import base64
import sys

import wire
from process import ROOT
from wire import form, message, post_json

sys.path.insert(0, str(ROOT / "tests/hostile"))
from image_files import HOSTILE_IMAGES  # noqa: E402
from json_requests import HOSTILE_REQUESTS  # noqa: E402
from raw_requests import RAW_INPUTS  # noqa: E402

REFUSALS = tuple(range(400, 500))
LARGE_BYTES = 4 << 20
LARGE_SHARE = 0.1  # how often what is larger is sent where it is chosen: the soak is not about copying zeros


def whole_requests():
    """(name, bytes, whether the registry is asked for its model) of those that are well-formed HTTP."""
    for image in HOSTILE_IMAGES:
        content_type, body = form({"file": image.data})
        value = base64.b64encode(image.data).decode()
        yield image.name, message("POST", "/emoji-detection/1", body, {"Content-Type": content_type}), False
        yield image.name, post_json("/infer/object_detection", {
            "model_id": "emoji-detection/1", "image": {"type": "base64", "value": value}}), False
    for request in HOSTILE_REQUESTS:
        asks = request.name.startswith(("model_", "path_"))
        yield request.name, message(request.method, request.path, request.body, request.headers), asks


async def sender(harness, number):
    dice = harness.dice(f"hostile {number}")
    requests = list(whole_requests())
    while not harness.ending:
        async with harness.turn():
            if dice.random() < 0.3:
                await send_raw(harness, dice.choice(RAW_INPUTS))
                continue
            name, data, asks = dice.choice(requests)
            if len(data) > LARGE_BYTES and dice.random() > LARGE_SHARE:
                continue
            await harness.once("hostile", data, expected=REFUSALS, faults=harness.registry_faults if asks else (), what=name)


async def send_raw(harness, raw):
    """Bytes that are no request, or two in one: one answer, and the end of the connection."""
    connection = await harness.connect()
    if connection is None:
        return
    try:
        with harness.account.request("raw bytes", connection.life) as ticket:
            await connection.send(raw.data)
            ticket.whole()
            try:
                if not connection.writer.is_closing():
                    connection.writer.write_eof()
            except OSError:
                pass  # it was refused before it had been sent
            try:
                answer = await connection.answer()
                rest = await connection.rest()
            except wire.Unanswered as error:
                return ticket.unanswered(error)
            except TimeoutError:
                return ticket.wrong(f"{raw.name}: no answer")
            if b"HTTP/1." in rest:
                harness.account.counted(answer, connection.life)
                return ticket.wrong(f"{raw.name}: more than one answer: {rest[:100]!r}")
            ticket.answered(answer, REFUSALS)
    finally:
        connection.close()
