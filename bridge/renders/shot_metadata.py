"""How a frame is being rendered, from the scene and its depsgraph of the render."""

from __future__ import annotations

import hashlib
import itertools
import struct

import bpy

from ...core.depth.clipping import ClipRange
from ...core.exr.shot_metadata import ShotMetadata, ViewShot
from ..cameras.from_object import camera_from_object, depth_kind_of
from ..cameras.lens import CYCLES
from ..cameras.stereo import camera_of_view, rendered_views

_GEOMETRY = frozenset(
    {"MESH", "CURVE", "SURFACE", "META", "FONT", "CURVES", "POINTCLOUD", "VOLUME"}
)
_HASH = struct.Struct("<q")

MOST_OBJECTS = 500
"""Objects that the fingerprint looks into, which takes about 1 ms."""


def shot_metadata(scene: bpy.types.Scene, depsgraph: bpy.types.Depsgraph) -> ShotMetadata | None:
    """Describe the frame that is being rendered, with all of its views; None without a camera.

    Parameters
    ----------
    scene : bpy.types.Scene
    depsgraph : bpy.types.Depsgraph
        The render's, at the frame.

    Raises
    ------
    CameraError
        The lens of a view has no model.
    """
    if scene.camera is None:
        return None
    render = scene.render
    return ShotMetadata(
        views=tuple(_view_shot(scene, depsgraph, view) for view in rendered_views(render)),
        engine=render.engine,
        frame=scene.frame_current,
        subframe=scene.frame_subframe,
        has_motion_blur=render.use_motion_blur,
        unit_scale=scene.unit_settings.scale_length,
        blender_version=bpy.app.version_string,
        fingerprint=geometry_fingerprint(depsgraph),
    )


def _view_shot(scene: bpy.types.Scene, depsgraph: bpy.types.Depsgraph, view: str) -> ViewShot:
    engine = scene.render.engine
    camera_object = camera_of_view(scene.camera, scene, view)
    data = camera_object.evaluated_get(depsgraph).data
    kind = depth_kind_of(camera_object, engine)
    return ViewShot(
        view=view,
        suffix=scene.render.views[view].file_suffix if view else "",
        camera_name=camera_object.name,
        camera=camera_from_object(scene.camera, scene, depsgraph, view=view),
        clip=ClipRange(data.clip_start, data.clip_end, kind, engine != CYCLES),
        has_depth_of_field=data.dof.use_dof,
    )


def geometry_fingerprint(depsgraph: bpy.types.Depsgraph) -> str:
    """16 hexadecimal digits that change with the geometry that a depsgraph holds.

    It sees objects that are added, removed, renamed, moved, or replaced, and of meshes the number
    of vertices and the places of the first, the middle, and the last one after all modifiers. It
    does not see instances, a deformation that leaves those three vertices where they are, or what
    happens inside curves, volumes, and point clouds. Materials and lights do not count. Of more
    than :data:`MOST_OBJECTS` objects it sees the number, and as many of them, evenly chosen.
    """
    count = len(depsgraph.objects)
    step = max(1, -(-count // MOST_OBJECTS))
    digest = hashlib.blake2b(b"%d" % count, digest_size=8)
    for item in itertools.islice(depsgraph.objects, 0, None, step):
        if item.type not in _GEOMETRY:
            continue
        digest.update(item.name_full.encode("utf-8", "surrogatepass"))
        digest.update(_HASH.pack(hash(item.matrix_world.copy().freeze())))
        if item.type == "MESH":
            vertices = item.data.vertices
            count = len(vertices)
            digest.update(_HASH.pack(count))
            for index in (0, count // 2, count - 1) if count else ():
                digest.update(_HASH.pack(hash(vertices[index].co.copy().freeze())))
    return digest.hexdigest()
