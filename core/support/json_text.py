"""JSON texts from outside, parsed with errors that say where they are broken."""

from __future__ import annotations

import json
import re
from typing import Any

from ..errors import DepthError

_SURROGATE = re.compile(r"\\ud[89a-f]", re.IGNORECASE)


def parse_json(text: str, error_type: type[DepthError]) -> Any:
    """Parse a JSON text.

    Parameters
    ----------
    text : str
    error_type : type
        Class of the error to raise.

    Raises
    ------
    DepthError
        The text is not JSON, is nested too deep, or holds text that is not Unicode.
    """
    try:
        data = json.loads(text)
        if _SURROGATE.search(text):
            # JSON can spell half of a surrogate pair, which is not text: this raises a ValueError.
            json.dumps(data, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise error_type(
            f"The JSON is broken at line {error.lineno}, column {error.colno} ({error.msg}): "
            "write the file again."
        ) from None
    except (ValueError, RecursionError) as error:
        raise error_type(f"The JSON cannot be read ({error}): write the file again.") from None
    return data
