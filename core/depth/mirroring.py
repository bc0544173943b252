"""Images that are stored left to right or upside down, turned the right way round."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .image import DepthImage, Window

Array = NDArray[Any]


@dataclass(frozen=True)
class Mirroring:
    """Which axes of an image to mirror.

    Attributes
    ----------
    x, y : bool
        Whether to exchange left and right, top and bottom.
    """

    x: bool = False
    y: bool = False

    def apply(self, pixels: Array) -> Array:
        """Mirror an image, shape (H, W) or (H, W, C); without an axis to mirror it is shared."""
        if not (self.x or self.y):
            return pixels
        rows, columns = (slice(None, None, -1 if flip else 1) for flip in (self.y, self.x))
        return np.ascontiguousarray(pixels[rows, columns])

    def apply_to_depth(self, depth: DepthImage) -> DepthImage:
        """Mirror a depth image within the whole image, which its window may be a part of."""
        if not (self.x or self.y):
            return depth
        window, (width, height) = depth.window, depth.size
        x = width - window.x - window.width if self.x else window.x
        y = height - window.y - window.height if self.y else window.y
        return replace(
            depth,
            values=self.apply(depth.values),
            valid=self.apply(depth.valid),
            window=Window(x, y, window.width, window.height),
        )
