"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

from ..errors import FileError


@contextlib.contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Give a file beside `path` to write, which takes its place once the block has ended well.

    Until then, and if the block fails, what was at `path` stays as it is.

    Raises
    ------
    FileError
        The file cannot be written.
    """
    # Through links, so that a link stays one.
    target = Path(os.path.realpath(path))
    half = target.with_name(f".{uuid.uuid4().hex}{target.suffix}")
    try:
        yield half
        os.replace(half, target)
    except OSError as error:
        raise FileError(
            f"{path}: The file cannot be written ({error.strerror or error}): choose a folder "
            "that exists and can be written to, and a name that is no folder's."
        ) from None
    finally:
        with contextlib.suppress(OSError):
            half.unlink()
