"""Surfaces as meshes: faces, the UV map of the render, and a material that shows it."""

from __future__ import annotations

from dataclasses import dataclass

import bpy
import numpy as np

from ...compat import new_node_tree, working_space
from ...core.cameras.viewpoint import Viewpoint
from ...core.depth.image import DepthImage, Window
from ...core.errors import CameraError, DepthError
from ...core.geometry.continuity import Continuity
from ...core.geometry.surface import Surface, surface_of
from ...core.support.parallel import run_on_all_cores
from ..cameras.at_frame import camera_at_frame
from ..cameras.shot import camera_object_of, camera_of_shot
from ..reconstruct.filtering import FilterCount
from ..reconstruct.points import Points
from ..sources.source import Source

UV_MAP = "UVMap"

_BLOCK_CORNERS = 1 << 18


@dataclass(frozen=True, eq=False)
class Draped:
    """A surface with its place in the render.

    Attributes
    ----------
    surface : Surface
    uvs : ndarray, shape (corners, 2), float32
        U to the right and v up, 0 to 1 over the whole image. Where the image closes across its
        right border, u goes on beyond 1.
    removed : tuple of FilterCount
        What was left out, with the points that no face uses.
    """

    surface: Surface
    uvs: np.ndarray
    removed: tuple[FilterCount, ...]


def viewpoint_of(context: bpy.types.Context, source: Source) -> Viewpoint:
    """Where the rays of an image came from, for cameras that core has no model of too."""
    if source.camera is not None:
        return Viewpoint.of(source.camera)
    size = (source.info.display_window.width, source.info.display_window.height)
    try:
        return Viewpoint.of(camera_of_shot(context, source.shot, size, True)[0])
    except CameraError:
        item = camera_object_of(context.scene, source.shot)
        with camera_at_frame(context, item, source.shot.frame) as (_, depsgraph):
            return Viewpoint(np.array(item.evaluated_get(depsgraph).matrix_world.translation))


def drape(points: Points, view: Viewpoint, continuity: Continuity, depth: DepthImage) -> Draped:
    """Join the points of a depth image to a surface; touches nothing of Blender.

    Raises
    ------
    DepthError
        No four, or three, neighbors are joined.
    """
    count = len(points.positions)
    made = surface_of(points.cloud, view, continuity)
    if not len(made.corners):
        raise DepthError(
            f"No neighbors among {count:,} points lie on one surface: raise Grazing "
            "Angle and Max Jump, lower Stride, or set Output to Points."
        )
    uvs = _uvs(made, view.turn > 0, depth.size)
    unjoined = count - len(made.cloud.points)
    added = (FilterCount("faces", unjoined, "in no face"),) if unjoined else ()
    return Draped(made, uvs, (*points.removed, *added))


def _uvs(made: Surface, wraps: bool, size: tuple[int, int]) -> np.ndarray:
    """UVs of the corners, shape (corners, 2), float32."""
    places = made.cloud.selection.pixels().astype(np.float32)
    places += np.float32(0.5)
    places /= np.array(size, np.float32)
    np.subtract(np.float32(1.0), places[:, 1], out=places[:, 1])
    pairs = places.view(np.complex64)[:, 0]  # both at once
    uvs = np.empty((len(made.corners), 2), np.float32)
    target = uvs.view(np.complex64)[:, 0]

    def fill(index: int) -> None:
        block = slice(index * _BLOCK_CORNERS, (index + 1) * _BLOCK_CORNERS)
        np.take(pairs, made.corners[block], out=target[block], mode="clip")

    run_on_all_cores(fill, -(-len(uvs) // _BLOCK_CORNERS))
    if wraps:
        split = 4 * made.quad_count
        for faces in (uvs[:split, 0].reshape(-1, 4), uvs[split:, 0].reshape(-1, 3)):
            across = np.flatnonzero(np.ptp(faces, axis=1) > 0.5)
            faces[across] += faces[across] < 0.5
    return uvs


def mesh_from_surface(name: str, draped: Draped) -> bpy.types.Mesh:
    """A new mesh with the vertices, edges, faces and UVs of a surface, in their order.

    Attributes by name cost a hundredth of `foreach_set` on edges and loops.
    """
    made = draped.surface
    triangles = len(made.triangles)
    starts = np.arange(made.quad_count + triangles, dtype=np.int32)
    starts *= 4
    starts[made.quad_count :] -= np.arange(triangles, dtype=np.int32)
    mesh = bpy.data.meshes.new(name)
    mesh.vertices.add(len(made.cloud.points))
    mesh.edges.add(len(made.edges))
    mesh.loops.add(len(made.corners))
    mesh.polygons.add(len(starts))
    mesh.polygons.foreach_set("loop_start", starts)
    for attribute, field, values in (
        ("position", "vector", made.cloud.points),
        (".edge_verts", "value", made.edges),
        (".corner_vert", "value", made.corners),
        (".corner_edge", "value", made.corner_edges),
    ):
        mesh.attributes[attribute].data.foreach_set(field, values.reshape(-1))
    mesh.uv_layers.new(name=UV_MAP, do_init=False)
    mesh.attributes[UV_MAP].data.foreach_set("vector", draped.uvs.reshape(-1))
    mesh.update()
    return mesh


def show_render(mesh: bpy.types.Mesh, name: str, pixels: np.ndarray, depth: DepthImage) -> None:
    """Give the mesh of a surface a material that shows the render, unlit.

    The image is packed: the file may be a temporary one, and Blender's shaders take no layer of a
    multilayer file.

    Parameters
    ----------
    mesh : bpy.types.Mesh
    name : str
        Of the material and the image.
    pixels : ndarray, shape (H, W, 3) or (H, W, 4)
        Linear colors of the pixels of `depth`.
    depth : DepthImage
        Says where they lie within the image.
    """
    frame = _frame(depth)
    image = bpy.data.images.new(name, frame.width, frame.height, alpha=True, float_buffer=True)
    try:
        image.colorspace_settings.name = working_space()
        image.alpha_mode = "CHANNEL_PACKED"  # else Blender would divide the colors by it
        image.pixels.foreach_set(_framed(pixels, depth.window, frame).reshape(-1))
        image.update()
        image.pack()
        material = _image_material(name, image, frame, depth.size)
    except BaseException:
        bpy.data.images.remove(image)
        raise
    mesh.materials.append(material)


def _frame(depth: DepthImage) -> Window:
    """The whole image, with the pixels beyond it that there are (overscan)."""
    (width, height), window = depth.size, depth.window
    left, top = min(window.x, 0), min(window.y, 0)
    right, bottom = max(window.x + window.width, width), max(window.y + window.height, height)
    return Window(left, top, right - left, bottom - top)


def _framed(pixels: np.ndarray, window: Window, frame: Window) -> np.ndarray:
    """The pixels in their frame, shape (height, width, 4), float32, rows from the bottom."""
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
    nodes.active = texture  # which Solid mode shows where its color is set to Texture
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
    """UVs are 0 to 1 over the image, and textures over their frame."""
    (width, height), bottom = size, frame.y + frame.height
    mapping = tree.nodes.new("ShaderNodeMapping")
    mapping.vector_type = "TEXTURE"
    mapping.location = (125, -300)
    mapping.inputs["Location"].default_value = (frame.x / width, 1.0 - bottom / height, 0.0)
    mapping.inputs["Scale"].default_value = (frame.width / width, frame.height / height, 1.0)
    tree.links.new(uv_map.outputs["UV"], mapping.inputs["Vector"])
    tree.links.new(mapping.outputs["Vector"], texture.inputs["Vector"])
