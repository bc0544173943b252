"""Depth that was stored as a gray picture: three equal channels."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import LayerError

Array = NDArray[Any]


def gray_channel(pixels: Array, path: str, label: str) -> Array:
    """Return one channel of pixels, shape (H, W, C), whose R, G, and B are equal everywhere.

    Raises
    ------
    LayerError
        They differ; `path` and `label` are what to call the file and its layer.
    """
    first = pixels[..., 0]
    for index in range(1, min(3, pixels.shape[-1])):
        if not np.array_equal(first, pixels[..., index], equal_nan=first.dtype.kind == "f"):
            raise LayerError(
                f"{label} in {path} looks like a color image, not depth: its R, G and B differ; "
                "choose the file or layer that holds the Depth pass."
            )
    return np.ascontiguousarray(first)
