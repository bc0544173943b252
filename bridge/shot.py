"""Which camera, frame, and engine made a file: its stamps first, then what the scene says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import bpy

from ..core.camera import Camera
from ..core.depth import DepthKind
from ..core.errors import CameraError, SizeError
from .camera import camera_from_object, depth_kind_of
from .frame import cameras_at_frame
from .lens import CYCLES
from .render import changed


@dataclass(frozen=True)
class Shot:
    """How an image was taken, in plain data that outlives undo and frame changes.

    Attributes
    ----------
    camera_name, engine : str
    frame : int
    kind : DepthKind
    clip : tuple of float
        The camera's clip start and end.
    notes : tuple of str
        A sentence for each thing that differs from the scene's present state, or spoils the depth.
    """

    camera_name: str
    engine: str
    frame: int
    kind: DepthKind
    clip: tuple[float, float]
    notes: tuple[str, ...]


def find_shot(
    scene: bpy.types.Scene, stamps: Mapping[str, str], camera_name: str, kind: str
) -> Shot:
    """Find what made a file.

    Parameters
    ----------
    scene : bpy.types.Scene
    stamps : mapping of str to str
        The file's attributes that are strings.
    camera_name : str
        Camera to use; empty takes the one stamped into the file, else the scene's.
    kind : str
        'AUTO', 'PLANAR' or 'RAY'.

    Raises
    ------
    CameraError
        There is no such camera.
    """
    camera_object, camera_note = camera_of(scene, stamps, camera_name)
    frame, frame_note = frame_of(scene, stamps)
    engine = engine_of(scene, stamps)
    data = camera_object.data
    return Shot(
        camera_name=camera_object.name,
        engine=engine,
        frame=frame,
        kind=depth_kind_of(camera_object, engine) if kind == "AUTO" else DepthKind[kind],
        clip=(data.clip_start, data.clip_end),
        notes=tuple(filter(None, (camera_note, frame_note))),
    )


def camera_of_shot(
    context: bpy.types.Context, shot: Shot, view: str, size: tuple[int, int], ignore_aspect: bool
) -> tuple[Camera, tuple[str, ...]]:
    """Make the camera of the shot for an image of this size, and what is worth saying about it.

    Parameters
    ----------
    context : bpy.types.Context
    shot : Shot
    view : str
        Name of the stereo view, or empty.
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
    camera_object = context.scene.objects[shot.camera_name]
    with cameras_at_frame(context, shot.frame) as (scene, depsgraph):

        def camera() -> Camera:
            return camera_from_object(
                camera_object, scene, depsgraph, view=view, engine=shot.engine
            )

        fitted, note = _fitted(camera, scene.render, size, ignore_aspect)
    notes = (note, _blur(context.scene.render, camera_object.data, shot.engine))
    return fitted, tuple(filter(None, notes))


def _blur(render: bpy.types.RenderSettings, data: bpy.types.Camera, engine: str) -> str:
    """What makes Cycles' depth miss the pixel's centre, if it is on."""
    if engine == CYCLES and data.dof.use_dof:
        return (
            "Depth of Field is on, with which Cycles writes depth that is off by about 1%: switch "
            "it off and render again, or take the points from the Position pass."
        )
    if engine == CYCLES and render.use_motion_blur:
        return (
            "Motion Blur is on, with which Cycles writes depth of a random moment: switch it off "
            "and render again."
        )
    return ""


def camera_of(
    scene: bpy.types.Scene, stamps: Mapping[str, str], name: str
) -> tuple[bpy.types.Object, str]:
    """The camera, and what is worth saying about it."""
    if name:
        chosen = scene.objects.get(name)
        if chosen is None or chosen.type != "CAMERA":
            raise CameraError(
                f"The scene has no camera named '{name}'; choose one of: {_camera_names(scene)}."
            )
        return chosen, ""
    stamped = stamps.get("Camera", "")
    chosen = scene.objects.get(stamped)
    if chosen is not None and chosen.type == "CAMERA":
        same = chosen == scene.camera
        return chosen, "" if same else f"The file names the camera '{stamped}': used that."
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


def _camera_names(scene: bpy.types.Scene) -> str:
    names = [f"'{each.name}'" for each in scene.objects if each.type == "CAMERA"]
    return ", ".join(names) or "none (add a camera where the image was rendered from)"


def frame_of(scene: bpy.types.Scene, stamps: Mapping[str, str]) -> tuple[int, str]:
    """The frame, and what is worth saying about it."""
    stamped = stamps.get("Frame", "")
    try:
        frame = int(stamped)
    except ValueError:  # not stamped, or by another program
        return scene.frame_current, ""
    if frame == scene.frame_current:
        return frame, ""
    return frame, f"The file is of frame {frame}: used the camera as it is there."


def engine_of(scene: bpy.types.Scene, stamps: Mapping[str, str]) -> str:
    """The engine that rendered the file, where it shows, else the scene's."""
    stamped_by_cycles = any(name.startswith("cycles.") for name in stamps)
    return CYCLES if stamped_by_cycles else scene.render.engine


def _fitted(
    camera: Callable[[], Camera],
    render: bpy.types.RenderSettings,
    size: tuple[int, int],
    ignore_aspect: bool,
) -> tuple[Camera, str]:
    """The camera for an image of this size, and what is worth saying about it."""
    now = camera()
    expected = (now.lens.width, now.lens.height)
    if expected == size:
        return now, ""
    both = "The image is {} x {} pixels, the scene's render {} x {}".format(*size, *expected)
    with changed(render, use_crop_to_border=False):
        uncropped = camera()
        full = (uncropped.lens.width, uncropped.lens.height)
        if full == size:
            return uncropped, f"{both}: took the image for one that is not cropped."
        if not ignore_aspect and (expected != full or not _same_aspect(full, size)):
            raise SizeError(
                f"{both}, which is another aspect: set the scene's resolution and border to those "
                "of the image, or switch Ignore Aspect on."
            )
        with changed(render, resolution_x=size[0], resolution_y=size[1], resolution_percentage=100):
            return camera(), f"{both}: used the image's size."


def _same_aspect(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether scaling could have made one size of the other, each side rounded to a pixel."""
    return abs(one[0] * other[1] - one[1] * other[0]) <= max(one)
