"""Find how an image was taken: by what the user chose, else its metadata, else the scene."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace

import bpy

from ...core.depth.clipping import ClipRange
from ...core.depth.image import DepthKind
from ...core.errors import CameraError
from ...core.pipeline.notes import Note, warning
from ...core.pipeline.shot import Basis, Shot, ShotBasis
from ..renders.metadata import Metadata
from . import stereo
from .at_frame import FrameEvaluator
from .from_object import check_camera, depth_kind_of
from .lens import CYCLES


class CameraFrom(enum.Enum):
    """Where the camera, its pose, and its lens are to be known from."""

    AUTOMATIC = "automatic"
    """The file where it describes them and no other camera or frame is chosen, else the scene."""

    SCENE = "scene"
    FILE = "file"


@dataclass(frozen=True)
class ShotRequest:
    """What the user chose about how an image was taken.

    Attributes
    ----------
    filepath : str
        The image's file; empty for the Render Result.
    camera_name : str
        Camera to use; empty for the recorded one, or else the scene's.
    override_camera : bool
        Whether to use that camera even if another one is recorded.
    frame : int, optional
        Frame at which to evaluate the camera; None for the recorded frame, or else the current one.
    view : str
        Stereo view; empty for the view whose suffix the file's name ends in.
    kind : DepthKind, optional
        What the depth measures; None decides by the engine and the camera.
    camera_from : CameraFrom
    """

    filepath: str
    camera_name: str = ""
    override_camera: bool = False
    frame: int | None = None
    view: str = ""
    kind: DepthKind | None = None
    camera_from: CameraFrom = CameraFrom.AUTOMATIC


def find_shot(
    context: bpy.types.Context,
    evaluator: FrameEvaluator,
    metadata: Metadata,
    request: ShotRequest,
) -> Shot:
    """Find how an image was taken, with the camera evaluated at the frame of the image.

    The other parameters and the errors are those of `present_shot`.
    """
    shot = present_shot(context.scene, metadata, request)
    camera_object = camera_object_of(context.scene, shot)
    evaluated = camera_object.evaluated_get(evaluator.at(camera_object, shot.frame).depsgraph)
    return replace(
        shot,
        kind=request.kind or depth_kind_of(evaluated, shot.engine),
        clip=_clip_range(evaluated, shot.engine),
    )


def present_shot(scene: bpy.types.Scene, metadata: Metadata, request: ShotRequest) -> Shot:
    """Find how an image was taken, with the camera as it is now; nothing is evaluated.

    Raises
    ------
    CameraError
        There is no such camera, another one is recorded, or nothing says which view the image is
        of.
    """
    view, view_note = request.view, ""
    if not view:
        view, view_note = stereo.view_of_file(scene.render, request.filepath)
    camera = _find_camera(scene, metadata, request)
    camera_object = stereo.camera_of_view(camera.item, scene, view)
    check_camera(camera_object)
    frame, frame_basis, frame_note = find_frame(scene, metadata, request)
    engine = metadata.engine or scene.render.engine
    engine_basis = metadata.basis if metadata.engine else Basis.SCENE
    return Shot(
        kind=request.kind or depth_kind_of(camera_object, engine),
        clip=_clip_range(camera_object, engine),
        camera_name=camera_object.name,
        engine=engine,
        view=view,
        frame=frame,
        basis=ShotBasis(
            camera=camera.basis,
            pose=Basis.SCENE,
            frame=frame_basis,
            engine=engine_basis,
            kind=Basis.CHOSEN if request.kind else engine_basis,
            unit=Basis.SCENE if request.filepath else Basis.RENDER,
        ),
        notes=(*map(Note, filter(None, (view_note, frame_note))), *camera.notes),
    )


def _clip_range(camera_object: bpy.types.Object, engine: str) -> ClipRange:
    data, kind = camera_object.data, depth_kind_of(camera_object, engine)
    return ClipRange(data.clip_start, data.clip_end, kind, engine != CYCLES)


def camera_object_of(scene: bpy.types.Scene, shot: Shot) -> bpy.types.Object:
    """Return the shot's camera; the scene's active camera need not be one of its objects."""
    return scene.objects.get(shot.camera_name, scene.camera)


@dataclass(frozen=True, eq=False)
class _FoundCamera:
    """A camera of any view, and the basis of the choice."""

    item: bpy.types.Object
    basis: Basis
    notes: tuple[Note, ...] = ()


def _find_camera(scene: bpy.types.Scene, metadata: Metadata, request: ShotRequest) -> _FoundCamera:
    """The chosen camera, else the recorded one, else the scene's."""
    recorded = metadata.camera_name
    if request.camera_name:
        chosen = _camera_named(scene, request.camera_name)
        if chosen is None:
            raise CameraError(
                f"The scene has no camera named '{request.camera_name}'; choose one of: "
                f"{_camera_names(scene)}."
            )
        if recorded and recorded not in _names_in_rig(scene, chosen):
            return _override(metadata, chosen, request)
        return _FoundCamera(chosen, metadata.basis if recorded else Basis.CHOSEN)
    if scene.camera is not None and recorded in _names_in_rig(scene, scene.camera):
        return _FoundCamera(scene.camera, metadata.basis)
    named = _camera_named(scene, recorded)
    if named is not None:
        note = Note(f"The file names the camera '{recorded}': used that.")
        return _FoundCamera(named, metadata.basis, (note,))
    if scene.camera is None:
        raise CameraError(
            "The scene has no active camera; choose the one that rendered the image from: "
            f"{_camera_names(scene)}."
        )
    if recorded:
        note = warning(
            f"The file names the camera '{recorded}', which is not in the scene: used "
            f"'{scene.camera.name}'."
        )
        return _FoundCamera(scene.camera, Basis.SCENE, (note,))
    return _FoundCamera(scene.camera, Basis.SCENE)


