"""How an image was taken: what its metadata says first, then what the scene says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import bpy
import numpy as np

from ...core.cameras.camera import Camera
from ...core.cameras.viewpoint import Viewpoint
from ...core.depth.clipping import ClipRange
from ...core.depth.image import DepthKind
from ...core.errors import CameraError
from ...core.pipeline.source import Shot
from . import stereo
from .at_frame import FrameEvaluator
from .fit_to_image import camera_for_size
from .from_object import camera_from_object, check_camera, depth_kind_of
from .lens import CYCLES


@dataclass(frozen=True)
class ShotRequest:
    """What is known, or chosen, of how an image was taken.

    Attributes
    ----------
    filepath : str
        The image's file; empty for the Render Result.
    camera_name : str
        Camera to use; empty takes the one that the file names, else the scene's.
    view : str
        Stereo view; empty takes the one that the file's name ends in.
    kind : DepthKind, optional
        What the depth measures; None decides by the engine and the camera.
    """

    filepath: str
    camera_name: str = ""
    view: str = ""
    kind: DepthKind | None = None


def find_shot(
    context: bpy.types.Context,
    evaluator: FrameEvaluator,
    metadata: Mapping[str, str],
    request: ShotRequest,
) -> Shot:
    """Find how a file's image was taken, with the camera as it is at the frame of the file.

    The parameters and errors are those of `present_shot`.
    """
    shot = present_shot(context.scene, metadata, request)
    camera_object = camera_object_of(context.scene, shot)
    evaluated = camera_object.evaluated_get(evaluator.at(camera_object, shot.frame).depsgraph)
    return replace(
        shot,
        kind=_kind(evaluated, shot.engine, request.kind),
        clip=_clip_range(evaluated, shot.engine),
    )


def present_shot(scene: bpy.types.Scene, metadata: Mapping[str, str], request: ShotRequest) -> Shot:
    """Find how a file's image was taken, with the camera as it is now; nothing is evaluated.

    Parameters
    ----------
    scene : bpy.types.Scene
    metadata : mapping of str to str
        The file's attributes that are strings.
    request : ShotRequest

    Raises
    ------
    CameraError
        There is no such camera, or the image does not say which view it is.
    """
    view, view_note = request.view, ""
    if not view:
        view, view_note = stereo.view_of_file(scene.render, request.filepath)
    camera_object, camera_note = camera_of(scene, metadata, request.camera_name, view)
    check_camera(camera_object)
    frame, frame_note = frame_of(scene, metadata, request.filepath)
    engine = engine_of(scene, metadata)
    return Shot(
        kind=_kind(camera_object, engine, request.kind),
        clip=_clip_range(camera_object, engine),
        camera_name=camera_object.name,
        engine=engine,
        view=view,
        frame=frame,
        notes=tuple(filter(None, (view_note, camera_note, frame_note))),
    )


def _kind(camera_object: bpy.types.Object, engine: str, chosen: DepthKind | None) -> DepthKind:
    return chosen or depth_kind_of(camera_object, engine)


def _clip_range(camera_object: bpy.types.Object, engine: str) -> ClipRange:
    data, kind = camera_object.data, depth_kind_of(camera_object, engine)
    return ClipRange(data.clip_start, data.clip_end, kind, engine != CYCLES)


def camera_object_of(scene: bpy.types.Scene, shot: Shot) -> bpy.types.Object:
    """The scene's active camera may be no object of the scene."""
    return scene.objects.get(shot.camera_name, scene.camera)


def camera_of_shot(
    context: bpy.types.Context,
    evaluator: FrameEvaluator,
    shot: Shot,
    size: tuple[int, int],
    ignore_aspect: bool,
) -> tuple[Camera, tuple[str, ...]]:
    """Make the camera of the shot for an image of this size, with notes that are worth saying.

    Parameters
    ----------
    context : bpy.types.Context
    evaluator : FrameEvaluator
    shot : Shot
    size : tuple of int
        Width and height of the image.
    ignore_aspect : bool
        Whether an image of another aspect than the scene's render is accepted.

    Raises
    ------
    CameraError
        Depth cannot be back-projected through the camera's lens, or there is no such view.
    SizeError
        The image's aspect is not that of the scene's render.
    """
    camera_object = camera_object_of(context.scene, shot)
    at = evaluator.at(camera_object, shot.frame)

    def camera() -> Camera:
        return camera_from_object(
            camera_object, at.scene, at.depsgraph, view=shot.view, engine=shot.engine
        )

    fitted, note = camera_for_size(camera, at.scene.render, size, ignore_aspect)
    return fitted, (note,) if note else ()


