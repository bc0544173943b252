"""One depth image: its values, which of them are valid, and what they measure."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import DepthError, SizeError
from .encoding import DepthEncoding, ValueKind, looks_normalized
from .pixel_types import NO_HIT as NO_HIT
from .pixel_types import PixelType as PixelType

Array = NDArray[Any]


class DepthKind(enum.Enum):
    """What depth is measured along."""

    PLANAR = "planar"
    """Distance along the camera's -Z axis."""

    RAY = "ray"
    """Euclidean distance along the ray."""


@dataclass(frozen=True)
class Window:
    """A rectangle of pixels, given by its upper left pixel and its size."""

    x: int
    y: int
    width: int
    height: int

    def centers(self, rows: slice) -> Array:
        """Return the image coordinates of the pixel centers in some rows, shape (rows, width, 2).

        Parameters
        ----------
        rows : slice
            Counted from the top of the window, with a start and a stop.
        """
        centers = np.empty((rows.stop - rows.start, self.width, 2))
        centers[..., 0] = np.arange(self.width) + (self.x + 0.5)
        centers[..., 1] = (np.arange(rows.start, rows.stop) + (self.y + 0.5))[:, None]
        return centers


@dataclass(frozen=True, eq=False)
class DepthImage:
    """The depth of the pixels of one view, and which of them saw something.

    Attributes
    ----------
    values : ndarray, shape (H, W), float32, C-contiguous
        Distances in the unit of the renderer (Blender: scene units), rows from the top. Undefined
        where `valid` is False.
    valid : ndarray, shape (H, W), bool
        True where the pixel has a distance.
    kind : DepthKind
        What the distances are measured along.
    window : Window
        Where these pixels lie in the image: the center of pixel (column c, row r) is at
        (x + c + 0.5, y + r + 0.5) in image coordinates. For overscan, x and y are negative.
    size : tuple of int
        Width and height of the image.
    pixel_type : PixelType
        What the file stored the values as, which limits their precision.
    encoding : DepthEncoding, optional
        How the stored numbers became these distances; None if they were distances.
    """

    values: Array
    valid: Array
    kind: DepthKind
    window: Window
    size: tuple[int, int]
    pixel_type: PixelType
    encoding: DepthEncoding | None = None

    @classmethod
    def from_array(
        cls,
        array: ArrayLike,
        kind: DepthKind,
        *,
        window: Window | None = None,
        size: tuple[int, int] | None = None,
        pixel_type: PixelType | None = None,
        encoding: DepthEncoding | None = None,
    ) -> Self:
        """Make a depth image from an array of distances, or of numbers that stand for them.

        A distance is valid if it is finite, positive, and below `NO_HIT` of its pixel type.

        Parameters
        ----------
        array : array_like, shape (H, W)
            Distances as float16, float32, float64, or integers of 32 or 64 bits. A C-contiguous
            float32 array is not copied. With an encoding, unsigned integers of 8 or 16 bits as
            well.
        kind : DepthKind
            What the distances are measured along.
        window : Window, optional
            Where the array lies in the image; by default, it is the whole image.
        size : tuple of int, optional
            Width and height of the image; by default, those of `window`.
        pixel_type : PixelType, optional
            What the file stored the values as, if the array has been converted to another type.
        encoding : DepthEncoding, optional
            What the numbers stand for, if they are not distances in scene units.

        Raises
        ------
        SizeError
            The array is not two-dimensional, is empty, or does not have the size of `window`.
        DepthError
            `kind` is not a DepthKind, or not that of disparity; or the array does not hold
            distances: it is of another type, of integers of 8 bits, or of 16 bits without an
            encoding.
        """
        if not isinstance(kind, DepthKind):
            raise DepthError(
                f"The kind of depth is {kind!r}; pass DepthKind.PLANAR or DepthKind.RAY."
            )
        is_disparity = encoding is not None and encoding.kind is ValueKind.DISPARITY
        if is_disparity and kind is not DepthKind.PLANAR:
            raise DepthError(
                "Disparity gives planar depth, and the kind of depth is RAY; pass DepthKind.PLANAR."
            )
        given = np.asarray(array)
        array_type = _pixel_type(given.dtype, encoding)
        pixel_type = pixel_type or array_type
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
        # A float64 or int64 beyond the range of float32 becomes inf, which is no hit.
        with np.errstate(over="ignore", invalid="ignore"):
            decoded = given if encoding is None else encoding.decode(given, pixel_type)
            values = np.ascontiguousarray(decoded, np.float32)
            valid = np.greater(values, 0.0)
            no_hit = NO_HIT[pixel_type if encoding is None else "float"]
            valid &= np.less(values, np.float32(no_hit))
        size = size or (window.width, window.height)
        return cls(values, valid, kind, window, size, pixel_type, encoding)

    def within(self, near: float | None = None, far: float | None = None) -> Self:
        """Leave out what is nearer than `near`, or not nearer than `far`; the values are shared.

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

        An engine that does not write 1e10 (EEVEE in Blender 4.3) leaves the far plane in pixels
        that saw nothing, rounded by the depth buffer. A perspective depth buffer holds 1 there. The
        distance is n f / (f - 1 (f - n)), and in its denominator a float32 rounding of 1, which is
        2**-24, is a fraction f / n * 2**-24 of the whole. Several pixels with the same, largest
        value count as the far plane if rounding explains how far they are from it. A surface close
        to the plane stays, as it hardly repeats one value exactly.
        """
        largest = np.max(self.values, where=self.valid, initial=0.0)
        # A wall that faces the camera repeats one value too, so the range has to be small.
        rounding = min(clip_end / clip_start * 2.0**-24, 0.1)
        same = (self.values == largest) & self.valid
        if largest < clip_end * (1.0 - rounding) or np.count_nonzero(same) < 2:
            return self
        return replace(self, valid=self.valid & ~same)

    def looks_normalized(self) -> bool:
        """Return whether the values look as after a Normalize node or in a mist pass."""
        return looks_normalized(self.values)


def _pixel_type(dtype: np.dtype[Any], encoding: DepthEncoding | None) -> PixelType:
    if dtype.kind == "u" and dtype.itemsize <= 2 and encoding is not None:
        return "uint8" if dtype.itemsize == 1 else "uint16"
    if dtype == np.uint16:
        raise DepthError(
            "Depth comes as 16-bit integers, whose unit nothing says; pass an encoding, such as "
            "DepthEncoding(unit=0.001) for millimeters in a scene in meters."
        )
    if dtype.kind in "iu" and dtype.itemsize <= 2:
        raise DepthError(
            f"Depth is given as {dtype.itemsize * 8}-bit integers, which are a picture of the depth"
            " and not distances; use the Depth (Z) pass, saved as OpenEXR with float values."
        )
    if dtype.kind not in "iuf":
        raise DepthError(
            f"Depth is given as values of the type {dtype}, but distances as float32 are needed;"
            " use the Depth (Z) pass, saved as OpenEXR."
        )
    if dtype.kind in "iu":
        return "uint"
    return "half" if dtype == np.float16 else "float"


def check_depth(depth: object, width: int, height: int) -> None:
    """Raise an error unless `depth` is a depth image of the size of a camera's image.

    Raises
    ------
    DepthError
        `depth` is something else, such as an array.
    SizeError
        The image has another size.
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
