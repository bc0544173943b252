"""The intrinsics of a camera at the scene's resolution, for the Camera tab and for scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import FloatProperty, IntProperty, PointerProperty

if TYPE_CHECKING:
    from ..core.cameras.intrinsics import Intrinsics


def _intrinsics(settings: CameraIntrinsics) -> Intrinsics | None:
    from ..bridge.cameras.lens import image_intrinsics  # It loads numpy.

    render = bpy.context.scene.render
    data: Any = settings.id_data  # a camera
    return image_intrinsics(data, render, render.engine)


def _number(name: str, title: str, description: str) -> object:
    """A property that is worked out when it is looked at; 0 if the lens has no intrinsics."""

    def get(settings: CameraIntrinsics) -> float:
        intrinsics = _intrinsics(settings)
        return getattr(intrinsics, name) if intrinsics else 0

    kind: Any = IntProperty if name in {"width", "height"} else FloatProperty
    precision = {} if kind is IntProperty else {"precision": 4}
    return kind(name=title, description=description, get=get, **precision)


class CameraIntrinsics(bpy.types.PropertyGroup):
    """The camera matrix K of the image that the scene renders by a camera, as numbers."""

    fx: _number("fx", "Focal Length X", "fx of the camera matrix, in pixels")
    fy: _number("fy", "Y", "fy of the camera matrix, in pixels")
    cx: _number(
        "cx",
        "Principal Point X",
        "cx of the camera matrix, in pixels from the left; the center of the first pixel is 0.5",
    )
    cy: _number(
        "cy",
        "Y",
        "cy of the camera matrix, in pixels from the top; the center of the first pixel is 0.5",
    )
    width: _number("width", "Image Width", "Width of the rendered image, in pixels")
    height: _number("height", "Height", "Height of the rendered image, in pixels")

    def exist(self) -> bool:
        """Whether the lens has intrinsics."""
        return _intrinsics(self) is not None


def register() -> None:
    """Hang the numbers on the data of cameras."""
    bpy.utils.register_class(CameraIntrinsics)
    bpy.types.Camera.depth_intrinsics = PointerProperty(type=CameraIntrinsics)


def unregister() -> None:
    """Take them off again."""
    del bpy.types.Camera.depth_intrinsics
    bpy.utils.unregister_class(CameraIntrinsics)