def _override(metadata: Metadata, chosen: bpy.types.Object, request: ShotRequest) -> _FoundCamera:
    """Use the chosen camera although another one is recorded, or raise if that is not allowed."""
    check_override(metadata.camera_name, request)
    note = warning(f"{_TOOK.format(metadata.camera_name, chosen.name)} and used.")
    return _FoundCamera(chosen, Basis.CHOSEN, (note,))


_TOOK = "The camera '{}' rendered the image, and the camera '{}' is chosen"


def check_override(recorded: str, request: ShotRequest) -> None:
    """Raise `CameraError` unless a camera may be used in the place of the recorded one."""
    if not request.override_camera:
        raise CameraError(
            f"{_TOOK.format(recorded, request.camera_name)}: choose '{recorded}', or no camera, or "
            "switch on Use Chosen Camera Anyway."
        )


def _camera_named(scene: bpy.types.Scene, name: str) -> bpy.types.Object | None:
    item: bpy.types.Object | None = scene.objects.get(name)
    return item if item is not None and item.type == "CAMERA" else None


def _names_in_rig(scene: bpy.types.Scene, camera: bpy.types.Object) -> set[str]:
    """Names of the cameras of all views; Blender writes the last one into every view's file."""
    views = stereo.rendered_views(scene.render)
    return {camera.name} | {stereo.camera_of_view(camera, scene, view).name for view in views}


def _camera_names(scene: bpy.types.Scene) -> str:
    names = [f"'{each.name}'" for each in scene.objects if each.type == "CAMERA"]
    return ", ".join(names) or "none (add a camera where the image was rendered from)"


def find_frame(
    scene: bpy.types.Scene, metadata: Metadata, request: ShotRequest
) -> tuple[int, Basis, str]:
    """Return the frame, its basis, and a note about it, or ""."""
    if request.frame is not None:
        return request.frame, Basis.CHOSEN, ""
    frame, basis = metadata.frame, metadata.basis
    if frame is None:
        return scene.frame_current, Basis.SCENE, ""
    if frame != scene.frame_current:
        return frame, basis, f"The file is of frame {frame}: used the camera as it is there."
    if request.filepath and scene.frame_subframe:
        return (
            frame,
            basis,
            f"The file is of frame {frame} and does not say the subframe: used the camera as it is "
            f"now, at {scene.frame_float:g}.",
        )
    return frame, basis, ""
