"""Shots and cameras that a file itself describes, and how the scene differs from them now."""

from __future__ import annotations

from dataclasses import dataclass, replace

import bpy

from ...core.cameras.camera import Camera
from ...core.cameras.comparison import same_lens, same_pose
from ...core.depth.image import DepthKind
from ...core.errors import CameraError, DepthError
from ...core.exr.shot_metadata import ShotMetadata, ViewShot
from ...core.pipeline.file_camera import camera_of_matrices, shot_of_metadata
from ...core.pipeline.notes import Note
from ...core.pipeline.shot import Basis, Shot, ShotBasis
from ..renders.metadata import Metadata
from .at_frame import FrameEvaluator
from .shot import CameraFrom, ShotRequest, check_override, find_frame
from .shot_camera import camera_of_shot

NOTHING_IN_FILE = (
    "The file does not describe its camera, neither in its metadata nor by worldToCamera and "
    "worldToNDC: set Camera From to Automatic or Scene."
)
FROM_MATRICES = "Used the camera of worldToCamera and worldToNDC in the file."
OTHER_UNIT = (
    "A unit was {:g} m where the image was rendered, and is {:g} m in this scene: the points have "
    "the coordinates that they had there."
)
OTHER_FRAME = (
    "Camera From is File, and the file is of frame {}, but Use Frame chooses frame {}: switch Use "
    "Frame off, or set Camera From to Scene."
)
OTHER_CAMERA = (
    "Camera From is File, whose camera comes from worldToCamera and worldToNDC, but the camera "
    "'{}' is chosen: choose no camera, or set Camera From to Scene."
)
CAMERA_GONE = "The camera '{}' is not in the scene: used it as it was when the file was rendered."
CAMERA_DIFFERS = "The camera '{}' has changed since the file was rendered: used it as it was then."


@dataclass(frozen=True, eq=False)
class DescribedShot:
    """What a file says of a shot by itself.

    Attributes
    ----------
    shot : Shot
    camera : Camera
        Its lens may have another size than the image.
    metadata : ShotMetadata, optional
        None where the camera is that of worldToCamera and worldToNDC.
    view : ViewShot, optional
        Of the metadata.
    """

    shot: Shot
    camera: Camera
    metadata: ShotMetadata | None = None
    view: ViewShot | None = None


def described_shot(
    scene: bpy.types.Scene, metadata: Metadata, request: ShotRequest
) -> DescribedShot | None:
    """What the file says, if that is to be used; None where the scene is to say it.

    Raises
    ------
    CameraError
        Another camera or frame is chosen than the one that is recorded; it is not clear which view
        the image shows; or the file is to describe its camera, and does not.
    """
    if request.camera_from is CameraFrom.SCENE:
        return None
    must = request.camera_from is CameraFrom.FILE
    if request.frame is not None:
        if not must:
            return None
        if metadata.frame not in (None, request.frame):
            raise CameraError(OTHER_FRAME.format(metadata.frame, request.frame))
    if metadata.shot is not None:
        names = {each.camera_name for each in metadata.shot.views}
        if request.camera_name and request.camera_name not in names:
            check_override(metadata.shot.views[0].camera_name, request)
            return None
        return _of_metadata(metadata.shot, scene, request)
    if not must and (metadata.camera_name or request.camera_name):
        return None
    camera = _camera_of_matrices(metadata, request.view)
    if camera is not None:
        if request.camera_name not in ("", metadata.camera_name):
            raise CameraError(OTHER_CAMERA.format(request.camera_name))
        return _of_matrices(camera, scene, metadata, request)
    if must:
        raise CameraError(metadata.problem or NOTHING_IN_FILE)
    return None


def _of_metadata(
    metadata: ShotMetadata, scene: bpy.types.Scene, request: ShotRequest
) -> DescribedShot:
    view = metadata.view_shot(request.view, request.filepath)
    shot = shot_of_metadata(metadata, view, request.kind)
    scale = scene.unit_settings.scale_length
    if abs(metadata.unit_scale - scale) > 1e-6 * scale:
        shot = replace(shot, notes=(Note(OTHER_UNIT.format(metadata.unit_scale, scale)),))
    return DescribedShot(shot, view.camera, metadata, view)


def _camera_of_matrices(metadata: Metadata, view: str) -> Camera | None:
    try:
        return camera_of_matrices(metadata.matrices, metadata.size, view)
    except CameraError as error:
        raise CameraError(f"{error} Or set Camera From to Scene.") from error


def _of_matrices(
    camera: Camera, scene: bpy.types.Scene, metadata: Metadata, request: ShotRequest
) -> DescribedShot:
    """The camera alone is described; renderers measure depth along the axis of such cameras."""
    frame, frame_basis, _ = find_frame(scene, metadata, request)
    shot = Shot(
        kind=request.kind or DepthKind.PLANAR,
        engine=metadata.engine,
        view=request.view,
        frame=frame,
        basis=ShotBasis(
            camera=Basis.FILE,
            pose=Basis.FILE,
            frame=frame_basis,
            engine=Basis.FILE if metadata.engine else Basis.SCENE,
            kind=Basis.CHOSEN if request.kind else Basis.SCENE,
            unit=Basis.SCENE,
        ),
        notes=(Note(FROM_MATRICES),),
    )
    return DescribedShot(shot, camera)


def scene_notes(
    context: bpy.types.Context,
    evaluator: FrameEvaluator,
    described: DescribedShot,
    size: tuple[int, int],
) -> tuple[Note, ...]:
    """Whether the scene has the described camera now, and as it was.

    It is not compared at a subframe other than the scene's present one, nor at another frame if a
    driver reads the frame, which would take the scene itself there.
    """
    scene, shot, metadata = context.scene, described.shot, described.metadata
    if metadata is None:
        return ()
    item: bpy.types.Object | None = scene.objects.get(shot.camera_name)
    if item is None or item.type != "CAMERA":
        return (Note(CAMERA_GONE.format(shot.camera_name)),)
    is_present = shot.frame == scene.frame_current
    if abs(metadata.subframe - (scene.frame_subframe if is_present else 0.0)) > 1e-6:
        return ()
    if evaluator.drivers_read_frame and not is_present:
        return ()
    try:
        now, _ = camera_of_shot(context, evaluator, shot, size, True)
    except DepthError:  # it is of another kind, or has no such view
        now = None
    if now is not None and same_pose(now, described.camera) and same_lens(now, described.camera):
        return ()
    return (Note(CAMERA_DIFFERS.format(shot.camera_name)),)
