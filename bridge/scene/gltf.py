"""Write surfaces as glTF with Blender's exporter."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

import bpy
import numpy as np

from ...core.errors import ExportError
from ...core.support.replacing import replacing
from ...core.support.srgb import srgb_bytes
from .read_back import in_rec709


def write_gltf(context: bpy.types.Context, item: bpy.types.Object, path: str | Path) -> None:
    """Write one object as binary glTF, unlit like its material.

    An older file is replaced only once the new one is complete.

    Raises
    ------
    ExportError
        The exporter is disabled or fails, or the object is hidden, cannot be selected, or has no
        faces.
    FileError
        The file cannot be written.
    """
    if not hasattr(bpy.types, "EXPORT_SCENE_OT_gltf"):
        raise ExportError(
            "Blender's glTF exporter is disabled: enable Preferences > Add-ons > glTF 2.0 format, "
            "or choose PLY."
        )
    if item.type != "MESH" or not item.data.polygons:
        raise ExportError(
            f"{item.name} has no faces, and glTF is for surfaces: reconstruct a surface, or choose "
            "PLY, which holds points."
        )
    if not item.visible_get():
        raise ExportError(
            f"{item.name} is hidden, and the glTF exporter leaves out hidden objects: show it "
            "(Alt H)."
        )
    with replacing(path) as temporary, _only_selected(context, item), _exported_unlit(item):
        temporary.touch()  # fails if the folder is missing, which the exporter would create
        try:
            bpy.ops.export_scene.gltf(
                filepath=str(temporary),
                export_format="GLB",
                use_selection=True,
                use_active_scene=True,
                export_current_frame=True,  # else it goes to frame 0, and stays there on failure
                export_all_vertex_colors=False,
                export_animations=False,
            )
        except RuntimeError as error:
            raise _cause_of(error) from error


def _cause_of(error: RuntimeError) -> OSError | ExportError:
    """Find the error in a report of the exporter, which contains a whole traceback."""
    text = str(error)
    system_error = re.search(r"^\w+: \[Errno (\d+)\] ([^:\n]+)", text, re.MULTILINE)
    if system_error:
        return OSError(int(system_error[1]), system_error[2])
    lines = [line for line in text.splitlines() if line and not line.startswith("Location:")]
    return ExportError(
        f"Blender's glTF exporter failed ({lines[-1]}), expected a file: look at its messages in "
        "the system console, or choose PLY."
    )


@contextlib.contextmanager
def _only_selected(context: bpy.types.Context, item: bpy.types.Object) -> Iterator[None]:
    """Select only the object, and restore the selection at the end."""
    before = [each.name for each in context.selected_objects]
    for each in context.selected_objects:
        each.select_set(False)
    item.select_set(True)
    try:
        if not item.select_get():
            raise ExportError(
                f"{item.name} cannot be selected, and the glTF exporter writes what is selected: "
                "make it and its collections selectable in the Outliner."
            )
        yield
    finally:
        item.select_set(False)
        for name in before:
            context.view_layer.objects[name].select_set(True)


@contextlib.contextmanager
def _exported_unlit(item: bpy.types.Object) -> Iterator[None]:
    """Change materials to what the exporter writes as unlit, and restore them at the end.

    It writes Background nodes as unlit, but Emission nodes as a glow on black, without the colors
    of vertices:
    https://docs.blender.org/manual/en/latest/addons/import_export/scene_gltf2.html#shadeless
    """
    trees = {each.node_tree for each in item.data.materials if each and each.node_tree}
    with contextlib.ExitStack() as restored:
        for tree in trees:
            for node in list(tree.nodes):
                if node.type == "EMISSION":
                    restored.enter_context(_emission_as_background(tree, node))
                elif node.type == "TEX_IMAGE" and node.image and node.image.is_float:
                    restored.enter_context(_image_as_bytes(node))
        yield


@contextlib.contextmanager
def _emission_as_background(tree: bpy.types.NodeTree, emission: bpy.types.Node) -> Iterator[None]:
    """Replace an Emission node by a Background node, and restore it at the end."""
    ends = [link.to_socket for link in emission.outputs["Emission"].links]
    background = tree.nodes.new("ShaderNodeBackground")
    for name in ("Color", "Strength"):
        source, target = emission.inputs[name], background.inputs[name]
        target.default_value = source.default_value
        for link in source.links:
            tree.links.new(link.from_socket, target)
    for end in ends:
        tree.links.new(background.outputs["Background"], end)
    try:
        yield
    finally:
        for end in ends:
            tree.links.new(emission.outputs["Emission"], end)
        tree.nodes.remove(background)


@contextlib.contextmanager
def _image_as_bytes(texture: bpy.types.Node) -> Iterator[None]:
    """Replace an image of linear floats by one of sRGB bytes, which glTF needs for textures.

    The exporter would write the linear numbers without a conversion.
    """
    image = texture.image
    values = np.empty(len(image.pixels), np.float32)
    image.pixels.foreach_get(values)
    pixels = values.reshape(-1, 4)
    pixels[:, :3] = srgb_bytes(in_rec709(pixels)[:, :3]) / np.float32(255)
    copy = bpy.data.images.new(image.name, *image.size, alpha=True)
    try:
        copy.alpha_mode = "CHANNEL_PACKED"
        copy.pixels.foreach_set(values)  # type: ignore[arg-type]  # arrays work
        texture.image = copy
        yield
    finally:
        texture.image = image
        bpy.data.images.remove(copy)
