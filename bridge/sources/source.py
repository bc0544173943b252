"""The one way from a file or the Render Result to its source: its layers, shot, and camera."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import bpy

from ...core.cameras.camera import Camera
from ...core.cameras.viewpoint import Viewpoint
from ...core.errors import CameraError, LayerError, SizeError
from ...core.exr.layers import ExrInfo
from ...core.exr.reader import read_info
from ...core.pipeline.options import PointsFrom, ReconstructionOptions
from ...core.pipeline.source import Layers, Shot, Source, choose_layers
from ..cameras.at_frame import FrameEvaluator
from ..cameras.shot import ShotRequest, blur_notes, camera_of_shot, find_shot, viewpoint_of_shot
from ..cameras.stereo import view_in_file
from ..renders.history import metadata_of_render
from .rendered_camera import CAMERA_CHANGED, rendered_camera, same_camera

NO_DEPTH_PASS = (
    "The Render Result has no depth: it was rendered without the Depth pass, or by the sequencer. "
    "Press Render and Reconstruct, which sees to both, or enable the pass in View Layer Properties "
    "> Passes > Data (Depth or Z) and render again."
)


@dataclass(frozen=True, eq=False)
class SourceRequest:
    """What somebody asks for.

    Attributes
    ----------
    filepath : str
        Empty for the Render Result.
    camera_name : str
        Camera to use; empty takes the one that the file names, else the scene's.
    ignore_aspect : bool
        Whether an image of another aspect than the scene's render is accepted.
    options : ReconstructionOptions
    """

    filepath: str
    camera_name: str = ""
    ignore_aspect: bool = False
    options: ReconstructionOptions = field(default_factory=ReconstructionOptions)


@dataclass(frozen=True, eq=False)
class ShotCamera:
    """A shot with the camera that took it.

    Attributes
    ----------
    shot : Shot
    camera : Camera, optional
        None where the points come from the Position pass.
    viewpoint : Viewpoint
    notes : tuple of str
        A sentence for each thing that is worth saying.
    """

    shot: Shot
    camera: Camera | None
    viewpoint: Viewpoint
    notes: tuple[str, ...]


def find_source(context: bpy.types.Context, request: SourceRequest, path: str) -> Source:
    """Choose the layers of a file and find the camera that took them.

    Parameters
    ----------
    context : bpy.types.Context
    request : SourceRequest
    path : str
        The file, which for the Render Result is a temporary one.

    Raises
    ------
    DepthError
        The file cannot be used, or there is no such layer, view, or camera.
    """
    info = read_info(path)
    if not request.filepath and not any(each.title == "Depth" for each in info.layers):
        raise LayerError(NO_DEPTH_PASS)
    layers = find_layers(context, request.options, info)
    found = find_camera(context, request, layers)
    notes = (*found.notes, *layers.notes)
    return Source(layers, found.shot, found.camera, found.viewpoint, notes)


def find_layers(
    context: bpy.types.Context, options: ReconstructionOptions, info: ExrInfo
) -> Layers:
    """Choose the layers of a file, those of the present view layer first.

    Raises
    ------
    LayerError
        There is no such layer or view, or several fit.
    """
    view = view_in_file(context.scene.render, info.views, options.view)
    return choose_layers(info, replace(options, view=view), context.view_layer.name)


def find_camera(context: bpy.types.Context, request: SourceRequest, layers: Layers) -> ShotCamera:
    """Find the camera that took the chosen layers.

    For the Render Result that is the camera as it was when the render began, if that was seen.

    Raises
    ------
    CameraError
        There is no such camera or view, or its lens has no model.
    SizeError
        The image's aspect is not that of the scene's render.
    """
    options, scene = request.options, context.scene
    size = (layers.info.display_window.width, layers.info.display_window.height)
    asked = ShotRequest(
        request.filepath, request.camera_name, layers.depth.view or options.view, options.depth_kind
    )
    from_position = options.points_from is PointsFrom.POSITION
    with FrameEvaluator(context) as evaluator:
        shot = find_shot(context, evaluator, _metadata(scene, request, layers.info), asked)
        notes = (*shot.notes, *blur_notes(context, evaluator, shot, from_position))
        if from_position:
            viewpoint = viewpoint_of_shot(context, evaluator, shot, size)
            return ShotCamera(shot, None, viewpoint, notes)
        then = None if request.filepath else rendered_camera(scene, shot, size)
        if then is None:
            camera, more = camera_of_shot(context, evaluator, shot, size, request.ignore_aspect)
        else:
            camera, more = then, _change_since(then, context, evaluator, shot)
    return ShotCamera(shot, camera, Viewpoint.of(camera), (*notes, *more))


def _metadata(scene: bpy.types.Scene, request: SourceRequest, info: ExrInfo) -> Mapping[str, str]:
    return info.attributes if request.filepath else metadata_of_render(scene, info.attributes)


def _change_since(
    then: Camera, context: bpy.types.Context, evaluator: FrameEvaluator, shot: Shot
) -> tuple[str, ...]:
    """Whether the camera is another one now than when it rendered, in a sentence."""
    size = (then.lens.width, then.lens.height)
    try:
        now, _ = camera_of_shot(context, evaluator, shot, size, False)
    except (CameraError, SizeError):
        return (CAMERA_CHANGED,)
    return () if same_camera(then, now) else (CAMERA_CHANGED,)
