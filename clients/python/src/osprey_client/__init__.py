"""Client for Osprey and other servers of the Roboflow Inference API.

>>> from osprey_client import InferenceHTTPClient
>>> client = InferenceHTTPClient(api_url="http://localhost:9001")
>>> client.infer("photo.jpg", model_id="emoji-detection/1")
"""

from osprey_client.client import InferenceHTTPClient
from osprey_client.configuration import (
    ApiKeyTransport,
    HTTPClientMode,
    InferenceConfiguration,
    VisualisationResponseFormat,
)
from osprey_client.errors import (
    APIKeyNotProvided,
    EncodingError,
    HTTPCallErrorError,
    HTTPClientError,
    HTTPServerConnectionError,
    InvalidInputFormatError,
    InvalidModelIdentifier,
    InvalidParameterError,
    ModelNotInitializedError,
    ModelNotSelectedError,
    ModelTaskTypeNotSupportedError,
    WrongClientModeError,
)
from osprey_client.management import ModelDescription, RegisteredModels, ServerInfo
from osprey_client.version import __version__

__all__ = [
    "APIKeyNotProvided",
    "ApiKeyTransport",
    "EncodingError",
    "HTTPCallErrorError",
    "HTTPClientError",
    "HTTPClientMode",
    "HTTPServerConnectionError",
    "InferenceConfiguration",
    "InferenceHTTPClient",
    "InvalidInputFormatError",
    "InvalidModelIdentifier",
    "InvalidParameterError",
    "ModelDescription",
    "ModelNotInitializedError",
    "ModelNotSelectedError",
    "ModelTaskTypeNotSupportedError",
    "RegisteredModels",
    "ServerInfo",
    "VisualisationResponseFormat",
    "WrongClientModeError",
    "__version__",
]
