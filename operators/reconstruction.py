"""The job of the operators that reconstruct: read, back-project, build, report."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass

import bpy
import numpy as np

from ..bridge.display import show_as_points
from ..bridge.geometry import add_object, mesh_from_points, set_attribute, set_color
from ..bridge.render import render_result_file
from ..bridge.renders import last_render
from ..bridge.shot import Shot, camera_of_shot, find_shot, motion_blur_note, within_clip
from ..bridge.stereo import view_in_file
from ..core.backprojection import PointCloud, Selection, backproject, thin
from ..core.camera import Camera
from ..core.depth import DepthImage, DepthKind
from ..core.errors import DepthError, LayerError
from ..core.exr import read_depth, read_info, read_layers
from ..core.layers import ExrInfo, Layer
from .job import Job, ThreadStep
from .reconstruct import ReconstructionJob

NO_DEPTH_PASS = (
    "The Render Result has no depth, it was rendered without the Depth pass or by the sequencer; "
    "press Render and Reconstruct, which sees to both, or enable the pass in View Layer Properties "
    "> Passes > Data (Depth or Z) and render again."
)


NORMALIZED = (
    "The depth ends at exactly 1, as normalized depth does, which holds no distances: if the shape "
    "is wrong, use the Depth pass as it was rendered."
)


@dataclass(frozen=True)
class _Layers:
    """What to read, and what is worth saying about it."""

    depth: Layer
    position: Layer | None
    color: Layer | None
    notes: tuple[str, ...]


def reconstruction(operator: ReconstructionJob, context: bpy.types.Context, filepath: str) -> Job:
    """Read, back-project, and build the object; `filepath` is empty for the Render Result."""
    with _depth_file(context.scene, filepath) as path:
        info = read_info(path)
        if not filepath and not any(each.title == "Depth" for each in info.layers):
            raise LayerError(NO_DEPTH_PASS)
        layers = _layers(operator, context, info)
        shot = find_shot(
            context,
            info.attributes,
            operator.camera,
            operator.depth_kind,
            layers.depth.view or operator.view,
            filepath,
        )
        camera, camera_notes = _camera(operator, context, info, layers, shot)
        if camera is not None and not filepath and not operator.camera:
            camera, moved_note = _as_rendered(camera, shot.view)
            camera_notes += moved_note
        reading = ThreadStep("Reading", 0.0, lambda: _read(info, layers, shot.kind))
        yield reading
    depth, position, color = reading.take()
    ranged = _ranged(operator, depth, shot, camera)
    chosen = thin(ranged, operator.stride, operator.max_points or None)
    if not chosen.valid.any():
        raise DepthError(_why_nothing(depth, ranged, operator, shot))
    projecting = ThreadStep("Back-Projecting", 0.7, lambda: _cloud(chosen, camera, position))
    yield projecting
    made = _build(context, _name_of(path), projecting, depth, color)
    if operator.show_points and camera is not None:
        show_as_points(made, camera, shot.kind)
    count = len(made.data.vertices)
    notes = [*shot.notes, *camera_notes, *layers.notes]
    if depth.looks_normalized():
        notes.append(NORMALIZED)
    summary = _summary(count, depth, ranged, layers, shot)
    operator.report({"WARNING"} if notes else {"INFO"}, " ".join((summary, *notes)))


def _layers(operator: ReconstructionJob, context: bpy.types.Context, info: ExrInfo) -> _Layers:
    """Choose the layers; of a stereo file the first view, unless one is chosen."""
    notes = []
    candidates = info.depth_layers()
    name = operator.layer
    view = view_in_file(context.scene.render, info.views, operator.view)
    own = f"{context.view_layer.name}.Depth"
    if (
        not name
        and len({each.label for each in candidates}) > 1
        and own in (each.label for each in candidates)
    ):
        name = own
        notes.append(f"The file holds several depth layers: used {own}.")
    views = {each.view for each in candidates}
    if not view and len(views) > 1:
        view = next(each for each in info.views if each in views)
        notes.append(f"The file holds the views {', '.join(info.views)}: used {view}.")
    depth = info.depth_layer(name, view)
    position = info.position_layer(depth) if operator.points_from == "POSITION" else None
    if depth.is_color:
        notes.append(f"{depth.label} was taken for depth, as its R, G, and B are equal.")
    color = info.color_layer(depth) if operator.use_color else None
    if color is not None and color.window != depth.window:
        notes.append(f"{color.label} covers other pixels than {depth.label}: left the color out.")
        color = None
    return _Layers(depth, position, color, tuple(notes))


def _camera(
    operator: ReconstructionJob,
    context: bpy.types.Context,
    info: ExrInfo,
    layers: _Layers,
    shot: Shot,
) -> tuple[Camera | None, tuple[str, ...]]:
    """The camera to back-project through; a Position pass needs none."""
    if layers.position is not None:
        return None, tuple(filter(None, [motion_blur_note(context.scene.render, shot.engine)]))
    size = (info.display_window.width, info.display_window.height)
    return camera_of_shot(context, shot, size, operator.ignore_aspect)


def _as_rendered(camera: Camera, view: str) -> tuple[Camera, tuple[str, ...]]:
    """The camera as it was when the Render Result was rendered, if that was seen."""
    rendered = last_render()
    then = rendered.cameras.get(view) if rendered else None
    if then is None or (then.lens.width, then.lens.height) != (
        camera.lens.width,
        camera.lens.height,
    ):
        return camera, ()
    if then.lens == camera.lens and np.allclose(then.matrix, camera.matrix, rtol=0, atol=1e-6):
        return then, ()
    return then, ("The camera has changed since the render: used it as it was.",)


def _read(
    info: ExrInfo, layers: _Layers, kind: DepthKind
) -> tuple[DepthImage, np.ndarray | None, np.ndarray | None]:
    """Depth, position, and color; read together, as they may lie in the same blocks of the file."""
    present = [each for each in (layers.depth, layers.position, layers.color) if each]
    pixels = dict(zip(present, read_layers(info, present), strict=True))
    depth = read_depth(info, layers.depth, kind=kind)
    return depth, pixels.get(layers.position), pixels.get(layers.color)


def _cloud(depth: DepthImage, camera: Camera | None, position: np.ndarray | None) -> PointCloud:
    """The points: as the renderer wrote them, where it did, else from depth."""
    if position is None:
        return backproject(depth, camera)
    selection = Selection(depth.valid, depth.window)
    return PointCloud(selection.take(position), selection)


def _ranged(
    operator: ReconstructionJob, depth: DepthImage, shot: Shot, camera: Camera | None
) -> DepthImage:
    clip = shot.clip if shot.kind is shot.clip_kind else (0.0, np.inf)  # else not comparable
    near, far = _range(operator, clip)
    return (within_clip(depth, shot, camera) if operator.use_clip else depth).within(near, far)


def _range(
    operator: ReconstructionJob, clip: tuple[float, float]
) -> tuple[float | None, float | None]:
    near, far = operator.near or None, operator.far or None
    if operator.use_clip:
        near, far = max(near or 0.0, clip[0]), min(far or clip[1], clip[1])
    if near is not None and far is not None and near >= far:
        with_clip = " together with the camera's clip range" if operator.use_clip else ""
        raise DepthError(
            f"Near and Far{with_clip} leave no range: it starts at {near:.6g} and ends at "
            f"{far:.6g}; make the start less than the end."
        )
    return near, far


@contextlib.contextmanager
def _depth_file(scene: bpy.types.Scene, filepath: str) -> Iterator[str]:
    if filepath:
        yield filepath
    else:
        with render_result_file(scene) as path:
            yield path


def _why_nothing(
    depth: DepthImage, ranged: DepthImage, operator: ReconstructionJob, shot: Shot
) -> str:
    if ranged.valid.any():
        return (
            f"The stride of {operator.stride} steps over every pixel that has a depth; lower it, "
            "or raise Max Points."
        )
    if not depth.valid.any():
        return (
            "No pixel holds a depth: all are no hit, not a number, zero, or negative; point the "
            "camera at something and render again, or choose another layer."
        )
    values = depth.values[depth.valid]
    near, far = _range(operator, shot.clip)
    advice = "change Near and Far"
    if operator.use_clip:
        advice += ", or the camera's Clip Start and End, or switch Camera Clip Range off"
    return (
        f"All depths lie from {values.min():.6g} to {values.max():.6g}, outside the range of "
        f"{near or 0.0:.6g} to {np.inf if far is None else far:.6g}; {advice}."
    )


def _name_of(path: str) -> str:
    return os.path.splitext(os.path.basename(path))[0]


def _build(
    context: bpy.types.Context,
    name: str,
    projecting: ThreadStep,
    depth: DepthImage,
    color: np.ndarray | None,
) -> bpy.types.Object:
    """Add the object with its attributes."""
    cloud: PointCloud = projecting.take()
    if not len(cloud.points):
        raise DepthError("No pixel with a depth lies within the lens; choose the camera it is of.")
    selection = cloud.selection
    mesh = mesh_from_points(name, cloud.points)
    del cloud  # as large as each of what follows
    try:
        set_attribute(mesh, "pixel", selection.pixels())
        set_attribute(mesh, "depth", selection.take(depth.values))
        if color is not None:
            set_color(mesh, selection.take(color))
        return add_object(context, mesh)
    except BaseException:
        bpy.data.meshes.remove(mesh)
        raise


def _summary(count: int, depth: DepthImage, ranged: DepthImage, layers: _Layers, shot: Shot) -> str:
    """What was made and from what, and how much was left out and why."""
    total = depth.valid.size
    hits, in_range = np.count_nonzero(depth.valid), np.count_nonzero(ranged.valid)
    left_out = (
        (total - hits, "without a hit"),
        (hits - in_range, "out of range"),
        (in_range - count, "skipped by the stride"),
    )
    kind = "world space" if layers.position else shot.kind.value
    points = "point" if count == 1 else "points"
    text = (
        f"{count:,} {points} from {(layers.position or layers.depth).label} ({kind}), "
        f"camera {shot.camera_name}, frame {shot.frame}"
    )
    parts = [f"{count:,} pixels {why}" for count, why in left_out if count]
    return f"{text}; {', '.join(parts)}." if parts else f"{text}."
