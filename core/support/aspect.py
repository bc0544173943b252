"""Compare the aspect ratios of images whose sizes are whole pixels."""

from __future__ import annotations

Size = tuple[int, int]
"""Width and height in pixels."""


def same_aspect(one: Size, other: Size) -> bool:
    """Return whether one size is the other, scaled and then made whole.

    Renderers truncate a scaled side to whole pixels; image editors round it.

    Parameters
    ----------
    one, other : tuple of int
        Width and height in pixels.
    """
    return _is_scaled(one, other) or _is_scaled(other, one)


def _is_scaled(size: Size, original: Size) -> bool:
    """Return whether `size` is the original times some factor f.

    If truncated, w <= f W < w + 1 and h <= f H < h + 1; if rounded, |f W - w| <= 1/2 and
    |f H - h| <= 1/2. The conditions below follow from these when f is eliminated.
    """
    (width, height), difference = original, size[0] * original[1] - size[1] * original[0]
    is_truncated = -height < difference < width
    is_rounded = 2 * abs(difference) <= width + height
    return is_truncated or is_rounded
