"""Materials that show a reconstruction unlit: by a color attribute, or by the render itself."""

from __future__ import annotations

import bpy
import numpy as np

from ...compat import new_node_tree, working_space
from ...core.depth.image import DepthImage, Window
from ...core.pipeline.attributes import ColorImage
from .provenance import find_ours, mark_as_ours
from .surface_mesh import UV_MAP


def activate_color(mesh: bpy.types.Mesh, name: str) -> None:
    """Show a color attribute in Solid mode."""
    mesh.color_attributes.active_color = mesh.color_attributes[name]
    mesh.color_attributes.render_color_index = mesh.color_attributes.active_color_index


def show_color(data: bpy.types.Mesh | bpy.types.PointCloud, name: str) -> None:
    """Show a color attribute with a material that all reconstructions share."""
    material_name = f"Depth {name}"
    material = find_ours(bpy.data.materials, material_name)
    data.materials.append(material or _new_color_material(material_name, name))


def _new_color_material(name: str, attribute_name: str) -> bpy.types.Material:
    """Make the material that shows an attribute unlit."""
    material = bpy.data.materials.new(name)
    mark_as_ours(material, name)
    nodes, links = new_node_tree(material).nodes, material.node_tree.links
    nodes.clear()
    attribute = nodes.new("ShaderNodeAttribute")
    attribute.attribute_name = attribute_name
    emission = nodes.new("ShaderNodeEmission")
    emission.location.x = 200
    output = nodes.new("ShaderNodeOutputMaterial")
    output.location.x = 400
    links.new(attribute.outputs["Color"], emission.inputs["Color"])
    links.new(emission.outputs["Emission"], output.inputs["Surface"])
    return material


def show_render(mesh: bpy.types.Mesh, name: str, color: ColorImage) -> None:
    """Give the mesh of a surface a material that shows the render, unlit.

    The image is packed, because the file may be a temporary one, and because Blender's shaders
    cannot use a layer of a multilayer file.

    Parameters
    ----------
    mesh : bpy.types.Mesh
    name : str
        Name of the material and the image.
    color : ColorImage
    """
    depth = color.depth
    frame = _frame(depth)
    image = bpy.data.images.new(name, frame.width, frame.height, alpha=True, float_buffer=True)
    try:
        image.colorspace_settings.name = working_space()  # type: ignore[assignment]  # from OCIO
        image.alpha_mode = "CHANNEL_PACKED"  # else Blender would divide the colors by it
        pixels = _framed(color.pixels, depth.window, frame).reshape(-1)
        image.pixels.foreach_set(pixels)  # type: ignore[arg-type]  # arrays work
        image.update()
        image.pack()
        material = _image_material(name, image, frame, depth.size)
    except BaseException:
        bpy.data.images.remove(image)
        raise
    mesh.materials.append(material)


def _frame(depth: DepthImage) -> Window:
    """The window of the whole image and of the pixels beyond it, if there are any (overscan)."""
    (width, height), window = depth.size, depth.window
    left, top = min(window.x, 0), min(window.y, 0)
    right, bottom = max(window.x + window.width, width), max(window.y + window.height, height)
    return Window(left, top, right - left, bottom - top)


def _framed(pixels: np.ndarray, window: Window, frame: Window) -> np.ndarray:
    """Place pixels in their frame, shape (height, width, 4), float32, rows from the bottom."""
    framed = np.zeros((frame.height, frame.width, 4), np.float32)
    framed[..., 3] = 1.0
    left, top = window.x - frame.x, window.y - frame.y
    rows, columns = slice(top, top + window.height), slice(left, left + window.width)
    framed[::-1][rows, columns, : pixels.shape[2]] = pixels
    return framed


def _image_material(
    name: str, image: bpy.types.Image, frame: Window, size: tuple[int, int]
) -> bpy.types.Material:
    material = bpy.data.materials.new(name)
    nodes, links = new_node_tree(material).nodes, material.node_tree.links
    nodes.clear()
    uv_map = nodes.new("ShaderNodeUVMap")
    uv_map.uv_map = UV_MAP
    texture = nodes.new("ShaderNodeTexImage")
    texture.image = image
    nodes.active = texture  # Solid mode shows the active texture if its color is set to Texture
    emission = nodes.new("ShaderNodeEmission")
    output = nodes.new("ShaderNodeOutputMaterial")
    for index, node in enumerate((uv_map, texture, emission, output)):
        node.location.x = 250 * index
    links.new(uv_map.outputs["UV"], texture.inputs["Vector"])
    if frame != Window(0, 0, *size):
        _map_to_frame(material.node_tree, uv_map, texture, frame, size)
    links.new(texture.outputs["Color"], emission.inputs["Color"])
    links.new(emission.outputs["Emission"], output.inputs["Surface"])
    return material


def _map_to_frame(
    tree: bpy.types.NodeTree,
    uv_map: bpy.types.Node,
    texture: bpy.types.Node,
    frame: Window,
    size: tuple[int, int],
) -> None:
    """Convert UVs, which are 0 to 1 over the image, to those of the texture over its frame."""
    (width, height), bottom = size, frame.y + frame.height
    mapping = tree.nodes.new("ShaderNodeMapping")
    mapping.vector_type = "TEXTURE"
    mapping.location = (125, -300)
    mapping.inputs["Location"].default_value = (frame.x / width, 1.0 - bottom / height, 0.0)
    mapping.inputs["Scale"].default_value = (frame.width / width, frame.height / height, 1.0)
    tree.links.new(uv_map.outputs["UV"], mapping.inputs["Vector"])
    tree.links.new(mapping.outputs["Vector"], texture.inputs["Vector"])
