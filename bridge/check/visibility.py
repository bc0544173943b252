"""What viewport and render show differently: objects in one alone, or in another shape."""

from __future__ import annotations

from collections.abc import Iterator

import bpy
import numpy as np

from ..scene.provenance import is_ours

_SHAPES = frozenset({"MESH", "CURVE", "FONT", "SURFACE", "META", "CURVES", "POINTCLOUD", "VOLUME"})
_GROWTH = 0.25
"""Part of an object's size by which modifiers that only renders show may enlarge it."""

_NO_MESH = frozenset({"CURVES", "POINTCLOUD", "VOLUME"})
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
        self._simplified = _simplify_differs(self._scene.render)
        self._shown_by = _objects_in_rendered_collections(self._scene)
        self._materials: dict[str, tuple[bool, float]] = {}

    def renders(self, instance: bpy.types.DepsgraphObjectInstance) -> bool:
        """Whether a render shows an instance that the viewport shows."""
        shown = instance.object.original
        owner = instance.parent.original if instance.is_instance and instance.parent else shown
        if is_ours(owner) or (owner is not shown and is_ours(shown)):
            return False
        return not owner.hide_render and owner.name in self._shown_by and owner.visible_camera

    def differs(self, item: bpy.types.Object) -> bool:
        """Whether an object may have another shape in renders, or may be transparent."""
        return self.look(item)[1]

    def look(self, item: bpy.types.Object) -> tuple[float | None, bool]:
        """How far an object may grow in renders, and whether it `differs` in them.

        It may grow beyond the viewport's shape by a length in units of the object, which for
        modifiers is a guess; None if the shape is the same.
        """
        moved, transparent = 0.0, item.is_holdout or item.is_shadow_catcher
        for slot in item.material_slots:
            may_be, height = self._of_material(slot.material)
            moved, transparent = max(moved, height), transparent or may_be
        growth = self._growth(item, moved)
        return growth, transparent or growth is not None

    def _growth(self, item: bpy.types.Object, moved: float) -> float | None:
        modifiers = [
            each.type for each in item.modifiers if _modifier_differs(each, self._simplified)
        ]
        if modifiers and not _LEVELS.keys() >= set(modifiers):
            return max(moved, _GROWTH * float(np.ptp(np.array(item.bound_box), axis=0).max()))
        if moved or modifiers or _is_finer_in_renders(item):
            return moved
        return None

    def _of_material(self, material: bpy.types.Material | None) -> tuple[bool, float]:
        """Whether a material may be transparent, and how far it moves the surface."""
        if material is None:
            return False, 0.0
        known = self._materials.get(material.name_full)
        if known is None:
            known = _may_be_transparent(material), _displacement(material)
            self._materials[material.name_full] = known
        return known

    def rendered_only(self, view_layer: bpy.types.ViewLayer) -> Iterator[bpy.types.Object]:
        """Objects that renders show and the viewport hides."""
        for item in self._scene.objects:
            if item.hide_render or item.name not in self._shown_by or is_ours(item):
                continue
            if item.type in _SHAPES and not item.visible_get(view_layer=view_layer):
                yield item

    def unhit_margin(self, item: bpy.types.Object, growth: float | None) -> float | None:
        """How far beyond the box of an evaluated object may lie what rays do not hit.

        In units of the object; None if rays hit all of it as renders show it.
        """
        hair = _hair_length(item)
        if growth is None and not hair and item.type not in _NO_MESH:
            return None
        return max(growth or 0.0, hair)


def _hair_length(item: bpy.types.Object) -> float:
    """How far hair of particle systems may reach beyond a mesh; 0 for no hair."""
    lengths = [
        1.5 * each.settings.hair_length
        for each in item.particle_systems
        if each.settings.type == "HAIR"
    ]
    return max(lengths, default=0.0)


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


def _is_finer_in_renders(item: bpy.types.Object) -> bool:
    """Whether a curve, a surface, or a metaball has another resolution in renders."""
    if item.type == "MESH":
        return False
    data = item.data
    if isinstance(data, bpy.types.MetaBall):
        return bool(data.render_resolution != data.resolution)
    if not isinstance(data, bpy.types.Curve):
        return False
    pairs = (("render_resolution_u", "resolution_u"), ("render_resolution_v", "resolution_v"))
    return any(getattr(data, one) not in (0, getattr(data, other)) for one, other in pairs)


def _modifier_differs(modifier: bpy.types.Modifier, simplified: bool) -> bool:
    if modifier.show_viewport != modifier.show_render:
        return True
    if not modifier.show_render:
        return False
    if modifier.type == "NODES":
        return modifier.node_group is not None and _asks_for_viewport(modifier.node_group)
    if modifier.type not in _LEVELS:
        return False
    viewport, render = (getattr(modifier, name) for name in _LEVELS[modifier.type])
    return simplified or viewport != render or _is_adaptive(modifier)


def _is_adaptive(modifier: bpy.types.Modifier) -> bool:
    """Whether Cycles subdivides by the size of a pixel; until 5.0 the object said so."""
    item = modifier.id_data
    owners = (modifier, getattr(item, "cycles", None))
    return any(getattr(owner, "use_adaptive_subdivision", False) for owner in owners)


def _displacement(material: bpy.types.Material | None) -> float:
    """How far Cycles moves the surface at most when it renders, for heights from 0 to 1."""
    if material is None or material.node_tree is None:
        return 0.0
    if getattr(material, "displacement_method", "BUMP") == "BUMP":
        return 0.0
    outputs = (node for node in material.node_tree.nodes if node.type == "OUTPUT_MATERIAL")
    if not any(node.inputs["Displacement"].is_linked for node in outputs):
        return 0.0
    nodes = (each for each in _nodes(material.node_tree) if "DISPLACEMENT" in each.type)
    return max((float(each.inputs["Scale"].default_value) for each in nodes), default=1.0)


def _asks_for_viewport(tree: bpy.types.NodeTree) -> bool:
    """Whether geometry nodes may make something else in the viewport."""
    return any(node.bl_idname == "GeometryNodeIsViewport" for node in _nodes(tree))


def _may_be_transparent(material: bpy.types.Material | None) -> bool:
    """Whether depth may be that of what lies behind the surface, or of none."""
    if material is None or material.node_tree is None:
        return False
    nodes = list(_nodes(material.node_tree))
    outputs = [node for node in nodes if node.type == "OUTPUT_MATERIAL"]
    if outputs and not any(node.inputs["Surface"].is_linked for node in outputs):
        return True
    return any(_is_transparent(node) for node in nodes)


def _is_transparent(node: bpy.types.Node) -> bool:
    if node.type in ("BSDF_TRANSPARENT", "HOLDOUT"):
        return bool(node.outputs[0].is_linked)
    if node.type != "BSDF_PRINCIPLED":
        return False
    alpha = node.inputs["Alpha"]
    return bool(alpha.is_linked or alpha.default_value < 1.0)


def _nodes(tree: bpy.types.NodeTree) -> Iterator[bpy.types.Node]:
    """The nodes of a tree and of the groups in it."""
    for node in tree.nodes:
        yield node
        if node.type == "GROUP" and node.node_tree is not None:
            yield from _nodes(node.node_tree)
