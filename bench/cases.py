"""What is measured: models, pictures, numbers of clients."""
import dataclasses

from models import Model


@dataclasses.dataclass(frozen=True)
class Case:
    model: Model
    width: int
    height: int
    kind: str  # jpg or png
    clients: int
    target: float | None = None  # of the attainable limit, design section 8
    against_reference: float | None = None  # times its throughput

    @property
    def picture(self):
        return f"{self.width}x{self.height}.{self.kind}"

    @property
    def name(self):
        return f"{self.model.id} {self.picture} x{self.clients}"


TARGETS = {  # project -> picture, clients, share of the limit, times the reference
    "bench-detection": ((810, 1080), 8, 0.95, 1.7),
    "emoji-detection": ((640, 480), 8, 0.90, 2.4),
    "emoji-classification": ((320, 240), 16, 0.80, 7.0),
    "emoji-segmentation": ((640, 480), 8, None, None),
    "bench-segmentation": ((810, 1080), 8, None, None),
}
SIZES = ((320, 240), (640, 480), (1280, 720), (1920, 1080), (4000, 3000))
CLIENTS = (1, 4, 16, 64)


def with_targets(models):
    return [Case(model, *TARGETS[model.id.split("/")[0]][0], "jpg", *TARGETS[model.id.split("/")[0]][1:])
            for model in models]


def by_clients(models):
    """The first two models under few and many clients."""
    return [Case(model, *TARGETS[model.id.split("/")[0]][0], "jpg", clients) for model in models for clients in CLIENTS]


def by_picture(model):
    return [Case(model, width, height, kind, 8) for width, height in SIZES for kind in ("jpg", "png")]
