"""Whether two sizes of images, in whole pixels, are of one aspect."""

from __future__ import annotations

Size = tuple[int, int]
"""Width and height in pixels."""


def same_aspect(one: Size, other: Size) -> bool:
    """Whether one size is the other, scaled and brought to whole pixels.

    Renderers cut a scaled side off to whole pixels, programs for pictures round it.

    Parameters
    ----------
    one, other : tuple of int
        Width and height in pixels.
    """
    return _is_scaled(one, other) or _is_scaled(other, one)


def _is_scaled(size: Size, original: Size) -> bool:
    """Whether some factor f makes `size` of the original.

    Cut off, it has to fulfill w <= f W < w + 1 and h <= f H < h + 1; rounded, |f W - w| <= 1/2 and
    |f H - h| <= 1/2. This is what these say of w and h alone.
    """
    (width, height), difference = original, size[0] * original[1] - size[1] * original[0]
    is_cut = -height < difference < width
    is_rounded = 2 * abs(difference) <= width + height
    return is_cut or is_rounded
