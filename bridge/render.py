"""From the render that is in Blender to an EXR file on disk."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from typing import Any

import bpy

from ..core.errors import DepthError, FileError
from ..core.exr import forget

RESULT = "The Render Result"
NO_RENDER = (
    "There is no finished render in the Render Result; render the image (F12), or use "
    "Render and Reconstruct, or choose an OpenEXR file as the source."
)


@contextlib.contextmanager
def changed(owner: Any, **values: Any) -> Iterator[None]:
    """Set properties of `owner` in the order given, and put them back in that order, also on error.

    Properties that this version of Blender does not have are left out.
    """
    present = {name: value for name, value in values.items() if hasattr(owner, name)}
    before = {name: getattr(owner, name) for name in present}
    try:
        for name, value in present.items():
            setattr(owner, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(owner, name, value)


def changed_to_multilayer(scene: bpy.types.Scene) -> contextlib.AbstractContextManager[None]:
    """Image settings that write every pass and view of a render, unrounded, to one file.

    One interleaved part, because a reader can pick channels out of it, and because Blender 5.0
    cannot write several parts with a pixel aspect other than 1.
    """
    return changed(
        scene.render.image_settings,
        media_type="MULTI_LAYER_IMAGE",
        file_format="OPEN_EXR_MULTILAYER",
        color_mode="RGBA",
        color_depth="32",
        exr_codec="NONE",
        use_exr_interleave=True,
        views_format="MULTIVIEW",
    )


@contextlib.contextmanager
def render_result_file(scene: bpy.types.Scene) -> Iterator[str]:
    """Path of a temporary multilayer EXR with all passes of the Render Result.

    Errors about that file, raised while it is in use, speak of the Render Result instead.

    Raises
    ------
    FileError
        Nothing has been rendered.
    """
    image = next((i for i in bpy.data.images if i.type == "RENDER_RESULT"), None)
    if image is None:
        raise FileError(NO_RENDER)
    with tempfile.TemporaryDirectory(
        prefix="reconstruct_from_depth_", ignore_cleanup_errors=True
    ) as folder:
        path = os.path.join(folder, "Render Result.exr")
        with changed_to_multilayer(scene):
            try:
                image.save_render(path, scene=scene)
            except RuntimeError as error:  # Blender's way to say that the image has no pixels
                raise FileError(NO_RENDER) from error
        try:
            yield path
        except DepthError as error:
            raise type(error)(str(error).replace(path, RESULT)) from error
        finally:
            forget(path)


@contextlib.contextmanager
def pass_enabled(scene: bpy.types.Scene, name: str) -> Iterator[None]:
    """Switch a pass, such as "use_pass_z", on in every view layer that renders.

    Names, not references, live through the body, which may last as long as a render does.
    """
    scene_name = scene.name
    missing = [layer.name for layer in scene.view_layers if layer.use and not getattr(layer, name)]
    for layer_name in missing:
        setattr(scene.view_layers[layer_name], name, True)
    try:
        yield
    finally:
        scene_now = bpy.data.scenes.get(scene_name)
        for layer_name in missing if scene_now else ():
            if layer_name in scene_now.view_layers:
                setattr(scene_now.view_layers[layer_name], name, False)
