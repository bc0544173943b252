"""The camera of one image, as a file describes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from ...errors import CameraError
from ..camera import Camera

_LISTED = 5
"""Images that an error names."""


@dataclass(frozen=True, eq=False)
class DescribedCamera:
    """The camera of one image, as a file describes it.

    Attributes
    ----------
    camera : Camera
        In the world of the file. Without a pose, its matrix is the identity, so that points come
        out in camera space: +X right, +Y up, -Z forward.
    has_pose : bool
        Whether the file says where the camera stands.
    image : str
        The image's name or path, as the file has it; empty if it has none.
    name : str
        The camera's name; empty if the file has none.
    notes : tuple of str
        What was assumed where the file says nothing, as sentences.
    """

    camera: Camera
    has_pose: bool = True
    image: str = ""
    name: str = ""
    notes: tuple[str, ...] = ()


def choose_camera(cameras: Sequence[DescribedCamera], image: str = "") -> DescribedCamera:
    """The camera of an image; if there is one camera only, the image need not be named.

    Parameters
    ----------
    cameras : sequence of DescribedCamera
    image : str
        The image's path as the file has it, or as much of its end as only one image has: its
        name, or its name without the extension.

    Raises
    ------
    CameraError
        There is no such image, or more than one.
    """
    if not image and len(cameras) == 1:
        return cameras[0]
    wanted = PurePosixPath(image).parts
    found = [each for each in cameras if image and each.image == image]
    for parts_of in (_parts, _parts_without_extension):
        found = found or [
            each for each in cameras if wanted and parts_of(each.image)[-len(wanted) :] == wanted
        ]
    if len(found) == 1:
        return found[0]
    names = [f"'{each.image}'" for each in found or cameras]
    listed = ", ".join(names[:_LISTED]) + (", ..." if len(names) > _LISTED else "")
    if found:
        raise CameraError(
            f"The file has {len(found)} images called '{image}', expected one: name it by its path "
            f"as in {listed}."
        )
    what = f"none called '{image}'" if image else "no image was named"
    raise CameraError(
        f"The file has cameras of {len(cameras)} images, but {what}: choose one of {listed}."
    )


def _parts(path: str) -> tuple[str, ...]:
    return PurePosixPath(path).parts


def _parts_without_extension(path: str) -> tuple[str, ...]:
    return (*PurePosixPath(path).parts[:-1], PurePosixPath(path).stem)
