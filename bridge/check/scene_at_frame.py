"""A scene with all its objects as it is at another frame, while the scene stays at its own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import bpy

MOST_OBJECTS, MOST_VERTICES = 100, 100_000
"""Beyond these another frame is not evaluated without being asked."""

_SIMULATIONS = frozenset(
    {"CLOTH", "COLLISION", "DYNAMIC_PAINT", "EXPLODE", "FLUID", "OCEAN", "PARTICLE_INSTANCE",
     "PARTICLE_SYSTEM", "SOFT_BODY", "MESH_SEQUENCE_CACHE", "NODES"}
)  # fmt: skip
"""Modifiers whose cost at another frame is not known."""


def is_cheap(context: bpy.types.Context) -> bool:
    """Whether going to another frame costs some hundredths of a second at most."""
    scene = context.scene
    if len(scene.objects) > MOST_OBJECTS or scene.rigidbody_world is not None:
        return False
    if any(each.type in _SIMULATIONS for item in scene.objects for each in item.modifiers):
        return False
    instances = context.evaluated_depsgraph_get().object_instances
    meshes = (each.object.data for each in instances if each.object.type == "MESH")
    return sum(len(mesh.vertices) for mesh in meshes) <= MOST_VERTICES


@contextlib.contextmanager
def scene_at_frame(context: bpy.types.Context, frame: int) -> Iterator[bpy.types.Depsgraph]:
    """Evaluate the scene at a frame: as it is at the present one, else by a temporary copy.

    The copy holds the same objects, evaluated anew, so it costs what going to that frame costs.
    What the user changed without keying it stays.
    """
    scene = context.scene
    if frame == scene.frame_current:
        yield context.evaluated_depsgraph_get()
        return
    copy = scene.copy()
    try:
        copy.frame_set(frame)
        layer = copy.view_layers[context.view_layer.name]
        yield layer.depsgraph
    finally:
        bpy.data.scenes.remove(copy)
