"""One depth image: its values, which of them are valid, and what they measure."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import DepthError, SizeError

Array = NDArray[Any]
PixelType = Literal["half", "float", "uint"]

NO_HIT: dict[PixelType, float] = {
    "float": 1e10 * (1.0 - 1e-6),
    "half": 65504.0,
    "uint": float(np.float32(2**32 - 1)),
}
"""The value from which a pixel saw nothing, by the type of pixel that stored it.

Blender writes 1e10, which other programs may hand on with a little rounding; half ends at 65504,
and an unsigned integer's largest value stands for "none".
"""


class DepthKind(enum.Enum):
    """What a depth value measures."""

    PLANAR = "planar"
    """Distance along the camera's -Z axis."""

    RAY = "ray"
    """Euclidean distance along the ray."""


@dataclass(frozen=True)
class Window:
    """A rectangle of pixels, by its upper left pixel and its size."""

    x: int
    y: int
    width: int
    height: int

    def centers(self, rows: slice) -> Array:
        """Image coordinates of the centers of the pixels in some rows, shape (rows, width, 2)."""
        centers = np.empty((rows.stop - rows.start, self.width, 2))
        centers[..., 0] = np.arange(self.width) + (self.x + 0.5)
        centers[..., 1] = (np.arange(rows.start, rows.stop) + (self.y + 0.5))[:, None]
        return centers


@dataclass(frozen=True, eq=False)
class DepthImage:
    """Depth of the pixels of one view, and which of them saw something.

    Attributes
    ----------
    values : ndarray, shape (H, W), float32, C-contiguous
        Distances in the unit of whoever rendered them (Blender: scene units), rows from the top.
        What stands where `valid` is False means nothing.
    valid : ndarray, shape (H, W), bool
        True where the pixel holds a distance.
    kind : DepthKind
        What the distances are measured along.
    window : Window
        Where these pixels lie within the image: pixel (column c, row r) has its center at
        (x + c + 0.5, y + r + 0.5) in image coordinates. Negative x and y for overscan.
    size : tuple of int
        Width and height of the image.
    pixel_type : 'half', 'float' or 'uint'
        What the values were stored as, which bounds their precision.
    """

    values: Array
    valid: Array
    kind: DepthKind
    window: Window
    size: tuple[int, int]
    pixel_type: PixelType

    @classmethod
    def from_array(
        cls,
        array: ArrayLike,
        kind: DepthKind,
        *,
        window: Window | None = None,
        size: tuple[int, int] | None = None,
        pixel_type: PixelType | None = None,
    ) -> Self:
        """Depth image of a plain array of distances.

        A distance is valid when it is finite, positive, and below `NO_HIT` of its pixel type.

        Parameters
        ----------
        array : array_like, shape (H, W)
            Distances; float16, float32, float64, or integers of 32 or 64 bits. A C-contiguous
            float32 array is kept, not copied.
        kind : DepthKind
            What the distances are measured along.
        window : Window, optional
            Where the array lies within the image; the whole image if not given.
        size : tuple of int, optional
            Width and height of the image; those of `window`, if not given.
        pixel_type : 'half', 'float' or 'uint', optional
            What the values were stored as, where the array was converted since.

        Raises
        ------
        SizeError
            The array is not two-dimensional, is empty, or does not have the size of `window`.
        DepthError
            `kind` is no DepthKind, or the array holds no distances: another type, or integers of 8
            or 16 bits.
        """
        if not isinstance(kind, DepthKind):
            raise DepthError(
                f"The kind of depth is {kind!r}; pass DepthKind.PLANAR or DepthKind.RAY."
            )
        given = np.asarray(array)
        own_type = _pixel_type(given.dtype)
        pixel_type = pixel_type or own_type
        if given.ndim != 2 or given.size == 0:
            raise SizeError(
                f"Depth has the shape {given.shape}, but one value for each pixel, (height, width),"
                " is needed; pass a single channel of an image that is not empty."
            )
        height, width = given.shape
        window = window or Window(0, 0, width, height)
        if (window.width, window.height) != (width, height):
            raise SizeError(
                f"Depth has {width} x {height} pixels but its window {window.width} x "
                f"{window.height}; pass the window of this array."
            )
        # A float64 or int64 beyond float32 becomes inf, which is no hit.
        with np.errstate(over="ignore", invalid="ignore"):
            values = np.ascontiguousarray(given, np.float32)
            valid = np.greater(values, 0.0)
            valid &= np.less(values, np.float32(NO_HIT[pixel_type]))
        return cls(values, valid, kind, window, size or (window.width, window.height), pixel_type)

    def within(self, near: float | None = None, far: float | None = None) -> Self:
        """Keep only what lies from `near` up to, but not at, `far`; the values are shared.

        `near` has a tolerance of four float32 roundings, as surfaces may lie on it.

        Raises
        ------
        DepthError
            `near` is not less than `far`, or one of them is NaN.
        """
        if not (-np.inf if near is None else near) < (np.inf if far is None else far):
            raise DepthError(
                f"The depth range starts at {near} and ends at {far}; its start must be less than"
                " its end."
            )
        tolerated = -np.inf if near is None else near * (1.0 - 4.0 * 2.0**-23)
        with np.errstate(invalid="ignore"):
            valid = self.values >= np.float32(tolerated)
            if far is not None:
                valid &= self.values < np.float32(far)
        valid &= self.valid
        return replace(self, valid=valid)

    def without_far_plane(self, clip_start: float, clip_end: float) -> Self:
        """Leave out the far plane of a depth buffer; the values are shared.

        An engine that writes no 1e10 (EEVEE in Blender 4.3) leaves that plane in pixels that saw
        nothing, as the depth buffer rounds it. A perspective depth buffer holds 1 there; the
        distance is n f / (f - 1 (f - n)), in whose denominator a float32 rounding of 1, 2**-24, is
        a part f / n * 2**-24 of the whole. Several pixels that hold one and the same largest value
        are taken for the plane if rounding can explain their distance from it. A surface next to it
        is kept, as it hardly repeats one value exactly.
        """
        largest = np.max(self.values, where=self.valid, initial=0.0)
        # A wall that faces the camera repeats its value too, so the range must stay a small one.
        rounding = min(clip_end / clip_start * 2.0**-24, 0.1)
        same = (self.values == largest) & self.valid
        if largest < clip_end * (1.0 - rounding) or np.count_nonzero(same) < 2:
            return self
        return replace(self, valid=self.valid & ~same)

    def looks_normalized(self) -> bool:
        """Whether the values fill 0..1 up to 1, as after a Normalize node or in a mist pass.

        Such values are no distances any more. A real render would need its farthest pixel, and no
        sky at all, to lie at 1.0 within 1e-6 by chance.
        """
        largest = float(self.values.max())
        return abs(largest - 1.0) <= 1e-6 and float(self.values.min()) >= 0.0


