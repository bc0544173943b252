"""Which camera, frame, and engine made a file: its stamps first, then what the scene says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import bpy

from ..core.camera import Camera
from ..core.depth import DepthKind
from ..core.errors import CameraError, SizeError
from ..core.layers import ExrInfo
from .camera import camera_from_object, depth_kind_of
from .frame import cameras_at_frame
from .lens import CYCLES
from .render import changed


@dataclass(frozen=True)
class Shot:
    """How an image was taken, in plain data that outlives undo and frame changes.

    Attributes
    ----------
    camera : Camera
        For the image's own size.
    camera_name : str
    frame : int
    kind : DepthKind
    clip : tuple of float
        The camera's clip start and end.
    notes : tuple of str
        A sentence for each thing that differs from the scene's present state.
    """

    camera: Camera
    camera_name: str
    frame: int
    kind: DepthKind
    clip: tuple[float, float]
    notes: tuple[str, ...]


def find_shot(
    context: bpy.types.Context,
    info: ExrInfo,
    view: str,
    camera_name: str,
    kind: str,
    ignore_aspect: bool,
) -> Shot:
    """Find what made the file.

    Parameters
    ----------
    context : bpy.types.Context
    info : ExrInfo
        Header of the file.
    view : str
        Name of the stereo view, or empty.
    camera_name : str
        Camera to use; empty takes the one stamped into the file, else the scene's.
    kind : str
        'AUTO', 'PLANAR' or 'RAY'.
    ignore_aspect : bool
        Whether an image of another aspect than the scene's render is accepted.

    Raises
    ------
    CameraError
        There is no such camera, or depth cannot be back-projected through its lens.
    SizeError
        The image's aspect is not that of the scene's render.
    """
    scene = context.scene
    camera_object, camera_note = camera_of(scene, info.attributes, camera_name)
    frame, frame_note = frame_of(scene, info.attributes)
    engine = engine_of(scene, info.attributes)
    size = (info.display_window.width, info.display_window.height)
    with cameras_at_frame(context, frame) as (scene_then, depsgraph):

        def camera() -> Camera:
            return camera_from_object(
                camera_object, scene_then, depsgraph, view=view, engine=engine
            )

        core_camera, size_note = _fitted(camera, scene_then.render, size, ignore_aspect)
    return Shot(
        camera=core_camera,
        camera_name=camera_object.name,
        frame=frame,
        kind=depth_kind_of(camera_object, engine) if kind == "AUTO" else DepthKind[kind],
        clip=(camera_object.data.clip_start, camera_object.data.clip_end),
        notes=tuple(filter(None, (camera_note, frame_note, size_note))),
    )


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