def viewpoint_of_shot(
    context: bpy.types.Context, evaluator: FrameEvaluator, shot: Shot, size: tuple[int, int]
) -> Viewpoint:
    """Where the rays of an image start, for cameras that core has no model of too."""
    try:
        return Viewpoint.of(camera_of_shot(context, evaluator, shot, size, True)[0])
    except CameraError:
        item = camera_object_of(context.scene, shot)
        evaluated = item.evaluated_get(evaluator.at(item, shot.frame).depsgraph)
        return Viewpoint(np.array(evaluated.matrix_world.translation))


def blur_notes(
    context: bpy.types.Context, evaluator: FrameEvaluator, shot: Shot, from_position: bool
) -> tuple[str, ...]:
    """What of the camera and the render spoils the points.

    Parameters
    ----------
    from_position : bool
        Whether they come from the Position pass, which depth of field does not spoil.
    """
    item = camera_object_of(context.scene, shot)
    at = evaluator.at(item, shot.frame)
    notes = [motion_blur_note(at.scene.render, shot.engine)]
    if not from_position:
        data = item.evaluated_get(at.depsgraph).data
        notes.insert(0, depth_of_field_note(data, shot.engine))
    return tuple(filter(None, notes))


def depth_of_field_note(data: bpy.types.Camera, engine: str) -> str:
    """What spoils Cycles' depth, though not its Position pass."""
    if engine != CYCLES or not data.dof.use_dof:
        return ""
    return (
        "Depth of Field is on, with which Cycles writes depth that is off by about 1%: switch it "
        "off and render again, or take the points from the Position pass."
    )


def motion_blur_note(render: bpy.types.RenderSettings, engine: str) -> str:
    """What spoils Cycles' depth and its Position pass."""
    if engine != CYCLES or not render.use_motion_blur:
        return ""
    return (
        "Motion Blur is on, with which Cycles writes each pixel of a random moment: switch it off "
        "and render again."
    )


def camera_of(
    scene: bpy.types.Scene, metadata: Mapping[str, str], name: str, view: str
) -> tuple[bpy.types.Object, str]:
    """The camera of the view, and what is worth saying about it."""
    chosen, note = _camera_of_any_view(scene, metadata, name)
    return stereo.camera_of_view(chosen, scene, view), note


def _camera_of_any_view(
    scene: bpy.types.Scene, metadata: Mapping[str, str], name: str
) -> tuple[bpy.types.Object, str]:
    if name:
        chosen = scene.objects.get(name)
        if chosen is None or chosen.type != "CAMERA":
            raise CameraError(
                f"The scene has no camera named '{name}'; choose one of: {_camera_names(scene)}."
            )
        return chosen, ""
    stamped = metadata.get("Camera", "").replace("<none>", "")  # so says the File Output node
    if scene.camera is not None and stamped in _names_in_rig(scene):
        return scene.camera, ""
    chosen = scene.objects.get(stamped)
    if chosen is not None and chosen.type == "CAMERA":
        return chosen, f"The file names the camera '{stamped}': used that."
    if scene.camera is None:
        raise CameraError(
            "The scene has no active camera; choose the one that rendered the image from: "
            f"{_camera_names(scene)}."
        )
    if stamped:
        return scene.camera, (
            f"The file names the camera '{stamped}', which is not in the scene: used "
            f"'{scene.camera.name}'."
        )
    return scene.camera, ""


def _names_in_rig(scene: bpy.types.Scene) -> set[str]:
    """The cameras of all views; Blender metadata the last one's into every view's file."""
    views = stereo.rendered_views(scene.render)
    return {stereo.camera_of_view(scene.camera, scene, view).name for view in views}


def _camera_names(scene: bpy.types.Scene) -> str:
    names = [f"'{each.name}'" for each in scene.objects if each.type == "CAMERA"]
    return ", ".join(names) or "none (add a camera where the image was rendered from)"


def frame_of(scene: bpy.types.Scene, metadata: Mapping[str, str], filepath: str) -> tuple[int, str]:
    """The frame, and what is worth saying about it."""
    stamped = metadata.get("Frame", "")
    try:
        frame = int(stamped)
    except ValueError:  # not stamped, or by another program
        return scene.frame_current, ""
    if frame != scene.frame_current:
        return frame, f"The file is of frame {frame}: used the camera as it is there."
    if filepath and scene.frame_subframe:
        return frame, (
            f"The file is of frame {frame} and tells no subframe: used the camera as it is now, at "
            f"{scene.frame_float:g}."
        )
    return frame, ""


def engine_of(scene: bpy.types.Scene, metadata: Mapping[str, str]) -> str:
    """The engine that rendered the file, where it shows, else the scene's."""
    stamped_by_cycles = any(name.startswith("cycles.") for name in metadata)
    return CYCLES if stamped_by_cycles else scene.render.engine