def _pixel_type(dtype: np.dtype[Any]) -> PixelType:
    if dtype.kind in "iu" and dtype.itemsize <= 2:
        raise DepthError(
            f"Depth comes as {dtype.itemsize * 8}-bit integers, which is a picture of the depth and"
            " holds no distances; use the Depth (Z) pass saved as OpenEXR with float values."
        )
    if dtype.kind not in "iuf":
        raise DepthError(
            f"Depth comes as values of the type {dtype}, but distances as float32 are needed; use"
            " the Depth (Z) pass saved as OpenEXR."
        )
    if dtype.kind in "iu":
        return "uint"
    return "half" if dtype == np.float16 else "float"


def check_depth(depth: object, width: int, height: int) -> None:
    """Raise unless this is a depth image, and of the size of a camera's image.

    Raises
    ------
    DepthError
        `depth` is something else, such as an array.
    SizeError
        It is of another size.
    """
    if not isinstance(depth, DepthImage):
        raise DepthError(
            f"The depth is of the type {type(depth).__name__}, expected a DepthImage: make one of "
            "an array with DepthImage.from_array(array, DepthKind.PLANAR)."
        )
    if (width, height) != depth.size:
        raise SizeError(
            f"The depth image is {depth.size[0]} x {depth.size[1]} pixels and the camera's image "
            f"{width} x {height}; they must be the same: resize the camera to the image."
        )
