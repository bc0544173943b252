"""The job of the operators that reconstruct: read, back-project, build, report."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from math import inf

import bpy
import numpy as np

from ..bridge.display import show_as_points
from ..bridge.footprint import Footprint, footprint_of
from ..bridge.geometry import add_object, mesh_from_points, set_attribute
from ..bridge.kept import Kept, kept
from ..bridge.origin import remember_origin
from ..bridge.passes import first_color, store_attributes
from ..bridge.point_cloud import add_cloud, check_point_clouds, cloud_from_points
from ..bridge.render import render_result_file
from ..bridge.source import Pixels, Source, find_source
from ..bridge.surface import Draped, drape, mesh_from_surface, show_render, viewpoint_of
from ..core.backprojection import PointCloud
from ..core.errors import DepthError
from ..core.joins import Joining
from .job import Job, ThreadStep
from .reconstruct import ReconstructionJob

NORMALIZED = (
    "The depth ends at exactly 1, as normalized depth does, which holds no distances: if the shape "
    "is wrong, use the Depth pass as it was rendered."
)


def reconstruction(operator: ReconstructionJob, context: bpy.types.Context, filepath: str) -> Job:
    """Read, back-project, and build the object; `filepath` is empty for the Render Result."""
    if operator.output == "POINT_CLOUD":
        check_point_clouds()
    with _depth_file(context.scene, filepath) as path:
        source = find_source(context, operator, operator.camera, filepath, path)
        view = viewpoint_of(context, source) if operator.output == "SURFACE" else None
        reading = ThreadStep("Reading", 0.0, source.read)
        yield reading
    pixels: Pixels = reading.take()
    left = kept(operator, source, pixels.depth)
    projecting = ThreadStep("Back-Projecting", 0.6, lambda: source.points(left.depth, pixels))
    yield projecting
    name, unjoined = _name_of(path), 0
    if view is not None:
        joining = Joining(operator.grazing_angle, operator.max_jump or inf, pixels.depth.pixel_type)
        draping = ThreadStep(
            "Joining", 0.7, lambda: drape(_taken(projecting), view, joining, pixels.depth)
        )
        yield draping
        made, unjoined = _build_surface(context, name, draping, pixels, operator.surface_material)
    elif operator.output == "POINT_CLOUD":
        made = _build_cloud(context, name, projecting, pixels, footprint_of(source, pixels))
    else:
        made = _build_mesh(context, name, projecting, pixels)
        if operator.show_points:
            show_as_points(made, footprint_of(source, pixels))
    remember_origin(made, source, filepath)
    _report(operator, source, pixels, left, made.data, unjoined)


@contextlib.contextmanager
def _depth_file(scene: bpy.types.Scene, filepath: str) -> Iterator[str]:
    if filepath:
        yield filepath
    else:
        with render_result_file(scene) as path:
            yield path


def _name_of(path: str) -> str:
    return os.path.splitext(os.path.basename(path))[0]


def _build_mesh(
    context: bpy.types.Context, name: str, projecting: ThreadStep, pixels: Pixels
) -> bpy.types.Object:
    """Add a mesh of vertices alone."""
    cloud = _taken(projecting)
    mesh, selection = mesh_from_points(name, cloud.points), cloud.selection
    del cloud  # as large as each of what follows
    with _removed_on_error(mesh):
        store_attributes(mesh, pixels, selection)
        return add_object(context, mesh)


def _build_surface(
    context: bpy.types.Context, name: str, draping: ThreadStep, pixels: Pixels, material: str
) -> tuple[bpy.types.Object, int]:
    """Add a mesh with faces; return also how many points no face uses."""
    draped: Draped = draping.take()
    unjoined = draped.unjoined
    mesh, selection = mesh_from_surface(name, draped), draped.surface.cloud.selection
    del draped
    with _removed_on_error(mesh):
        store_attributes(mesh, pixels, selection)
        color = first_color(pixels)
        if material == "RENDER" and color is not None:
            show_render(mesh, f"{name} Render", color, pixels.depth)
        return add_object(context, mesh), unjoined


def _build_cloud(
    context: bpy.types.Context,
    name: str,
    projecting: ThreadStep,
    pixels: Pixels,
    footprint: Footprint,
) -> bpy.types.Object:
    """Add a point cloud."""
    cloud = _taken(projecting)
    data, selection = cloud_from_points(name, cloud.points), cloud.selection
    del cloud
    with _removed_on_error(data):
        store_attributes(data, pixels, selection)
        set_attribute(data, "radius", footprint.radii(selection.take(pixels.depth.values)))
        return add_cloud(context, data)


def _taken(projecting: ThreadStep) -> PointCloud:
    cloud: PointCloud = projecting.take()
    if not len(cloud.points):
        raise DepthError("No pixel with a depth lies within the lens; choose the camera it is of.")
    return cloud


@contextlib.contextmanager
def _removed_on_error(data: bpy.types.ID) -> Iterator[None]:
    try:
        yield
    except BaseException:
        bpy.data.batch_remove([data])
        raise


def _report(
    operator: ReconstructionJob,
    source: Source,
    pixels: Pixels,
    left: Kept,
    data: bpy.types.Mesh | bpy.types.PointCloud,
    unjoined: int,
) -> None:
    """Say what was made and from what, how much was left out and why, and what to know."""
    kind = "world space" if source.position else source.shot.kind.value
    count = len(data.attributes["depth"].data)
    points = f"{count:,} point" if count == 1 else f"{count:,} points"
    if operator.output == "SURFACE":
        points = f"{len(data.polygons):,} faces over {points}"
    text = (
        f"{points} from {(source.position or source.depth).label} ({kind}), "
        f"camera {source.shot.camera_name}, frame {source.shot.frame}"
    )
    parts = [f"{each.count:,} pixels {each.why}" for each in left.removed]
    if unjoined:
        parts.append(f"{unjoined:,} pixels in no face")
    beyond_lens = int(np.count_nonzero(left.depth.valid)) - count - unjoined
    if beyond_lens:
        parts.append(f"{beyond_lens:,} pixels outside the lens")
    text = f"{text}; {', '.join(parts)}." if parts else f"{text}."
    notes = list(source.notes)
    if pixels.depth.looks_normalized():
        notes.append(NORMALIZED)
    operator.report({"WARNING"} if notes else {"INFO"}, " ".join((text, *notes)))
