"""The settings of a client, and what each is called on the wire."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal

from osprey_client.errors import InvalidParameterError, ModelTaskTypeNotSupportedError

Confidence = float | Literal["best", "default"]
ArrayFormat = Literal["jpeg", "png", "numpy"]
Parameters = dict[str, Any]

_ARRAY_FORMATS = ("jpeg", "png", "numpy")


class HTTPClientMode(str, Enum):
    """Which of the server's routes are used: v0 is `/{project}/{version}`, v1 is `/infer/...` and `/model/...`."""

    V0 = "v0"
    V1 = "v1"


class ApiKeyTransport(str, Enum):
    """Where the API key travels: in the query or the body, in `Authorization: Bearer`, or in both places."""

    LEGACY = "legacy"
    BOTH = "both"
    HEADER = "header"


class VisualisationResponseFormat(str, Enum):
    """What `visualization` of an answer is: base64 text of a JPEG, a BGR array, or a PIL image."""

    BASE64 = "base64"
    NUMPY = "numpy"
    PILLOW = "pillow"


# (attribute, its name in the body of mode v1)
_EVERY_TASK = (
    ("confidence_threshold", "confidence"),
    ("visualize_predictions", "visualize_predictions"),
    ("stroke_width", "visualization_stroke_width"),
    ("disable_preproc_auto_orientation", "disable_preproc_auto_orient"),
    ("disable_preproc_contrast", "disable_preproc_contrast"),
    ("disable_preproc_grayscale", "disable_preproc_grayscale"),
    ("disable_preproc_static_crop", "disable_preproc_static_crop"),
    ("disable_active_learning", "disable_active_learning"),
    ("active_learning_target_dataset", "active_learning_target_dataset"),
    ("source", "source"),
    ("source_info", "source_info"),
)
_BOXES = (
    *_EVERY_TASK,
    ("iou_threshold", "iou_threshold"),
    ("max_detections", "max_detections"),
    ("max_candidates", "max_candidates"),
    ("class_agnostic_nms", "class_agnostic_nms"),
    ("class_filter", "class_filter"),
    ("fix_batch_size", "fix_batch_size"),
    ("visualize_labels", "visualization_labels"),
)
_MASKS = (
    ("mask_decode_mode", "mask_decode_mode"),
    ("tradeoff_factor", "tradeoff_factor"),
    ("response_mask_format", "response_mask_format"),
    ("allow_reduced_mask_resolution", "allow_reduced_mask_resolution"),
)
_OF_TASK: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "object-detection": ("/infer/object_detection", _BOXES),
    "instance-segmentation": ("/infer/instance_segmentation", (*_BOXES, *_MASKS)),
    "keypoint-detection": ("/infer/keypoints_detection", (*_BOXES, ("keypoint_confidence_threshold", "keypoint_confidence"))),
    "classification": ("/infer/classification", (*_EVERY_TASK, ("include_anomaly_map", "include_anomaly_map"))),
}
_BILLING = (("service_secret", "service_secret"), ("count_inference", "countinference"))
# (attribute, its name in the query of mode v0)
_V0 = (
    *((attribute, name) for attribute, name in _EVERY_TASK if attribute not in ("visualize_predictions", "stroke_width")),
    ("stroke_width", "stroke"),
    ("visualize_labels", "labels"),
    ("format", "format"),
    ("iou_threshold", "overlap"),
    ("max_detections", "max_detections"),
    ("keypoint_confidence_threshold", "keypoint_confidence"),
    ("include_anomaly_map", "include_anomaly_map"),
    *_MASKS,
    *_BILLING,
)


def route_of(task_type: str) -> str:
    """The path of mode v1 that does the task."""
    try:
        return _OF_TASK[task_type][0]
    except KeyError:
        raise ModelTaskTypeNotSupportedError(
            f"models of the task '{task_type}' cannot be asked with this client; it knows {', '.join(_OF_TASK)}"
        ) from None


