"""Build an object in the scene from the arrays of a reconstruction."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import bpy

from ...core.pipeline.attributes import Attributes
from ...core.pipeline.options import Output
from ...core.pipeline.reconstruction import Reconstruction
from ..nodes.point_display import show_as_points
from ..scene.attributes import set_attribute, store_attributes
from ..scene.materials import activate_color, show_color, show_render
from ..scene.mesh import add_object, mesh_from_points
from ..scene.point_cloud import add_cloud, cloud_from_points
from ..scene.surface_mesh import mesh_from_surface

COLORLESS = (
    "There is no color to show on the surface: check Combined, or another color, in Passes as "
    "Attributes."
)


@dataclass(frozen=True)
class Appearance:
    """How an object looks.

    Attributes
    ----------
    name : str
        Name of the object and its data.
    show_points : bool
        Whether a modifier draws each vertex of points as a point of its pixel's size.
    render_as_texture : bool
        Whether a surface shows the render as an image, rather than the color of its vertices.
    """

    name: str
    show_points: bool
    render_as_texture: bool


def build_object(
    context: bpy.types.Context, made: Reconstruction, output: Output, look: Appearance
) -> bpy.types.Object:
    """Add an object with a reconstruction, and select and activate it.

    The caller must not hold another reference to `made`: its points, which are as large as each
    attribute, are freed once they are in the mesh.
    """
    attributes, radius = made.attributes, made.radius
    data = _new_data(look.name, made, output)
    del made
    with _removed_on_error(data):
        store_attributes(data, attributes)
        texture = f"{look.name} Render" if look.render_as_texture else ""
        _show_color(data, attributes, texture if output is Output.SURFACE else "")
        if output is Output.POINT_CLOUD:
            set_attribute(data, "radius", radius.at(attributes.depth()))
            return add_cloud(context, data)
        item = add_object(context, data)
    if output is Output.POINTS and look.show_points:
        show_as_points(item, radius)
    return item


def _new_data(
    name: str, made: Reconstruction, output: Output
) -> bpy.types.Mesh | bpy.types.PointCloud:
    if made.mapped_surface is not None:
        return mesh_from_surface(name, made.mapped_surface)
    if output is Output.POINT_CLOUD:
        return cloud_from_points(name, made.points)
    return mesh_from_points(name, made.points)


def _show_color(
    data: bpy.types.Mesh | bpy.types.PointCloud, attributes: Attributes, texture: str
) -> None:
    """Show the first color, if any: as an attribute, or as the image that `texture` names."""
    color = attributes.color()
    if color is None:
        return
    if isinstance(data, bpy.types.Mesh):
        activate_color(data, color.attribute)
        if texture:
            show_render(data, texture, color)
            return
    show_color(data, color.attribute)


@contextlib.contextmanager
def _removed_on_error(data: bpy.types.ID) -> Iterator[None]:
    """Remove the data if the body raises an error."""
    try:
        yield
    except BaseException:
        bpy.data.batch_remove([data])
        raise
