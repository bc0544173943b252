"""Which neighboring pixels see one surface: what surfaces and normals are made by.

The step between two neighbors is measured as the tangent of an incidence: how far it goes along
the ray for what it goes across. On a plane, 1 / distance is (all but for the bend of the rays from
one pixel to the next) a linear function of the pixel, and so is the distance itself if the rays are
parallel. So a plane's steps are known from the steps beside them, however steep it lies, and what
they do not explain is a jump from one surface to another.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..cameras.viewpoint import Viewpoint
from ..depth.encoding import DepthEncoding
from ..depth.pixel_types import PixelType
from ..depth.precision import spacing
from ..depth.thinning import stride_of
from ..errors import DepthError
from ..support.parallel import row_slices
from .backprojection import PointCloud

Array = NDArray[Any]

PAD = 3
"""Pixels around those in question that tell whether they are joined."""

BLOCK_PIXELS = 1 << 16
"""Pixels worked on at once: a dozen float32 images of this size stay in a core's cache."""

# The constants below were chosen by counting wrong joins and cuts in rendered scenes with known
# surfaces (tests/blender/test_surface_truth.py); none of the counts depends much on any of them.

SLIGHT = 6.0
"""Tangent up to which a step between two flat sides is rather a face seen edge-on than a jump."""

FLAT = 0.5
"""Tangent up to which a side is flat."""

FAR = 5.0
"""Times its size from which a jump beside a step says nothing about it."""

BEND = 3.0
"""Tangent by which a step may exceed twice the step beside it, where a surface bends."""

STRAIGHT = 0.1
"""Part of a step by which the next may differ on a plane."""

EQUAL = 0.01
"""Part of a step by which the next may differ on a plane of which no more is seen."""

_ALMOST_RIGHT = math.pi / 2.0 - 1e-6


@dataclass(frozen=True, eq=False)
class Continuity:
    """How neighbors are joined.

    Attributes
    ----------
    max_incidence : float
        Radians between ray and normal up to which a step alone may be a surface. Beyond, it takes
        neighbors that continue it as a plane.
    max_jump : float
        Distance along the ray that no two neighbors may be apart, in scene units.
    pixel_type : PixelType
        What the depth was stored as: steps of its rounding are no jumps.
    encoding : DepthEncoding, optional
        What the stored numbers stand for, if they are not distances in scene units.

    Raises
    ------
    DepthError
        One of them is out of range.
    """

    max_incidence: float = math.radians(85.0)
    max_jump: float = math.inf
    pixel_type: PixelType = "float"
    encoding: DepthEncoding | None = None

    def __post_init__(self) -> None:
        """Check the numbers."""
        if not 0.0 < self.max_incidence <= math.pi / 2.0:
            raise DepthError(
                f"The grazing angle is {math.degrees(self.max_incidence):g} degrees, expected more "
                "than 0 and at most 90: change it."
            )
        if not self.max_jump > 0.0:
            raise DepthError(
                f"The greatest jump is {self.max_jump:g}, expected more than 0: raise it, or take "
                "infinity for no limit."
            )


class PointGrid:
    """The points of an image at their places, at the stride that it was thinned by.

    Attributes
    ----------
    mask : ndarray, shape (height, width), bool
        Which places have a point, of every `stride`-th pixel of every `stride`-th row.
    wraps : bool
        Whether the last column is beside the first one.
    """

    def __init__(self, cloud: PointCloud, view: Viewpoint, continuity: Continuity) -> None:
        self.view, self.continuity, self._points = view, continuity, cloud.points
        self.stride = stride_of(cloud.selection.mask)
        self.mask = cloud.selection.mask[:: self.stride, :: self.stride]
        self.height, self.width = self.mask.shape
        # Two columns would be neighbors on both sides.
        self.wraps = view.period == cloud.selection.window.width and self.width > 2
        self._starts = np.concatenate([[0], np.cumsum(np.count_nonzero(self.mask, axis=1))])

    def blocks(self) -> list[slice]:
        """Rows to work on at once."""
        return row_slices(self.height, self.width, BLOCK_PIXELS, least=4)

    def span(self, rows: slice) -> slice:
        """Where the points of some rows stand."""
        return slice(int(self._starts[rows.start]), int(self._starts[rows.stop]))

    def patch(self, rows: slice) -> Patch:
        """The points of some rows, and of PAD pixels on all sides of them."""
        first, last = max(rows.start - PAD, 0), min(rows.stop + PAD, self.height)
        chosen = self.mask[first:last]
        points = self._points[self.span(slice(first, last))]
        whole = len(points) == chosen.size
        shape = (rows.stop - rows.start + 2 * PAD, self.width + 2 * PAD)
        top = first - rows.start + PAD
        axes = np.full((3, *shape), np.nan, np.float32)
        for axis, values in enumerate(axes):
            inner = values[top : top + last - first, PAD:-PAD]
            place = np.float32(self.view.position[axis])
            if whole:
                np.subtract(points[:, axis].reshape(chosen.shape), place, out=inner)
            else:
                inner[chosen] = points[:, axis] - place
        if self.wraps:
            # As often as it takes, for images that are narrower than the padding.
            axes[..., :PAD] = axes[..., PAD + np.arange(-PAD, 0) % self.width]
            axes[..., -PAD:] = axes[..., PAD + np.arange(PAD) % self.width]
        return Patch(axes, self.view, self.continuity)