@dataclass(frozen=True)
class InferenceConfiguration:
    """Settings of requests and of the client. What is None is not sent: the server's own default holds.

    All but `array_format` are the stock client's. `array_format` says how arrays and PIL images are sent: `jpeg` as the
    stock client does (arrays at quality 95, PIL images at 75), `png` without loss, `numpy` without loss and without
    compression, as a pickled array where the server takes that, else as `png`.
    `profiling_directory` and `workflow_run_retries_enabled` are of workflows, which this client has not; they are taken
    so that settings written for the stock client do.
    """

    confidence_threshold: Confidence | None = None
    keypoint_confidence_threshold: float | None = None
    format: str | None = None
    mask_decode_mode: str | None = None
    tradeoff_factor: float | None = None
    max_candidates: int | None = None
    max_detections: int | None = None
    iou_threshold: float | None = None
    stroke_width: int | None = None
    count_inference: bool | None = None
    service_secret: str | None = field(default=None, repr=False)
    disable_preproc_auto_orientation: bool | None = None
    disable_preproc_contrast: bool | None = None
    disable_preproc_grayscale: bool | None = None
    disable_preproc_static_crop: bool | None = None
    class_agnostic_nms: bool | None = None
    class_filter: list[str] | None = None
    fix_batch_size: bool | None = None
    include_anomaly_map: bool | None = None
    visualize_predictions: bool = False
    visualize_labels: bool | None = None
    output_visualisation_format: VisualisationResponseFormat = VisualisationResponseFormat.BASE64
    image_extensions_for_directory_scan: list[str] | None = field(
        default_factory=lambda: ["jpg", "jpeg", "JPG", "JPEG", "png", "PNG"]
    )
    client_downsizing_disabled: bool = True
    default_max_input_size: int = 1024
    disable_active_learning: bool = False
    active_learning_target_dataset: str | None = None
    max_concurrent_requests: int = 1
    max_batch_size: int = 1
    source: str | None = None
    source_info: str | None = None
    profiling_directory: str = "./inference_profiling"
    workflow_run_retries_enabled: bool = True
    response_mask_format: Literal["polygon", "rle"] | None = None
    api_key_transport: str | ApiKeyTransport | None = None
    allow_reduced_mask_resolution: bool = False
    array_format: ArrayFormat = "jpeg"

    def __post_init__(self) -> None:
        if self.api_key_transport is not None:
            try:
                object.__setattr__(self, "api_key_transport", ApiKeyTransport(self.api_key_transport))
            except ValueError:
                known = ", ".join(transport.value for transport in ApiKeyTransport)
                raise InvalidParameterError(
                    f"api_key_transport is '{self.api_key_transport}'; it can be {known}"
                ) from None
        if self.array_format not in _ARRAY_FORMATS:
            raise InvalidParameterError(f"array_format is '{self.array_format}'; it can be {', '.join(_ARRAY_FORMATS)}")
        for name in ("max_concurrent_requests", "max_batch_size", "default_max_input_size"):
            if getattr(self, name) < 1:
                raise InvalidParameterError(f"{name} is {getattr(self, name)}; it is at least 1")

    @classmethod
    def init_default(cls) -> "InferenceConfiguration":
        """All settings at their defaults."""
        return cls()

    @property
    def key_in_request(self) -> bool:
        """Whether the API key goes into the query or the body."""
        return self.api_key_transport is not ApiKeyTransport.HEADER

    @property
    def key_in_header(self) -> bool:
        """Whether the API key goes into `Authorization: Bearer`."""
        return self.api_key_transport in (ApiKeyTransport.BOTH, ApiKeyTransport.HEADER)

    def body_parameters(self, task_type: str) -> Parameters:
        """The fields of a body of mode v1 for a task. Raises ModelTaskTypeNotSupportedError."""
        route_of(task_type)
        return self._named(_OF_TASK[task_type][1])

    def billing_parameters(self) -> Parameters:
        """What mode v1 has in its query."""
        return self._named(_BILLING)

    def query_parameters(self) -> Parameters:
        """The query of mode v0."""
        return self._named(_V0)

    def _named(self, names: Iterable[tuple[str, str]]) -> Parameters:
        values = ((name, getattr(self, attribute)) for attribute, name in names)
        return {name: value for name, value in values if value is not None}
