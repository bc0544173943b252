"""The Render Result as a temporary EXR file, because Blender gives scripts none of its pixels."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator

import bpy

from ...compat import MULTILAYER
from ...core.errors import DepthError, FileError
from ...core.exr.reader import drop_cached
from ..settings import temporary_settings
from .history import is_rendering, render_result

RESULT = "The Render Result"
NO_RENDER = (
    "There is no finished render in the Render Result; render the image (F12), or use "
    "Render and Reconstruct, or choose an OpenEXR file as the source."
)
STILL_RENDERING = "The render is still running; wait for it to end, and try again."


def multilayer_settings(scene: bpy.types.Scene) -> contextlib.AbstractContextManager[None]:
    """Image settings that write every pass and view of a render, unrounded, to one file.

    The file has one interleaved part, because a reader can pick channels out of it, and because
    Blender 5.0 cannot write several parts with a pixel aspect other than 1.
    """
    return temporary_settings(
        scene.render.image_settings,
        **MULTILAYER,
        color_mode="RGBA",
        color_depth="32",
        exr_codec="NONE",
        views_format="MULTIVIEW",
    )


@contextlib.contextmanager
def render_result_file(scene: bpy.types.Scene) -> Iterator[str]:
    """Save the Render Result with all passes to a temporary multilayer EXR, and yield its path.

    Errors about that file that are raised in the body name the Render Result instead.

    Raises
    ------
    DepthError
        A render is running.
    FileError
        Nothing has been rendered, or Blender could not save it.
    """
    if is_rendering():  # a render uses the settings that saving changes
        raise DepthError(STILL_RENDERING)
    image = render_result()
    if image is None:
        raise FileError(NO_RENDER)
    path = ""
    try:
        with tempfile.TemporaryDirectory(
            prefix="reconstruct_from_depth_", ignore_cleanup_errors=True
        ) as folder:
            path = os.path.join(folder, "Render Result.exr")
            with multilayer_settings(scene):
                _save(image, path, scene)
            yield path
    except DepthError as error:
        raise type(error)(str(error).replace(path, RESULT) if path else str(error)) from error
    finally:
        drop_cached(path)


def _save(image: bpy.types.Image, path: str, scene: bpy.types.Scene) -> None:
    # Blender saves the first stereo render of a session to a separate file for each view, and only
    # then knows that the image has views.
    attempts = 2 if scene.render.use_multiview else 1
    for attempt in range(1, attempts + 1):
        try:
            image.save_render(path, scene=scene)
            return
        except RuntimeError as error:
            if "does not have any image data" in str(error):
                raise FileError(NO_RENDER) from error
            if attempt == attempts:
                raise FileError(f"The Render Result cannot be saved: {error}") from error


@contextlib.contextmanager
def depth_file(scene: bpy.types.Scene, filepath: str) -> Iterator[str]:
    """Yield the path of a file to read: the given one, or a temporary one for the Render Result.

    Parameters
    ----------
    scene : bpy.types.Scene
    filepath : str
        Empty for the Render Result; may be relative to the .blend.

    Raises
    ------
    DepthError
        For the reasons of `render_result_file`.
    """
    if filepath:
        yield bpy.path.abspath(filepath)
    else:
        with render_result_file(scene) as path:
            yield path
