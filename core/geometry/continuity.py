"""Continuity: which neighboring pixels see one surface, and are joined in surfaces and normals.

The step between two neighbors is measured as the tangent of an angle of incidence: its length along
the ray over its length across the ray. On a plane, 1 / distance is a linear function of the pixel
(except for the bend of the rays from one pixel to the next), and so is the distance itself if the
rays are parallel. The steps on a plane are therefore known from the steps beside them, however
steep the plane is, and what these do not explain is a jump from one surface to another.
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
"""Pixels around a block that help to decide whether the pixels in it are joined."""

BLOCK_PIXELS = 1 << 17
"""Pixels in a block: smaller ones make the threads wait for each other more often."""

# The constants below were chosen by counting wrong joins and wrong cuts in renders of scenes with
# known surfaces (tests/blender/geometry/test_surface_truth.py). No count depends much on any of
# them.

SLIGHT = 6.0
"""Tangent up to which a step between flat sides is more likely a face seen edge-on than a jump."""

FLAT = 0.5
"""Tangent up to which the step beside another one is flat."""

FAR = 5.0
"""How many times as large as a step a jump beside it must be to say nothing about the step."""

BEND = 3.0
"""Tangent by which a step may exceed twice the step beside it where a surface bends."""

STRAIGHT = 0.1
"""Fraction of a step by which the next one may differ on a plane."""

EQUAL = 0.01
"""Fraction of a step by which the next one may differ on a plane of two steps only."""

_ALMOST_RIGHT = math.pi / 2.0 - 1e-6


@dataclass(frozen=True, eq=False)
class Continuity:
    """The rule that joins neighboring pixels.

    Attributes
    ----------
    max_incidence : float
        Angle between ray and normal, in radians, up to which a single step may be a surface. Beyond
        it, neighbors have to continue the step as a plane.
    max_jump : float
        Distance along the ray, in scene units, beyond which neighbors are never joined.
    pixel_type : PixelType
        What the file stored the depth as, so that steps of its rounding do not count as jumps.
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
                f"The greatest jump is {self.max_jump:g}, expected more than 0: raise it, or use "
                "infinity for no limit."
            )


class PointGrid:
    """The points of an image as a grid, at the stride that the image was thinned by.

    Parameters
    ----------
    cloud : PointCloud
    view : Viewpoint
    continuity : Continuity

    Attributes
    ----------
    mask : ndarray, shape (height, width), bool
        Which of every `stride`-th pixel of every `stride`-th row have a point.
    stride : int
    wraps : bool
        Whether the last column is a neighbor of the first one.
    """

    def __init__(self, cloud: PointCloud, view: Viewpoint, continuity: Continuity) -> None:
        self.view, self.continuity, self._points = view, continuity, cloud.points
        self.stride = stride_of(cloud.selection.mask)
        self.mask = cloud.selection.mask[:: self.stride, :: self.stride]
        self.height, self.width = self.mask.shape
        # With two columns, both sides of one would be neighbors of the other.
        self.wraps = view.period == cloud.selection.window.width and self.width > 2
        self._starts = np.concatenate([[0], np.cumsum(np.count_nonzero(self.mask, axis=1))])

    def blocks(self) -> list[slice]:
        """Divide the rows into blocks to work on one at a time."""
        return row_slices(self.height, self.width, BLOCK_PIXELS, least=4)

    def span(self, rows: slice) -> slice:
        """Return where the points of some rows are in the cloud."""
        return slice(int(self._starts[rows.start]), int(self._starts[rows.stop]))

    def patch(self, rows: slice) -> Patch:
        """Return the points of some rows, and of PAD pixels on all sides of them."""
        first, last = max(rows.start - PAD, 0), min(rows.stop + PAD, self.height)
        mask = self.mask[first:last]
        points = self._points[self.span(slice(first, last))]
        is_whole = len(points) == mask.size
        shape = (rows.stop - rows.start + 2 * PAD, self.width + 2 * PAD)
        top = first - rows.start + PAD
        axes = np.full((3, *shape), np.nan, np.float32)
        for axis, values in enumerate(axes):
            inner = values[top : top + last - first, PAD:-PAD]
            position = np.float32(self.view.position[axis])
            if is_whole:
                np.subtract(points[:, axis].reshape(mask.shape), position, out=inner)
            else:
                inner[mask] = points[:, axis] - position
        if self.wraps:
            # Several times around, if the image is narrower than the padding.
            axes[..., :PAD] = axes[..., PAD + np.arange(-PAD, 0) % self.width]
            axes[..., -PAD:] = axes[..., PAD + np.arange(PAD) % self.width]
        return Patch(axes, self.view, self.continuity)


