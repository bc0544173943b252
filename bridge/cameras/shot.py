"""Which camera, frame, and engine made a file: its metadata first, then what the scene says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import bpy

from ...core.cameras.camera import Camera
from ...core.depth.clipping import ClipRange
from ...core.depth.image import DepthKind
from ...core.errors import CameraError
from . import stereo
from .at_frame import camera_at_frame
from .fit_to_image import camera_for_size
from .from_object import camera_from_object, check_camera, depth_kind_of
from .lens import CYCLES


@dataclass(frozen=True)
class Shot:
    """How an image was taken, in plain data that outlives undo and frame changes.

    Attributes
    ----------
    camera_name, engine : str
        The camera is that of the view.
    view : str
        Name of the stereo view; empty in a scene without them.
    frame : int
    kind : DepthKind
        What the depth is measured along.
    clip : ClipRange
    notes : tuple of str
        A sentence for each thing that differs from the scene's present state, or spoils the depth.
    """

    camera_name: str
    engine: str
    view: str
    frame: int
    kind: DepthKind
    clip: ClipRange
    notes: tuple[str, ...]


def find_shot(
    context: bpy.types.Context,
    metadata: Mapping[str, str],
    camera_name: str,
    kind: str,
    view: str,
    filepath: str,
) -> Shot:
    """Find what made a file, with the camera as it is at the frame of the file.

    The parameters and errors are those of `present_shot`.
    """
    shot = present_shot(context.scene, metadata, camera_name, kind, view, filepath)
    camera_object = camera_object_of(context.scene, shot)
    with camera_at_frame(context, camera_object, shot.frame) as (_, depsgraph):
        return replace(shot, **_measures(camera_object.evaluated_get(depsgraph), shot.engine, kind))


def present_shot(
    scene: bpy.types.Scene,
    metadata: Mapping[str, str],
    camera_name: str,
    kind: str,
    view: str,
    filepath: str,
) -> Shot:
    """Find what made a file, with the camera as it is now; nothing is evaluated.

    Parameters
    ----------
    scene : bpy.types.Scene
    metadata : mapping of str to str
        The file's attributes that are strings.
    camera_name : str
        Camera to use; empty takes the one stamped into the file, else the scene's.
    kind : str
        'AUTO', 'PLANAR' or 'RAY'.
    view : str
        Name of the stereo view; empty to take the one that the file's name ends in.
    filepath : str
        Empty for the Render Result.

    Raises
    ------
    CameraError
        There is no such camera, or no telling which view it is.
    """
    view, view_note = (view, "") if view else stereo.view_of_file(scene.render, filepath)
    camera_object, camera_note = camera_of(scene, metadata, camera_name, view)
    check_camera(camera_object)
    frame, frame_note = frame_of(scene, metadata, filepath)
    engine = engine_of(scene, metadata)
    return Shot(
        camera_name=camera_object.name,
        engine=engine,
        view=view,
        frame=frame,
        notes=tuple(filter(None, (view_note, camera_note, frame_note))),
        **_measures(camera_object, engine, kind),
    )


def _measures(camera_object: bpy.types.Object, engine: str, kind: str) -> dict[str, Any]:
    """What a shot says of its depth."""
    own = depth_kind_of(camera_object, engine)
    return {
        "kind": own if kind == "AUTO" else DepthKind[kind],
        "clip": ClipRange(
            camera_object.data.clip_start, camera_object.data.clip_end, own, engine != CYCLES
        ),
    }


def camera_object_of(scene: bpy.types.Scene, shot: Shot) -> bpy.types.Object:
    """The scene's active camera may be no object of the scene."""
    return scene.objects.get(shot.camera_name, scene.camera)


def camera_of_shot(
    context: bpy.types.Context, shot: Shot, size: tuple[int, int], ignore_aspect: bool
) -> tuple[Camera, tuple[str, ...]]:
    """Make the camera of the shot for an image of this size, and what is worth saying about it.

    Parameters
    ----------
    context : bpy.types.Context
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
    with camera_at_frame(context, camera_object, shot.frame) as (scene, depsgraph):

        def camera() -> Camera:
            return camera_from_object(
                camera_object, scene, depsgraph, view=shot.view, engine=shot.engine
            )

        fitted, note = camera_for_size(camera, scene.render, size, ignore_aspect)
        data = camera_object.evaluated_get(depsgraph).data
        blurs = (
            depth_of_field_note(data, shot.engine),
            motion_blur_note(scene.render, shot.engine),
        )
    return fitted, tuple(filter(None, (note, *blurs)))


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
