"""Reconstruct: from a source and options to finished arrays."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from ..cameras.camera import Camera
from ..depth.precision import share_coarser_than_pixels
from ..geometry.continuity import Continuity
from ..geometry.voxels import Merging
from .attributes import Attributes, with_normals
from .filtering import FilterCount, filter_depth
from .notes import Note, warning
from .options import Output, ReconstructionOptions
from .point_radius import PointRadius, point_radius
from .points import make_points
from .source import Pixels, Source, source_from_file
from .surface import MappedSurface, make_surface

Array = NDArray[Any]

Progress = Callable[[str, float], None]
"""Called with the name of the next step, and with how much of the whole is done."""

HALF_POSITION = (
    "{} holds 16-bit numbers, which round coordinates to a thousandth of their distance from the "
    "origin: for finer points, save it as 32-bit float, or take the points from depth."
)
NORMALIZED = (
    "The depth ends at exactly 1, as normalized depth does, which holds no distances: if the shape "
    "is wrong, use the Depth pass as it was rendered."
)
COARSE = (
    "{} holds 16-bit or whole numbers, which lie farther apart than a pixel is wide at {:.0%} of "
    "the pixels: for finer points, save the Depth pass as 32-bit float."
)
_DEFAULTS = ReconstructionOptions()
_COARSE_SHARE = 0.01
"""Share of pixels with coarse depth above which there is a warning."""


@dataclass(frozen=True, eq=False)
class Reconstruction:
    """A reconstruction, in arrays.

    Attributes
    ----------
    points : ndarray, shape (N, 3), float32, C-contiguous
        World space, in scene units, in row order of their pixels.
    mapped_surface : MappedSurface, optional
        The faces over the points with their UV map, if the output is a surface.
    attributes : Attributes
    radius : PointRadius
        Radius of a point that just covers its pixel.
    filter_counts : tuple of FilterCount
        How many pixels each filter left out, in order.
    notes : tuple of Note
    """

    points: Array
    mapped_surface: MappedSurface | None
    attributes: Attributes
    radius: PointRadius
    filter_counts: tuple[FilterCount, ...]
    notes: tuple[Note, ...]


def reconstruct(
    source: Source, options: ReconstructionOptions, progress: Progress = lambda _, __: None
) -> Reconstruction:
    """Read a source, filter and back-project its depth, and make a surface if that is the output.

    Parameters
    ----------
    source : Source
    options : ReconstructionOptions
    progress : callable, optional
        May raise an error to cancel the work.

    Raises
    ------
    DepthError
        The file cannot be read, a filter cannot be applied, or nothing is left.
    """
    progress("Reading", 0.0)
    pixels = source.read(options.depth_error)
    if options.normals_from_depth:
        progress("Normals", 0.4)
        pixels = with_normals(source, pixels)
    progress("Filtering", 0.5)
    filtered = filter_depth(options, source, pixels)
    progress("Back-Projecting", 0.6)
    points = make_points(source, pixels, filtered, options.voxel_size)
    radius = point_radius(source, pixels).for_voxels(options.voxel_size or 0.0)
    notes = (*source.notes, *_notes(source, pixels))
    if options.output is not Output.SURFACE:
        attributes = Attributes(pixels, points.merging)
        return Reconstruction(points.positions, None, attributes, radius, points.counts, notes)
    progress("Joining", 0.7)
    continuity = Continuity(
        options.grazing_angle, options.max_jump, source.pixel_type, source.encoding_of(pixels)
    )
    made = make_surface(points, source.viewpoint, continuity, pixels.depth.size)
    cloud = made.surface.cloud
    attributes = Attributes(pixels, Merging(cloud.selection, None))
    return Reconstruction(cloud.points, made, attributes, radius, made.counts, notes)


def reconstruct_file(
    path: str | os.PathLike[str],
    camera: Camera | None = None,
    options: ReconstructionOptions = _DEFAULTS,
) -> Reconstruction:
    """Reconstruct from a file that a given camera took, or the one that the file describes.

    Parameters
    ----------
    path : path
        OpenEXR file.
    camera : Camera, optional
        Its lens has the image's size. If not given, as of `camera_of_file`.
    options : ReconstructionOptions
        They must give the kind of the depth, unless the file describes how it was rendered.

    Raises
    ------
    DepthError
        For the reasons of `source_from_file` and `reconstruct`.
    """
    return reconstruct(source_from_file(path, camera, options), options)


def _notes(source: Source, pixels: Pixels) -> tuple[Note, ...]:
    """Warn of what limits how exact the points are."""
    notes: list[str] = []
    position = source.layers.position
    if position is not None and position.pixel_type == "half":
        notes.append(HALF_POSITION.format(position.label))
    layers = source.layers  # without allow_any_depth, reading refuses normalized depth
    if layers.allow_any_depth and layers.encoding is None and pixels.depth.looks_normalized():
        notes.append(NORMALIZED)
    if position is not None or source.camera is None:
        return tuple(map(warning, notes))
    coarse = share_coarser_than_pixels(pixels.depth, source.camera)
    if coarse > _COARSE_SHARE:
        notes.append(COARSE.format(source.layers.depth.label, coarse))
    return tuple(map(warning, notes))
