"""A scene whose objects passes distinguish, and what filters left out of its reconstruction."""

from __future__ import annotations

import bpy
import numpy as np

from tests.blender.reconstruct_scene import HEIGHT, WIDTH, pixels, prepare_scene, the_object

OBJECTS = {"Plane": 1, "Suzanne": 2, "Sphere": 3}
"""Names and pass indices."""

MATERIALS = {"Plane": "Ground", "Suzanne": "Skin", "Sphere": "Skin"}


def prepare_objects(scene: bpy.types.Scene) -> bpy.types.Scene:
    """Add indices, materials, a parent, and all passes that show them to the usual scene."""
    made = prepare_scene(scene)
    for name, index in OBJECTS.items():
        item = bpy.data.objects[name]
        material = bpy.data.materials.get(MATERIALS[name])
        material = material or bpy.data.materials.new(MATERIALS[name])
        item.pass_index, material.pass_index = index, len(MATERIALS[name])
        item.data.materials.append(material)
    bpy.data.objects["Sphere"].parent = bpy.data.objects["Plane"]
    layer = made.view_layers[0]
    for name in ("object_index", "material_index", "position"):
        setattr(layer, f"use_pass_{name}", True)
    for name in ("object", "material", "asset"):
        setattr(layer, f"use_pass_cryptomatte_{name}", True)
    return made


def used_pixels() -> np.ndarray:
    """Return which pixels the active object has points of, shape (H, W)."""
    mask = np.zeros((HEIGHT, WIDTH), bool)
    at = pixels(the_object())
    mask[at[:, 1], at[:, 0]] = True
    assert mask.sum() == len(at)
    return mask


def left_out(name: str) -> int:
    item = bpy.context.scene.reconstruct_from_depth.filter_counts.get(name)
    return item.count if item else 0
