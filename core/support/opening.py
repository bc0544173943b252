"""Opening a file for reading, with errors that are meant for the user."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import BinaryIO

from ..errors import FileError


@contextlib.contextmanager
def opened(path: str) -> Iterator[BinaryIO]:
    """Open a file for a while, to read its bytes.

    Raises
    ------
    FileError
        The file is missing, a folder, or may not be read.
    """
    if os.path.isdir(path):
        raise FileError(f"{path} is a folder; choose the file with the depth in it.")
    if "\0" in path:
        raise FileError(f"{path!r} is not the name of a file; choose one with depth.")
    try:
        with open(path, "rb", buffering=0) as file:
            yield file
    except FileNotFoundError:
        raise FileError(f"{path} does not exist; render it, or choose another file.") from None
    except PermissionError:
        raise FileError(f"{path} may not be read; change its permissions or copy it.") from None
    except OSError as error:
        raise FileError(f"{path} cannot be read ({error}); choose another file.") from error
