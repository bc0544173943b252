"""Fit a shot's camera to an image of another size than the scene's render."""

from __future__ import annotations

from collections.abc import Callable

import bpy

from ...core.cameras.camera import Camera
from ...core.errors import SizeError
from ...core.support.aspect import same_aspect
from ..settings import temporary_settings
from .lens import image_size


def camera_for_size(
    camera: Callable[[], Camera],
    render: bpy.types.RenderSettings,
    size: tuple[int, int],
    ignore_aspect: bool,
) -> tuple[Camera, str]:
    """Return the camera for an image of this size, and a note on how it was fitted, or "".

    Parameters
    ----------
    camera : callable
        Makes the camera for the render settings as they are when it is called.
    render : bpy.types.RenderSettings
        Its settings are changed meanwhile, and restored.
    size : tuple of int
        Width and height of the image.
    ignore_aspect : bool
        Whether an image of another aspect than the scene's render is accepted.

    Raises
    ------
    SizeError
        The image's aspect is not that of the scene's render.
    """
    present = camera()
    expected = (present.lens.width, present.lens.height)
    if expected == size:
        return present, ""
    both = _both_sizes(size, expected)
    with temporary_settings(render, use_crop_to_border=False):
        uncropped = camera()
        full = (uncropped.lens.width, uncropped.lens.height)
        if full == size:
            return uncropped, f"{both}: used the camera without the crop."
    if expected != full:
        percentage = _find_percentage(render, size, expected)
        if percentage:
            with temporary_settings(render, resolution_percentage=percentage):
                return camera(), f"{both}: used the camera at a resolution of {percentage}%."
        if same_aspect(expected, size):
            return present.resized(*size), f"{both}: scaled the border to the image's size."
    if not ignore_aspect and (expected != full or not same_aspect(_resolution(render), size)):
        raise _aspect_error(both)
    with temporary_settings(
        render,
        use_crop_to_border=False,
        resolution_x=size[0],
        resolution_y=size[1],
        resolution_percentage=100,
    ):
        return camera(), f"{both}: used the image's size."


def check_aspect(render: bpy.types.RenderSettings, size: tuple[int, int]) -> None:
    """Raise `SizeError` if `camera_for_size` would; changes nothing, so that panels may call it."""
    expected = image_size(render)
    is_cropped = render.use_border and render.use_crop_to_border
    if expected != size and not is_cropped and not same_aspect(_resolution(render), size):
        raise _aspect_error(_both_sizes(size, expected))


def _resolution(render: bpy.types.RenderSettings) -> tuple[int, int]:
    """The resolution at 100%, where nothing is rounded."""
    return render.resolution_x, render.resolution_y


def _both_sizes(size: tuple[int, int], expected: tuple[int, int]) -> str:
    return "The image is {} x {} pixels, the scene's render {} x {}".format(*size, *expected)


def _aspect_error(both: str) -> SizeError:
    return SizeError(
        f"{both}, which is another aspect: set the scene's resolution and border to those of the "
        "image, or switch Ignore Aspect on."
    )


def _find_percentage(
    render: bpy.types.RenderSettings, size: tuple[int, int], expected: tuple[int, int]
) -> int:
    """Return the resolution percentage at which the border has this size, or 0.

    The edges of a cropped image were rounded at its own resolution. Scaling the border instead
    would be off by up to a pixel.
    """
    about = render.resolution_percentage * sum(size) / sum(expected)
    for percentage in sorted(range(int(about) - 3, int(about) + 5), key=lambda p: abs(p - about)):
        if percentage > 0:
            with temporary_settings(render, resolution_percentage=percentage):
                if image_size(render) == size:
                    return percentage
    return 0
