"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import uuid
from collections.abc import Iterator
from pathlib import Path

from ..errors import FileError
from .messages import printable

_ADVICE = {
    errno.ENAMETOOLONG: "choose a shorter name",
    **dict.fromkeys(
        (errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "free some space, or choose another disk"
    ),
}
_OTHER_ADVICE = (
    "choose a folder that exists and can be written to, and a name that is not a folder's"
)


@contextlib.contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Give a temporary file to write, which replaces the one at `path` once the block ends well.

    The temporary file is in the same folder. Until the block has ended, and if it fails, what was
    at `path` stays as it was. A name that no file can have is reported before the block.

    Raises
    ------
    FileError
        The file cannot be written.
    """
    # A link stays a link, because the file that it leads to is replaced.
    target = Path(os.path.realpath(path))
    try:
        _check_name(target)
        temporary = target.with_name(f".{uuid.uuid4().hex}{target.suffix}")
        try:
            yield temporary
            os.replace(temporary, target)
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink()
    except OSError as error:
        advice = _ADVICE.get(error.errno or 0, _OTHER_ADVICE)
        raise FileError(
            f"{printable(path)}: The file cannot be written ({error.strerror or error}): {advice}."
        ) from None


def _check_name(target: Path) -> None:
    """Raise the OSError that replacing the file would end in because of its name."""
    with contextlib.suppress(FileNotFoundError):
        if stat.S_ISDIR(target.lstat().st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