class Patch:
    """Points of some rows with PAD pixels around, relative to the viewpoint; NaN for none.

    Attributes
    ----------
    axes : ndarray, shape (3, rows + 2 PAD, columns + 2 PAD), float32
    linear : ndarray, shape (rows + 2 PAD, columns + 2 PAD), float32
        What is a linear function of the pixel on a plane.
    rays : ndarray, shape (3, rows + 2 PAD, columns + 2 PAD), float32
        Unit directions; places across the ray, if rays are parallel.
    """

    def __init__(self, axes: Array, view: Viewpoint, continuity: Continuity) -> None:
        self.axes, self._view, self._joining = axes, view, continuity
        with np.errstate(divide="ignore", invalid="ignore"):  # of a point in the viewpoint
            if view.direction is None:
                squares = axes[0] * axes[0]
                squares += axes[1] * axes[1]
                squares += axes[2] * axes[2]
                self.linear = np.divide(np.float32(1.0), np.sqrt(squares, out=squares), out=squares)
                self.rays = axes * self.linear
            else:
                toward = view.direction.astype(np.float32)
                self.linear = np.tensordot(toward, axes, 1)
                self.rays = axes - toward[:, None, None] * self.linear

    def across(self) -> Array:
        """Whether pixels are joined with those to their left, shape (rows, columns + 1), bool.

        The last column tells of those to the right of the last one.
        """
        inner = slice(PAD, -PAD)
        return self._joined(self.linear[inner].T, self.rays[:, inner].transpose(0, 2, 1)).T

    def down(self) -> Array:
        """Whether pixels are joined with those above, shape (rows + 1, columns), bool.

        The last row tells of those below the last one.
        """
        inner = slice(PAD, -PAD)
        return self._joined(self.linear[:, inner], self.rays[:, :, inner])

    def _joined(self, linear: Array, rays: Array) -> Array:
        """Whether neighbors along the first axis are joined, but for two steps at its ends."""
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            steps = linear[1:] - linear[:-1]
            slopes = self._slopes(linear, steps, rays)
            limit = np.float32(math.tan(min(self._joining.max_incidence, _ALMOST_RIGHT)))
            size = np.abs(slopes)
            joined = _continues(slopes, size, limit)
            joined |= _is_slight(size)
            joined &= size[2:-2] <= limit
            _add_straight(joined, steps, size[2:-2])
            if math.isfinite(self._joining.max_jump):
                joined &= self._is_near(linear, steps)[2:-2]
        return joined

    def _slopes(self, linear: Array, steps: Array, rays: Array) -> Array:
        """Tangents of the incidences at which the steps are seen, with the sign of the steps."""
        width = np.zeros_like(steps)
        for each in rays:
            apart = each[1:] - each[:-1]
            apart *= apart
            width += apart
        np.sqrt(width, out=width)
        central = self._view.direction is None
        if central:
            width *= linear[1:] + linear[:-1]
            width *= np.float32(0.5)
        slopes = steps / width
        if self._joining.pixel_type != "float":
            # Of a step, the part that rounding may have made says nothing.
            distance = 1.0 / linear[1:] if central else linear[1:]
            step = spacing(distance, self._joining.pixel_type, self._joining.encoding)
            rounding = step * linear[1:] * linear[1:] / width if central else step / width
            slopes = np.copysign(np.maximum(np.abs(slopes) - rounding, 0.0), slopes)
        return np.asarray(slopes, np.float32)

    def _is_near(self, linear: Array, steps: Array) -> Array:
        limit = np.float32(self._joining.max_jump)
        if self._view.direction is not None:
            return np.abs(steps) <= limit
        # |1 / a - 1 / b| = |a - b| / (a b)
        return np.abs(steps) <= limit * linear[1:] * linear[:-1]


def _continues(slopes: Array, size: Array, limit: np.float32) -> Array:
    """Whether a step is what a surface does after, or before, the step beside it."""
    change = np.abs(slopes[1:] - slopes[:-1])
    allowed = size + np.float32(BEND)
    allowed[size > limit] = -1.0
    result: Array = change[1:-2] <= allowed[1:-3]
    result |= change[2:-1] <= allowed[3:-1]
    return result


def _is_slight(size: Array) -> Array:
    """Whether a step is small, and nothing beside it is in doubt."""
    middle = size[2:-2]
    far = middle * np.float32(FAR)
    result: Array = middle <= np.float32(SLIGHT)
    for side in (size[1:-3], size[3:-1]):
        doubtful = side > np.float32(FLAT)
        doubtful &= side <= far
        result &= ~doubtful
    return result


def _add_straight(joined: Array, steps: Array, size: Array) -> None:
    """Join steps of any size that a plane explains: on both sides, or far enough on one.

    Two planes may also meet between two pixels: then the step lies between those of both planes,
    the steeper of which has to be seen farther on, lest a jump pass for a plane.
    """
    row, column = np.nonzero(~joined & (size > 0.0))
    before2, before, step, after, after2 = (steps[row + i, column] for i in range(5))
    plane_before, plane_after = _is_like(before, before2), _is_like(after, after2)
    like_before, like_after = _is_like(step, before), _is_like(step, after)
    straight = like_before & (like_after | plane_before)
    straight |= like_after & plane_after
    straight |= _is_like(step, before, EQUAL) | _is_like(step, after, EQUAL)
    steeper = np.where(np.abs(before) > np.abs(after), plane_before, plane_after)
    straight |= ((step - before) * (after - step) >= 0.0) & steeper
    joined[row[straight], column[straight]] = True


def _is_like(first: Array, second: Array, part: float = STRAIGHT) -> Array:
    result: Array = np.abs(first - second) <= np.float32(part) * np.abs(second)
    return result
