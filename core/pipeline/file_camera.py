"""The camera that a file itself describes, so that no scene is needed."""

from __future__ import annotations

import os
from collections.abc import Mapping

from ..cameras.camera import Camera
from ..cameras.exr_matrices import camera_from_exr_matrices
from ..depth.image import DepthKind
from ..errors import CameraError, SizeError
from ..exr.header import Matrix
from ..exr.layers import FileInfo
from ..exr.shot_metadata import ShotMetadata, ViewShot
from ..exr.sidecar import shot_metadata_of
from ..files.reader import read_info
from ..support.aspect import same_aspect
from .shot import Basis, Shot, ShotBasis

WORLD_TO_CAMERA, WORLD_TO_NDC = "worldToCamera", "worldToNDC"


def camera_of_file(path: str | os.PathLike[str], view: str = "") -> Camera:
    """Read the camera that took an image from its file.

    Parameters
    ----------
    path : path
        OpenEXR file, of a render with Describe Renders on, or with the attributes
        ``worldToCamera`` and ``worldToNDC``.
    view : str
        Stereo view; may be empty if there is only one, or if the file's name says it.

    Returns
    -------
    Camera
        Its lens has the image's size.

    Raises
    ------
    FileError
        The file cannot be read.
    CameraError
        It describes no camera, or one that is damaged, or not of this view.
    SizeError
        The image has another aspect than the camera.
    """
    info = read_info(path)
    metadata = shot_metadata_of(info)
    if metadata is not None:
        return camera_for_image(metadata.view_shot(view, info.path).camera, image_size(info))
    camera = camera_of_matrices(info.matrices, image_size(info), view)
    if camera is None:
        raise CameraError(
            f"{info.path} does not describe its camera: render it with Describe Renders on, or "
            "pass a Camera."
        )
    return camera


def camera_of_matrices(
    matrices: Mapping[str, Mapping[str, Matrix]], size: tuple[int, int], view: str = ""
) -> Camera | None:
    """The camera of the attributes worldToCamera and worldToNDC; None where they are missing.

    Parameters
    ----------
    matrices : mapping of str to mapping of str to Matrix
        As of `FileInfo`: by the name of the view, and by their own.
    size : tuple of int
        Width and height of the image.
    view : str
        May be empty if only one view has them.

    Raises
    ------
    CameraError
        As of `camera_from_exr_matrices`; or several views have them, and none is chosen.
    """
    if not view:
        view = _only_view(matrices)
    found = {**matrices.get("", {}), **matrices.get(view, {})}
    if not _has_both(found):
        return None
    return camera_from_exr_matrices(found[WORLD_TO_CAMERA], found[WORLD_TO_NDC], *size)


def _only_view(matrices: Mapping[str, Mapping[str, Matrix]]) -> str:
    """The only view whose matrices give a camera, if not those of the whole file do."""
    if _has_both(matrices.get("", {})):
        return ""
    views = [view for view, found in matrices.items() if view and _has_both(found)]
    if len(views) > 1:
        raise CameraError(
            f"The file has worldToCamera and worldToNDC for the views {', '.join(views)}, and no "
            "view is chosen: choose one of them."
        )
    return views[0] if views else ""


def _has_both(found: Mapping[str, Matrix]) -> bool:
    return WORLD_TO_CAMERA in found and WORLD_TO_NDC in found


def camera_for_image(camera: Camera, size: tuple[int, int]) -> Camera:
    """A file's camera for its image, which may have been scaled to this size since.

    Raises
    ------
    SizeError
        The image has another aspect than the camera.
    """
    rendered = (camera.lens.width, camera.lens.height)
    if rendered == size:
        return camera
    if not same_aspect(rendered, size):
        raise SizeError(
            "The image is {} x {} pixels, and its metadata says it was rendered as {} x {}, which "
            "is another aspect: use the file as it was rendered, or another camera.".format(
                *size, *rendered
            )
        )
    return camera.resized(*size)


def image_size(info: FileInfo) -> tuple[int, int]:
    """Width and height of the whole image."""
    return info.display_window.width, info.display_window.height


def shot_of_metadata(metadata: ShotMetadata, view: ViewShot, kind: DepthKind | None = None) -> Shot:
    """The shot of a view that a file describes; the kind of its depth may be chosen otherwise."""
    return Shot(
        kind=kind or view.kind,
        clip=view.clip,
        camera_name=view.camera_name,
        engine=metadata.engine,
        view=view.view,
        frame=metadata.frame,
        basis=ShotBasis(
            camera=Basis.FILE,
            pose=Basis.FILE,
            frame=Basis.FILE,
            engine=Basis.FILE,
            kind=Basis.CHOSEN if kind else Basis.FILE,
            unit=Basis.FILE,
        ),
    )
