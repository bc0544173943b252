"""Pictures of a check: errors over the image, how often each occurs, and errors on the object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from ...scene.attributes import set_attribute
from ...scene.provenance import find_ours, mark_as_ours
from ...typed import size_in_pixels
from ..check import Compared
from .colors import NOT_COMPARED, LogScale, viridis, write

Array = NDArray[Any]

ERROR = "check_error"
"""Attribute with the error of the compared pixel nearest to each point, in scene units."""

ERROR_SCALE = "check_error_scale"
"""Custom property of an object with the errors that its colors begin and end with."""

MISSING = -1.0
"""Value of points that no compared pixel is near."""

_SIDE = 720
"""Pixels of the longer side of the picture, without its scale."""

_REACH = 3
"""Cells within which an empty one takes the error of its nearest neighbor."""

_LOOKS = 20
"""Points for each cell, by which it is known where there is depth."""

_BAR, _LABELS, _GAP = 16, 60, 8
_HISTOGRAM = (640, 240)
_BINS = 64
_PIXELS = LogScale(1e-5, 1e3)
"""Widths of a pixel that the histogram covers."""


@dataclass(frozen=True, eq=False)
class ErrorGrid:
    """Errors of compared pixels in the cells of a grid over the image.

    Attributes
    ----------
    errors : ndarray, shape (rows, columns), float64
        In scene units; NaN for cells without a pixel that was compared. Of several the largest.
    cell : float
        Side of a cell in pixels.
    size : (int, int)
        Width and height of the image in pixels.
    scale : LogScale
        From a millionth of the depth to ten widths of a pixel.
    holds_depth : ndarray, shape (rows, columns), bool
        Whether any pixel of a cell holds depth.
    """

    errors: Array
    cell: float
    size: tuple[int, int]
    scale: LogScale
    holds_depth: Array

    @classmethod
    def of(cls, compared: Compared, pixels: Array) -> ErrorGrid:
        """The grid whose cells hold about one of the pixels that were compared each.

        Parameters
        ----------
        compared : Compared
        pixels : ndarray, shape (N, 2), int
            Column and row of all pixels with depth.
        """
        samples, residuals = compared.samples, compared.residuals
        width, height = samples.size
        cell = max(1.0, np.sqrt(width * height / max(1, len(samples))))
        shape = (int(np.ceil(height / cell)), int(np.ceil(width / cell)))
        errors = np.full(shape, -np.inf)
        known = residuals.counted & np.isfinite(residuals.distances)
        columns, rows = (samples.pixels[known] / cell).astype(np.intp).T
        inside = (rows >= 0) & (rows < shape[0]) & (columns >= 0) & (columns < shape[1])
        place = rows[inside], columns[inside]
        np.maximum.at(errors, place, residuals.distances[known][inside])
        errors[np.isinf(errors)] = np.nan
        some = pixels
        if len(pixels) > _LOOKS * errors.size:
            some = pixels[np.random.default_rng(0).integers(len(pixels), size=_LOOKS * errors.size)]
        column, row = (some / cell).astype(np.intp).T
        holds_depth = np.isfinite(errors)
        holds_depth[np.clip(row, 0, shape[0] - 1), np.clip(column, 0, shape[1] - 1)] = True
        with np.errstate(invalid="ignore", divide="ignore"):
            widths = residuals.distances / residuals.pixels
        usable = widths[np.isfinite(widths)]
        low = 1e-6 * float(np.median(samples.values))
        high = 10.0 * float(np.median(usable)) if len(usable) else 0.0
        return cls(
            errors, cell, (width, height), LogScale(low, max(high, 100.0 * low)), holds_depth
        )

    def filled(self) -> Array:
        """The errors with each empty cell as its nearest neighbor is, within some cells.

        Cells without depth stay empty.
        """
        rows, columns = self.errors.shape
        found = self.errors.copy()
        for _ in range(_REACH):
            padded = np.pad(found, 1, constant_values=np.nan)
            for y, x in ((0, 1), (2, 1), (1, 0), (1, 2), (0, 0), (0, 2), (2, 0), (2, 2)):
                beside = padded[y : y + rows, x : x + columns]
                found = np.where(np.isnan(found) & self.holds_depth, beside, found)
        return found

    def at(self, pixels: Array) -> Array:
        """Errors near pixels, shape (N, 2), float32; `MISSING` where none was compared near."""
        filled = self.filled()
        filled = np.where(np.isfinite(filled), filled, MISSING).astype(np.float32)
        width, height = self.size
        # A row and a column of cells for each of the image, as there are far more points.
        row, column = ((np.arange(side) / self.cell).astype(np.intp) for side in (height, width))
        image = filled[row][:, column].reshape(-1)
        # Pixels beyond the image, of an edited attribute, take the nearest within it.
        return image.take(pixels[:, 1] * width + pixels[:, 0], mode="clip")


def error_picture(name: str, grid: ErrorGrid) -> bpy.types.Image:
    """An image of the errors in colors on a logarithmic scale, which is drawn beside it."""
    errors = grid.filled()
    shares, known = grid.scale.shares(np.nan_to_num(errors)), np.isfinite(errors)
    colors = np.where(known[..., None], viridis(shares), NOT_COMPARED)
    zoom = max(1, round(_SIDE / max(colors.shape)))
    picture = np.kron(colors, np.ones((zoom, zoom, 1)))
    height = max(len(picture), 120)
    canvas = np.full((height, picture.shape[1] + _GAP + _BAR + _LABELS, 3), 0.1)
    canvas[: len(picture), : picture.shape[1]] = picture
    left = picture.shape[1] + _GAP
    canvas[:, left : left + _BAR] = viridis(np.linspace(1.0, 0.0, height))[:, None]
    for value in grid.scale.decades():
        row = int((1.0 - grid.scale.shares(np.array(value))) * (height - 1))
        canvas[row, left : left + _BAR + 4] = 1.0
        text = f"{value:g}".replace("e-0", "e-").replace("e+0", "e")
        write(canvas, text, min(max(row - 5, 0), height - 10), left + _BAR + _GAP)
    return _image(name, canvas)


def histogram(name: str, compared: Compared) -> bpy.types.Image:
    """An image of how often each error in widths of a pixel occurs, on a logarithmic axis."""
    residuals = compared.residuals
    errors = residuals.pixels[residuals.counted & np.isfinite(residuals.pixels)]
    width, height = _HISTOGRAM
    counts, _ = np.histogram(_PIXELS.shares(errors), _BINS, (0.0, 1.0))
    canvas = np.full((height, width, 3), 0.1)
    bar, floor = width // _BINS, height - 24
    for index, count in enumerate(counts):
        top = floor - int((floor - 16) * count / max(1, counts.max()))
        canvas[top:floor, index * bar : (index + 1) * bar - 1] = viridis(np.array(index / _BINS))
    for value in _PIXELS.decades():
        column = int(_PIXELS.shares(np.array(value)) * (width - 1))
        canvas[floor : floor + 5, column] = 1.0
        text = f"{value:g}" if 0.001 <= value <= 100.0 else ""
        write(canvas, text, floor + 9, max(0, column - 4 * len(text)))
    most = f"{100.0 * counts.max() / max(1, len(errors)):.0f}%"
    write(canvas, most, 3, width - 8 * len(most) - 4)
    return _image(name, canvas)


def store_errors(item: bpy.types.Object, grid: ErrorGrid, pixels: Array) -> None:
    """Store the errors as an attribute of an object, with a row of `pixels` for each point."""
    existing = item.data.attributes.get(ERROR)
    if existing is not None:
        item.data.attributes.remove(existing)
    set_attribute(item.data, ERROR, grid.at(pixels))  # type: ignore[arg-type]  # points
    item[ERROR_SCALE] = (grid.scale.low, grid.scale.high)


def _image(name: str, canvas: Array) -> bpy.types.Image:
    """An image of colors, shape (H, W, 3), sRGB-encoded, rows from the top; replaces the last."""
    height, width = canvas.shape[:2]
    image = find_ours(bpy.data.images, name)
    if image is None:
        image = bpy.data.images.new(name, width, height)
        mark_as_ours(image, name)
    elif size_in_pixels(image) != (width, height):
        image.scale(width, height)
    pixels = np.ones((height, width, 4), np.float32)
    pixels[..., :3] = canvas[::-1]
    image.pixels.foreach_set(pixels.reshape(-1))  # type: ignore[arg-type]  # arrays work
    image.update()
    image.pack()
    return image


def show_in_editor(context: bpy.types.Context, image: bpy.types.Image) -> None:
    """Show an image in an Image Editor that is open, if one is."""
    windows = context.window_manager.windows if context.window_manager else ()
    for area in (area for window in windows for area in window.screen.areas):
        if area.type == "IMAGE_EDITOR":
            area.spaces.active.image = image
            return
