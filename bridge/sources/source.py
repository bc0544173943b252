"""The one way from a file or the Render Result to its source: its layers, shot, and camera."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import bpy

from ...core.cameras.camera import Camera
from ...core.cameras.viewpoint import Viewpoint
from ...core.depth.encoding import DepthEncoding
from ...core.errors import CameraError, LayerError, SizeError
from ...core.exr.layers import FileInfo
from ...core.files.reader import read_info
from ...core.pipeline.choose_layers import Layers, choose_layers, with_position
from ...core.pipeline.file_camera import camera_for_image, image_size
from ...core.pipeline.notes import Note, warning
from ...core.pipeline.options import ReconstructionOptions
from ...core.pipeline.shot import Basis, Shot
from ...core.pipeline.source import Source
from ..cameras.at_frame import FrameEvaluator
from ..cameras.described import DescribedShot, described_shot, scene_notes
from ..cameras.lens import CYCLES
from ..cameras.shot import CameraFrom, ShotRequest, find_shot
from ..cameras.shot_camera import blur_notes, camera_of_shot, notes_of_blur, viewpoint_of_shot
from ..cameras.stereo import view_in_file
from ..renders.metadata import Metadata, metadata_of_render, read_metadata
from .images import with_pixels
from .rendered_camera import CAMERA_CHANGED, rendered_camera, same_camera

NO_DEPTH_PASS = (
    "The Render Result has no depth: it was rendered without the Depth pass, or by the sequencer. "
    "Press Render and Reconstruct, which takes care of both, or enable the pass in View Layer "
    "Properties > Passes > Data (Depth or Z) and render again."
)
SCENE_INSTEAD = "The scene's camera was used instead."
SCALED = "The image is {} x {} pixels, and was rendered as {} x {}: scaled the camera to its size."


@dataclass(frozen=True, eq=False)
class SourceRequest:
    """What to read, and which camera to use.

    Attributes
    ----------
    filepath : str
        Empty for the Render Result.
    camera_name : str
        Camera to use; empty for the one that the file names, or else the scene's.
    override_camera : bool
        Whether to use that camera even where another one is recorded.
    frame : int, optional
        Frame of the scene at which to evaluate the camera; None for the recorded frame.
    camera : Camera, optional
        A camera to use instead of any in the scene; its lens has the image's size.
    ignore_aspect : bool
        Whether an image of another aspect than the scene's render is accepted.
    camera_from : CameraFrom
    options : ReconstructionOptions
    """

    filepath: str
    camera_name: str = ""
    override_camera: bool = False
    frame: int | None = None
    camera: Camera | None = None
    ignore_aspect: bool = False
    camera_from: CameraFrom = CameraFrom.AUTOMATIC
    options: ReconstructionOptions = field(default_factory=ReconstructionOptions)


def find_source(
    context: bpy.types.Context, request: SourceRequest, path: str, needs_pixels: bool = True
) -> Source:
    """Choose the layers of a file, and find the camera that took them.

    For the Render Result, the camera is used as it was when the render began, if the extension
    recorded it then; for a file, the one that it describes, which the scene need not have.

    Parameters
    ----------
    context : bpy.types.Context
    request : SourceRequest
    path : str
        The file to read; for the Render Result, a temporary file.
    needs_pixels : bool
        Whether the source will be read; Blender may have to load an image for that.

    Raises
    ------
    DepthError
        Neither the file nor the options say what the numbers stand for.
    FileError, LayerError
        The file cannot be used, or there is no such layer.
    CameraError
        There is no such camera or view, another camera is recorded, or the lens has no model.
    SizeError
        The image's aspect is not that of the scene's render.
    """
    info = read_info(path)
    if not request.filepath and not any(each.title == "Depth" for each in info.layers):
        raise LayerError(NO_DEPTH_PASS)
    options = request.options
    if not request.filepath:  # the renderer itself wrote these numbers
        encoding = options.encoding or DepthEncoding(unit=1.0)
        options = replace(options, encoding=encoding, allow_any_depth=True)
    metadata = _metadata(context.scene, request, info)
    layers = choose_layers(
        info,
        replace(options, view=_view_in_file(context.scene, metadata, info, options.view)),
        context.view_layer.name,
    )
    asked = _shot_request(request, layers)
    described = described_shot(context.scene, metadata, asked)
    with FrameEvaluator(context) as evaluator:
        if described is not None:
            shot = described.shot
        else:
            shot = find_shot(context, evaluator, metadata, asked)
        layers = with_position(layers, options.points_from, shot.engine)
        found = _find_camera(context, evaluator, request, shot, layers, described)
        notes = _notes(context, evaluator, shot, layers, described)
        viewpoint = _viewpoint(context, evaluator, shot, described, found.camera)
    shot = replace(shot, basis=replace(shot.basis, pose=found.basis))
    if request.options.encoding is not None:
        shot = replace(shot, basis=replace(shot.basis, unit=Basis.CHOSEN))
    if needs_pixels:
        layers = replace(layers, info=with_pixels(layers.info))
    if metadata.problem and asked.camera_from is not CameraFrom.SCENE:
        notes = (warning(f"{metadata.problem} {SCENE_INSTEAD}"), *notes)
    notes = (*shot.notes, *notes, *found.notes, *layers.notes)
    return Source(layers, shot, found.camera, viewpoint, notes)


def _metadata(scene: bpy.types.Scene, request: SourceRequest, info: FileInfo) -> Metadata:
    if request.filepath:
        return read_metadata(info)
    return metadata_of_render(scene, info.attributes)


def _view_in_file(scene: bpy.types.Scene, metadata: Metadata, info: FileInfo, view: str) -> str:
    """The view to look for; a file of a single one, of a stereo render, may say nothing of it."""
    if metadata.shot is not None:
        return view if info.views else ""
    return view_in_file(scene.render, info.views, view)


def _shot_request(request: SourceRequest, layers: Layers) -> ShotRequest:
    return ShotRequest(
        filepath=request.filepath,
        camera_name=request.camera_name,
        override_camera=request.override_camera,
        frame=request.frame,
        view=layers.depth.view or request.options.view,
        kind=request.options.depth_kind,
        camera_from=request.camera_from,
    )


def _notes(
    context: bpy.types.Context,
    evaluator: FrameEvaluator,
    shot: Shot,
    layers: Layers,
    described: DescribedShot | None,
) -> tuple[Note, ...]:
    """What spoils the points, and how the scene differs from what the file describes."""
    from_position = layers.position is not None
    if described is None:
        return blur_notes(context, evaluator, shot, from_position)
    if described.metadata is None or described.view is None:
        return ()
    size = image_size(layers.info)
    differences = scene_notes(context, evaluator, described, size)
    if shot.engine != CYCLES:
        return differences
    has_depth_of_field = described.view.has_depth_of_field and not from_position
    return (*notes_of_blur(has_depth_of_field, described.metadata.has_motion_blur), *differences)


def _viewpoint(
    context: bpy.types.Context,
    evaluator: FrameEvaluator,
    shot: Shot,
    described: DescribedShot | None,
    camera: Camera | None,
) -> Viewpoint:
    """Where the rays of the image start, which is known even where its lens does not fit it."""
    if camera is None and described is None:
        return viewpoint_of_shot(context, evaluator, shot)
    return Viewpoint.of(camera or described.camera)


@dataclass(frozen=True, eq=False)
class _FoundCamera:
    """The camera that took a shot, and the basis of its pose and lens."""

    camera: Camera | None
    basis: Basis
    notes: tuple[Note, ...] = ()


def _find_camera(
    context: bpy.types.Context,
    evaluator: FrameEvaluator,
    request: SourceRequest,
    shot: Shot,
    layers: Layers,
    described: DescribedShot | None,
) -> _FoundCamera:
    """Return the requested camera, else the file's, the render's, or the scene's."""
    if request.camera is not None:
        return _FoundCamera(request.camera, Basis.CHOSEN)
    size = image_size(layers.info)
    if described is not None:
        return _camera_of_file(described.camera, size, layers)
    then = None if request.filepath else rendered_camera(context.scene, shot, size)
    if then is not None:
        changed = _has_changed(then, context, evaluator, shot)
        return _FoundCamera(then, Basis.RENDER, (Note(CAMERA_CHANGED),) if changed else ())
    try:
        camera, notes = camera_of_shot(context, evaluator, shot, size, request.ignore_aspect)
    except (CameraError, SizeError):
        if layers.position is None:
            raise
        return _FoundCamera(None, Basis.SCENE)
    return _FoundCamera(camera, Basis.SCENE, notes)


def _camera_of_file(camera: Camera, size: tuple[int, int], layers: Layers) -> _FoundCamera:
    try:
        fitted = camera_for_image(camera, size)
    except SizeError as error:
        if layers.position is None:
            raise SizeError(f"{error} Camera From > Scene takes the scene's.") from error
        return _FoundCamera(None, Basis.FILE)
    rendered = (camera.lens.width, camera.lens.height)
    notes = (Note(SCALED.format(*size, *rendered)),) if rendered != size else ()
    return _FoundCamera(fitted, Basis.FILE, notes)


def _has_changed(
    then: Camera, context: bpy.types.Context, evaluator: FrameEvaluator, shot: Shot
) -> bool:
    """Whether the scene's camera now differs from the camera that rendered."""
    size = (then.lens.width, then.lens.height)
    try:
        now, _ = camera_of_shot(context, evaluator, shot, size, False)
    except (CameraError, SizeError):
        return True
    return not same_camera(then, now)
