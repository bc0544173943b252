"""What viewport and render show differently: objects in one alone, or in another shape."""

from __future__ import annotations

from collections.abc import Iterator

import bpy

from ..scene.provenance import is_ours

_LEVELS = {"SUBSURF": ("levels", "render_levels"), "MULTIRES": ("levels", "render_levels")}


class Visibility:
    """Which objects of an evaluated scene renders show, and which they show differently.

    Parameters
    ----------
    depsgraph : bpy.types.Depsgraph
        Of the viewport, evaluated.
    """

    def __init__(self, depsgraph: bpy.types.Depsgraph) -> None:
        self._scene = depsgraph.scene.original
        self._shown_by = _objects_in_rendered_collections(self._scene)

    def renders(self, instance: bpy.types.DepsgraphObjectInstance) -> bool:
        """Whether a render shows an instance that the viewport shows."""
        shown = instance.object.original
        owner = instance.parent.original if instance.is_instance and instance.parent else shown
        if is_ours(owner) or is_ours(shown):
            return False
        return not owner.hide_render and owner.name in self._shown_by and owner.visible_camera

    def differing(self) -> set[str]:
        """Names of objects whose shape in a render is another one than in the viewport."""
        simplified = _simplify_differs(self._scene.render)
        return {
            item.name
            for item in self._scene.objects
            if any(_modifier_differs(each, simplified) for each in item.modifiers)
            or any(_is_displaced(slot.material) for slot in item.material_slots)
        }

    def rendered_only(self, view_layer: bpy.types.ViewLayer) -> Iterator[bpy.types.Object]:
        """Objects that renders show and the viewport hides."""
        for item in self._scene.objects:
            if item.hide_render or item.name not in self._shown_by or is_ours(item):
                continue
            if item.type in {"MESH", "CURVE", "FONT", "SURFACE", "META", "CURVES"} and (
                not item.visible_get(view_layer=view_layer)
            ):
                yield item


def _objects_in_rendered_collections(scene: bpy.types.Scene) -> set[str]:
    """Names of the objects that no collection hides in renders."""
    names: set[str] = set()
    pending = [scene.collection]
    while pending:
        collection = pending.pop()
        if collection.hide_render:
            continue
        names.update(item.name for item in collection.objects)
        pending += collection.children
    return names


def _simplify_differs(render: bpy.types.RenderSettings) -> bool:
    if not render.use_simplify:
        return False
    return bool(render.simplify_subdivision != render.simplify_subdivision_render)


def _modifier_differs(modifier: bpy.types.Modifier, simplified: bool) -> bool:
    if modifier.show_viewport != modifier.show_render:
        return True
    if not modifier.show_render:
        return False
    if modifier.type not in _LEVELS:
        return False
    viewport, render = (getattr(modifier, name) for name in _LEVELS[modifier.type])
    return simplified or viewport != render


def _is_displaced(material: bpy.types.Material | None) -> bool:
    """Whether Cycles moves the surface when it renders."""
    if material is None or material.node_tree is None:
        return False
    if getattr(material, "displacement_method", "BUMP") == "BUMP":
        return False
    outputs = (node for node in material.node_tree.nodes if node.type == "OUTPUT_MATERIAL")
    return any(node.inputs["Displacement"].is_linked for node in outputs)
