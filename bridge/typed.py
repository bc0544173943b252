"""Values of Blender in their own types, where the stubs of its API say less."""

from __future__ import annotations

import bpy


def scene_of(group: bpy.types.PropertyGroup) -> bpy.types.Scene:
    """The scene that stores a group of this extension's properties."""
    return group.id_data  # type: ignore[return-value]


def image_editor(context: bpy.types.Context) -> bpy.types.SpaceImageEditor:
    """The Image Editor of a context that is in one."""
    return context.space_data  # type: ignore[return-value]


def camera_data(item: bpy.types.Object) -> bpy.types.Camera:
    """The data of an object that is a camera."""
    return item.data  # type: ignore[return-value]


def size_in_pixels(image: bpy.types.Image) -> tuple[int, int]:
    """Width and height of an image; 0 if it is not loaded."""
    return tuple(image.size)  # type: ignore[arg-type, return-value]
