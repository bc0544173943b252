"""The job of the operators that reconstruct: read, back-project, build, report."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

import bpy
import numpy as np

from ..bridge.geometry import add_object, mesh_from_points, set_attribute, set_color
from ..bridge.render import render_result_file
from ..bridge.shot import Shot, find_shot
from ..core.backproject import PointCloud, backproject, thin
from ..core.depth import DepthImage
from ..core.errors import DepthError, LayerError
from ..core.exr import read_depth, read_info, read_layer
from ..core.layers import ExrInfo, Layer
from .job import Job, ThreadStep
from .reconstruct import ReconstructionJob

NO_DEPTH_PASS = (
    "The Render Result has no depth, it was rendered without the Depth pass; press Render and "
    "Reconstruct, which switches that on, or enable it in View Layer Properties > Passes > Data "
    "(Depth or Z) and render again."
)


def reconstruction(operator: ReconstructionJob, context: bpy.types.Context, filepath: str) -> Job:
    """Read, back-project, and build the object; `filepath` is empty for the Render Result."""
    with _depth_file(context.scene, filepath) as path:
        info = read_info(path)
        if not filepath and not info.depth_layers():
            raise LayerError(NO_DEPTH_PASS)
        layer, view_note = _depth_layer(operator, info)
        shot = find_shot(
            context, info, layer.view, operator.camera, operator.depth_kind, operator.ignore_aspect
        )
        color_layer, color_note = _color_layer(operator, info, layer)
        depth = yield ThreadStep(
            "Reading Depth", 0.0, lambda: read_depth(info, layer, kind=shot.kind)
        )
        colors = None
        if color_layer is not None:
            read_colors = lambda: read_layer(info, color_layer)  # noqa: E731
            colors = yield ThreadStep("Reading Color", 0.3, read_colors)
    ranged = depth.within(*_range(operator, shot.clip))
    chosen = thin(ranged, operator.stride, operator.max_points or None)
    cloud = yield ThreadStep("Back-Projecting", 0.6, lambda: backproject(chosen, shot.camera))
    if not len(cloud.points):
        raise DepthError(_why_nothing(depth, *_range(operator, shot.clip)))
    _build(context, os.path.splitext(os.path.basename(path))[0], cloud, depth, colors)
    notes = tuple(filter(None, (*shot.notes, view_note, color_note)))
    summary = _summary(cloud, depth, ranged, layer, shot)
    operator.report({"WARNING"} if notes else {"INFO"}, " ".join((summary, *notes)))


def _depth_layer(operator: ReconstructionJob, info: ExrInfo) -> tuple[Layer, str]:
    """The layer to read; of a stereo file the first view, unless one is chosen."""
    views = {layer.view for layer in info.depth_layers()}
    if operator.view or len(views) < 2:
        return info.depth_layer(operator.layer, operator.view), ""
    first = next(view for view in info.views if view in views)
    note = f"The file holds the views {', '.join(info.views)}: used {first}."
    return info.depth_layer(operator.layer, first), note


def _color_layer(
    operator: ReconstructionJob, info: ExrInfo, depth: Layer
) -> tuple[Layer | None, str]:
    layer = info.color_layer(depth) if operator.use_color else None
    if layer is None or layer.window == depth.window:
        return layer, ""
    return None, f"{layer.label} covers other pixels than {depth.label}: left the color out."


def _range(
    operator: ReconstructionJob, clip: tuple[float, float]
) -> tuple[float | None, float | None]:
    near, far = operator.near or None, operator.far or None
    if operator.use_clip:
        near, far = max(near or 0.0, clip[0]), min(far or clip[1], clip[1])
    return near, far


@contextlib.contextmanager
def _depth_file(scene: bpy.types.Scene, filepath: str) -> Iterator[str]:
    if filepath:
        yield filepath
    else:
        with render_result_file(scene) as path:
            yield path


def _why_nothing(depth: DepthImage, near: float | None, far: float | None) -> str:
    if not depth.valid.any():
        return (
            "No pixel holds a depth, the image shows only background; point the camera at "
            "something and render again."
        )
    values = depth.values[depth.valid]
    return (
        f"All depths lie from {values.min():.6g} to {values.max():.6g}, outside the range of "
        f"{near or 0.0:.6g} to {np.inf if far is None else far:.6g}; change Near and Far, or "
        "switch Camera Clip Range off."
    )


def _build(
    context: bpy.types.Context,
    name: str,
    cloud: PointCloud,
    depth: DepthImage,
    colors: np.ndarray | None,
) -> None:
    """Add the object with its attributes."""
    mesh = mesh_from_points(name, cloud.points)
    set_attribute(mesh, "pixel", cloud.pixels())
    set_attribute(mesh, "depth", depth.values[cloud.selection])
    if colors is not None:
        set_color(mesh, colors[cloud.selection])
    add_object(context, mesh)


def _summary(
    cloud: PointCloud, depth: DepthImage, ranged: DepthImage, layer: Layer, shot: Shot
) -> str:
    """What was made and from what, and how much was left out and why."""
    total, hits, in_range = depth.valid.size, depth.valid.sum(), ranged.valid.sum()
    left_out = (
        (total - hits, "without a hit"),
        (hits - in_range, "out of range"),
        (in_range - len(cloud.points), "skipped by the stride"),
    )
    text = (
        f"{len(cloud.points):,} points from {layer.label} ({shot.kind.value}), camera "
        f"{shot.camera_name}, frame {shot.frame}"
    )
    parts = [f"{count:,} pixels {why}" for count, why in left_out if count]
    return f"{text}; {', '.join(parts)}." if parts else f"{text}."
