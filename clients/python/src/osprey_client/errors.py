"""What can go wrong. The names are the stock client's; all of them are HTTPClientError."""


class HTTPClientError(Exception):
    """The base of all errors of this package."""


class HTTPCallErrorError(HTTPClientError):
    """The server answered with a status of 400 or more.

    `status_code` is that status, `api_message` what the server says was wrong, `description` which request it was.
    """

    def __init__(self, description: str, status_code: int, api_message: str | None) -> None:
        super().__init__(description, status_code, api_message)
        self.description = description
        self.status_code = status_code
        self.api_message = api_message

    def __str__(self) -> str:
        return f"{self.description}: status {self.status_code}: {self.api_message}"


class HTTPServerConnectionError(HTTPClientError):
    """No answer came: nothing listens there, the connection broke, or the time was up."""


class InvalidInputFormatError(HTTPClientError):
    """What was given as an image is of no kind that is known."""


class EncodingError(HTTPClientError):
    """An image could not be read or encoded, or an answer of the server could not be read."""


class InvalidModelIdentifier(HTTPClientError):
    """The older routes need a model id of the form `project/version`."""


class InvalidParameterError(HTTPClientError):
    """A setting of the client has a value that it cannot have."""


class ModelNotSelectedError(HTTPClientError):
    """Neither the call nor select_model() says which model is meant."""


class ModelNotInitializedError(HTTPClientError):
    """The model is not among those that the server has loaded."""


class ModelTaskTypeNotSupportedError(HTTPClientError):
    """The model does a task that this client has no route for."""


class APIKeyNotProvided(HTTPClientError):
    """The older routes need an API key; any text will do where the server asks for none."""


class WrongClientModeError(HTTPClientError):
    """The operation is one of mode v1."""