class Patch:
    """The points of some rows, with a padding of PAD pixels.

    Attributes
    ----------
    axes : ndarray, shape (3, rows + 2 PAD, columns + 2 PAD), float32
        Coordinates relative to the viewpoint; NaN where there is no point.
    linear : ndarray, shape (rows + 2 PAD, columns + 2 PAD), float32
        A linear function of the pixel on planes: 1 / distance, or the distance of parallel rays.
    rays : ndarray, shape (3, rows + 2 PAD, columns + 2 PAD), float32
        Unit directions; for parallel rays, the coordinates across them.
    """

    def __init__(self, axes: Array, view: Viewpoint, continuity: Continuity) -> None:
        self.axes, self._view, self._continuity = axes, view, continuity
        with np.errstate(divide="ignore", invalid="ignore"):  # a point at the viewpoint
            if view.direction is None:
                squares = axes[0] * axes[0]
                squares += axes[1] * axes[1]
                squares += axes[2] * axes[2]
                self.linear = np.divide(np.float32(1.0), np.sqrt(squares, out=squares), out=squares)
                self.rays = axes * self.linear
            else:
                direction = view.direction.astype(np.float32)
                self.linear = np.tensordot(direction, axes, 1)
                self.rays = axes - direction[:, None, None] * self.linear

    def across(self) -> Array:
        """Return whether pixels are joined with their left neighbors, bool.

        The shape is (rows, columns + 1); the last column is for the neighbors right of the patch.
        """
        inner = slice(PAD, -PAD)
        return self._joined(self.linear[inner].T, self.rays[:, inner].transpose(0, 2, 1)).T

    def down(self) -> Array:
        """Return whether pixels are joined with their upper neighbors, bool.

        The shape is (rows + 1, columns); the last row is for the neighbors below the patch.
        """
        inner = slice(PAD, -PAD)
        return self._joined(self.linear[:, inner], self.rays[:, :, inner])

    def _joined(self, linear: Array, rays: Array) -> Array:
        """Return whether neighbors along the first axis are joined, without two at either end."""
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            steps = linear[1:] - linear[:-1]
            slopes = self._slopes(linear, steps, rays)
            limit = np.float32(math.tan(min(self._continuity.max_incidence, _ALMOST_RIGHT)))
            size = np.abs(slopes)
            joined = _continues(slopes, size, limit)
            joined |= _is_slight(size)
            joined &= size[2:-2] <= limit
            _add_straight(joined, steps, size[2:-2])
            if math.isfinite(self._continuity.max_jump):
                joined &= self._is_near(linear, steps)[2:-2]
        return joined

    def _slopes(self, linear: Array, steps: Array, rays: Array) -> Array:
        """Return the tangents of the angles of incidence of the steps, with their signs."""
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
        if self._continuity.pixel_type != "float":
            # What rounding may have added to a step says nothing.
            distance = 1.0 / linear[1:] if central else linear[1:]
            step = spacing(distance, self._continuity.pixel_type, self._continuity.encoding)
            rounding = step * linear[1:] * linear[1:] / width if central else step / width
            slopes = np.copysign(np.maximum(np.abs(slopes) - rounding, 0.0), slopes)
        return np.asarray(slopes, np.float32)

    def _is_near(self, linear: Array, steps: Array) -> Array:
        """Return whether steps are no longer than the greatest jump."""
        limit = np.float32(self._continuity.max_jump)
        if self._view.direction is not None:
            return np.abs(steps) <= limit
        # |1 / a - 1 / b| = |a - b| / (a b)
        return np.abs(steps) <= limit * linear[1:] * linear[:-1]


def _continues(slopes: Array, size: Array, limit: np.float32) -> Array:
    """Return whether a surface may continue with a step after, or before, the one beside it."""
    change = np.abs(slopes[1:] - slopes[:-1])
    allowed = size + np.float32(BEND)
    allowed[size > limit] = -1.0
    result: Array = change[1:-2] <= allowed[1:-3]
    result |= change[2:-1] <= allowed[3:-1]
    return result


def _is_slight(size: Array) -> Array:
    """Return whether a step is small, and no step beside it is in doubt."""
    middle = size[2:-2]
    far = middle * np.float32(FAR)
    result: Array = middle <= np.float32(SLIGHT)
    for side in (size[1:-3], size[3:-1]):
        doubtful = side > np.float32(FLAT)
        doubtful &= side <= far
        result &= ~doubtful
    return result


def _add_straight(joined: Array, steps: Array, size: Array) -> None:
    """Join steps of any size that a plane explains on both sides, or far enough on one side.

    Two planes may also meet between two pixels. The step is then between those of both planes, and
    the steeper plane has to be seen farther on, so that no jump counts as a plane.
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


def _is_like(first: Array, second: Array, tolerance: float = STRAIGHT) -> Array:
    result: Array = np.abs(first - second) <= np.float32(tolerance) * np.abs(second)
    return result
