"""The frames of infer_on_stream(): the pictures of a folder, or of a list of files."""

import os
from collections.abc import Iterator, Sequence

from osprey_client.errors import EncodingError, InvalidInputFormatError
from osprey_client.pixels import Pixels, decode

Source = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]


def frames(source: Source, extensions: Sequence[str] | None) -> Iterator[tuple[str, Pixels]]:
    """(path, BGR pixels) of each picture; those of a folder in the order of their names, by extension, not below it.

    Raises InvalidInputFormatError for what is neither, as is a video, and EncodingError for a picture that cannot be read.
    """
    for path in _paths(source, extensions):
        try:
            with open(path, "rb") as file:
                data = file.read()
        except OSError as error:
            raise EncodingError(f"cannot read {path}: {error.strerror}") from None
        yield path, decode(data, path)


def _paths(source: Source, extensions: Sequence[str] | None) -> list[str]:
    if isinstance(source, (list, tuple)):
        return [os.fspath(path) for path in source]
    if isinstance(source, (str, os.PathLike)) and os.path.isdir(source):
        wanted = None if extensions is None else tuple("." + extension for extension in extensions)
        with os.scandir(source) as entries:
            found = [entry.path for entry in entries if entry.is_file()]
        return sorted(path for path in found if wanted is None or path.endswith(wanted))
    raise InvalidInputFormatError(
        f"'{source}' is neither a folder nor a list of files; of a video, give infer() its frames as arrays"
    )
