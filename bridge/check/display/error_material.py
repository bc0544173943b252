"""The material that shows the errors of a check on the object that was checked."""

from __future__ import annotations

import math

import bpy
import numpy as np

from ....compat import new_node_tree, set_modifier_input
from ....core.support.srgb import from_srgb
from ...nodes.point_display import POINT_DISPLAY
from ...scene.provenance import mark_as_ours
from .colors import NOT_COMPARED, viridis
from .pictures import ERROR, ERROR_SCALE

_BEFORE = "material_before_check"
"""Custom property of an object that shows its errors: its own material."""

_STOPS = 16


def shows_error(item: bpy.types.Object) -> bool:
    """Whether an object shows its errors."""
    return _BEFORE in item  # type: ignore[operator]  # custom properties


def show_error(item: bpy.types.Object, shown: bool) -> None:
    """Show the errors of an object that was checked, or its own material again."""
    if shown == shows_error(item) or (shown and item.get(ERROR_SCALE) is None):
        return
    materials = item.data.materials
    if shown:
        # A pointer counts as a user, so that saving keeps the material.
        item[_BEFORE] = (materials[0] if materials else None) or ""
        material = _new_material(*item[ERROR_SCALE])
    else:
        before = item[_BEFORE]
        material = before if isinstance(before, bpy.types.Material) else None
        del item[_BEFORE]
    made = materials[0] if materials and not shown else None
    if material is None:
        materials.clear()
    elif materials:
        materials[0] = material
    else:
        materials.append(material)
    if made is not None and not made.users:
        bpy.data.materials.remove(made)
    for modifier in item.modifiers:
        if modifier.type == "NODES" and modifier.node_group.name == POINT_DISPLAY.name:
            set_modifier_input(modifier, "Material", material)
            item.update_tag()


def _new_material(low: float, high: float) -> bpy.types.Material:
    """Colors of the attribute by its logarithm, unlit; gray where it is negative."""
    material = bpy.data.materials.new("Depth Error")
    mark_as_ours(material, "Depth Error")
    nodes, links = new_node_tree(material).nodes, material.node_tree.links
    nodes.clear()
    attribute, logarithm, share, ramp, color, missing, gray, mix, output = (
        nodes.new(f"ShaderNode{name}")
        for name in (
            "Attribute", "Math", "MapRange", "ValToRGB", "Emission",
            "Math", "Emission", "MixShader", "OutputMaterial",
        )
    )  # fmt: skip
    for index, node in enumerate(nodes):
        node.location.x = 200 * index
    attribute.attribute_name = ERROR
    logarithm.operation, logarithm.inputs[1].default_value = "LOGARITHM", math.e
    share.inputs["From Min"].default_value = math.log(low)
    share.inputs["From Max"].default_value = math.log(high)
    _fill(ramp.color_ramp)
    missing.operation, missing.inputs[1].default_value = "LESS_THAN", 0.0
    gray.inputs["Color"].default_value = (*from_srgb(NOT_COMPARED), 1.0)
    for source, target in (
        (attribute.outputs["Fac"], logarithm.inputs[0]),
        (logarithm.outputs[0], share.inputs["Value"]),
        (share.outputs["Result"], ramp.inputs["Fac"]),
        (ramp.outputs["Color"], color.inputs["Color"]),
        (attribute.outputs["Fac"], missing.inputs[0]),
        (missing.outputs[0], mix.inputs[0]),
        (color.outputs[0], mix.inputs[1]),
        (gray.outputs[0], mix.inputs[2]),
        (mix.outputs[0], output.inputs["Surface"]),
    ):
        links.new(source, target)
    return material


def _fill(ramp: bpy.types.ColorRamp) -> None:
    positions = np.linspace(0.0, 1.0, _STOPS)
    colors = from_srgb(viridis(positions))
    elements = ramp.elements
    while len(elements) < _STOPS:
        elements.new(len(elements) / _STOPS)
    for element, position, color in zip(elements, positions, colors, strict=True):
        element.position = position
        element.color = (*color, 1.0)  # type: ignore[assignment]  # arrays are set from tuples
