"""The job of the operators that reconstruct: read, back-project, build, report."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from math import inf
from types import SimpleNamespace
from typing import Any

import bpy

from ...bridge.nodes.point_display import show_as_points
from ...bridge.reconstruct.filtering import FilterCount, Kept, kept
from ...bridge.reconstruct.footprint import Footprint, footprint_of
from ...bridge.reconstruct.limits import find_limits
from ...bridge.reconstruct.normals import with_normals
from ...bridge.reconstruct.points import Points, check_output, points_of
from ...bridge.renders.result_file import render_result_file
from ...bridge.scene.attributes import first_color, store_attributes
from ...bridge.scene.mesh import (
    activate_color,
    add_object,
    mesh_from_points,
    set_attribute,
    show_color,
)
from ...bridge.scene.point_cloud import add_cloud, cloud_from_points
from ...bridge.scene.provenance import store_filter_counts, store_provenance
from ...bridge.scene.surface_mesh import Draped, drape, mesh_from_surface, show_render, viewpoint_of
from ...bridge.sources.source import Pixels, Source, find_source
from ...core.depth.precision import share_coarser_than_pixels
from ...core.geometry.continuity import Continuity
from ...core.geometry.voxels import Merging
from ...properties.reconstruct.filters import FILTER_NAMES
from ..job import Job, Step, ThreadStep
from .reconstruct import ReconstructionJob

NORMALIZED = (
    "The depth ends at exactly 1, as normalized depth does, which holds no distances: if the shape "
    "is wrong, use the Depth pass as it was rendered."
)

COARSE = (
    "{} holds 16-bit or whole numbers, which lie farther apart than a pixel is wide at {:.0%} of "
    "the pixels: for finer points, save the Depth pass as 32-bit float."
)
COLORLESS = (
    "There is no color to show on the surface: check Combined, or another color, in Passes as "
    "Attributes."
)
LITTLE = 0.01
"""Part of the pixels from which that is worth saying."""


@dataclass(frozen=True, eq=False)
class _Made:
    """What was built, and what was left out of it."""

    item: bpy.types.Object
    removed: tuple[FilterCount, ...]


def reconstruction(operator: ReconstructionJob, context: bpy.types.Context, filepath: str) -> Job:
    """Read, back-project, and build the object; `filepath` is empty for the Render Result."""
    check_output(operator)
    with _depth_file(context.scene, filepath) as path:
        source = find_source(context, operator, operator.camera, filepath, path)
        limits = find_limits(context, operator, source)
        view = viewpoint_of(context, source) if _looks_at_neighbors(operator) else None
        pixels: Pixels = yield from _done("Reading", 0.0, source.read)
    if operator.normals_from_depth:
        pixels = yield from _done("Normals", 0.4, lambda: with_normals(source, pixels, view))
    options = SimpleNamespace(**{name: getattr(operator, name) for name in FILTER_NAMES})
    left: Kept = yield from _done("Filtering", 0.5, lambda: kept(options, source, pixels, limits))
    projecting = ThreadStep(
        "Back-Projecting", 0.6, lambda: points_of(source, pixels, left, options.voxel_size)
    )
    yield projecting
    name = _name_of(path)
    if operator.output == "SURFACE":
        continuity = Continuity(operator.grazing_angle, operator.max_jump or inf, source.pixel_type)
        draping = ThreadStep(
            "Continuity", 0.7, lambda: drape(projecting.take(), view, continuity, pixels.depth)
        )
        yield draping
        made = _build_surface(context, name, draping, pixels, operator.surface_material)
    else:
        footprint = footprint_of(source, pixels).widened(options.voxel_size)
        made = _build_points(context, name, projecting, pixels, footprint, operator)
    store_provenance(made.item, source, filepath)
    store_filter_counts(context.scene, made.removed)
    _report(operator, source, pixels, made)


def _done(text: str, fraction: float, work: Callable[[], Any]) -> Generator[Step, None, Any]:
    """Have a step done, and return what it made."""
    step = ThreadStep(text, fraction, work)
    yield step
    return step.take()


def _looks_at_neighbors(operator: ReconstructionJob) -> bool:
    return operator.output == "SURFACE" or operator.normals_from_depth


@contextlib.contextmanager
def _depth_file(scene: bpy.types.Scene, filepath: str) -> Iterator[str]:
    if filepath:
        yield filepath
    else:
        with render_result_file(scene) as path:
            yield path


def _name_of(path: str) -> str:
    return os.path.splitext(os.path.basename(path))[0]


def _build_points(
    context: bpy.types.Context,
    name: str,
    projecting: ThreadStep,
    pixels: Pixels,
    footprint: Footprint,
    operator: ReconstructionJob,
) -> _Made:
    """Add a mesh of vertices alone, or a point cloud."""
    points: Points = projecting.take()
    merging, removed = points.merging, points.removed
    make = cloud_from_points if operator.output == "POINT_CLOUD" else mesh_from_points
    data = make(name, points.positions)
    del points  # as large as each of what follows
    with _removed_on_error(data):
        depth = store_attributes(data, pixels, merging)
        _show_colors(data, pixels)
        if operator.output == "POINT_CLOUD":
            set_attribute(data, "radius", footprint.radii(depth))
            return _Made(add_cloud(context, data), removed)
        made = add_object(context, data)
    if operator.show_points:
        show_as_points(made, footprint)
    return _Made(made, removed)


def _build_surface(
    context: bpy.types.Context, name: str, draping: ThreadStep, pixels: Pixels, material: str
) -> _Made:
    """Add a mesh with faces."""
    draped: Draped = draping.take()
    mesh, removed = mesh_from_surface(name, draped), draped.removed
    merging = Merging(draped.surface.cloud.selection, None)
    del draped
    with _removed_on_error(mesh):
        store_attributes(mesh, pixels, merging)
        _show_colors(mesh, pixels, f"{name} Render" if material == "RENDER" else "")
        return _Made(add_object(context, mesh), removed)


def _show_colors(
    data: bpy.types.Mesh | bpy.types.PointCloud, pixels: Pixels, render_name: str = ""
) -> None:
    """Show the first color, if any: as an attribute, or as an image if there is a name for one."""
    color = first_color(pixels)
    if color is None:
        return
    attribute, image = color
    if isinstance(data, bpy.types.Mesh):
        activate_color(data, attribute)
    if render_name:
        show_render(data, render_name, image, pixels.depth)
    else:
        show_color(data, attribute)


@contextlib.contextmanager
def _removed_on_error(data: bpy.types.ID) -> Iterator[None]:
    try:
        yield
    except BaseException:
        bpy.data.batch_remove([data])
        raise


def _report(operator: ReconstructionJob, source: Source, pixels: Pixels, made: _Made) -> None:
    """Say what was made and from what, how much was left out and why, and what to know."""
    kind = "world space" if source.position else source.shot.kind.value
    data = made.item.data
    count = len(data.attributes["depth"].data)
    points = f"{count:,} point" if count == 1 else f"{count:,} points"
    if operator.output == "SURFACE":
        points = f"{len(data.polygons):,} faces over {points}"
    text = (
        f"{points} from {(source.position or source.depth).label} ({kind}), "
        f"camera {source.shot.camera_name}, frame {source.shot.frame}"
    )
    parts = [str(each) for each in made.removed]
    text = f"{text}; {', '.join(parts)}." if parts else f"{text}."
    notes = list(source.notes)
    if pixels.depth.looks_normalized():
        notes.append(NORMALIZED)
    coarse = share_coarser_than_pixels(pixels.depth, source.camera) if source.camera else 0.0
    if coarse > LITTLE:
        notes.append(COARSE.format(source.depth.label, coarse))
    if operator.output == "SURFACE" and operator.surface_material == "RENDER":
        notes += () if data.materials else (COLORLESS,)
    operator.report({"WARNING"} if notes else {"INFO"}, " ".join((text, *notes)))
