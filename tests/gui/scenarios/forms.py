"""Show the demo's render as points, as a surface, and as a point cloud, from another side."""

import sys
from pathlib import Path

import bpy
from mathutils import Vector

sys.path.append(str(Path(__file__).parents[3] / "scripts"))
import demo

VIEW = (-3.4, -7.6, 5.2), (0.3, 1.2, 0.6)
"""Where to look from, and at: not as the camera does."""


def look(space, start, end):
    direction = Vector(end) - Vector(start)
    region = space.region_3d
    region.view_perspective = "PERSP"
    region.view_rotation = direction.to_track_quat("-Z", "Y")
    region.view_location = end
    region.view_distance = direction.length


def run(ui):
    scene = demo.build_scene()
    yield 1.0
    demo.WIDTH, demo.HEIGHT = 640, 360
    path = demo.render(scene, ui.results / "render.exr")
    for item in scene.objects:
        item.hide_set(True)
    area = ui.area("VIEW_3D")
    space = area.spaces.active
    space.shading.type = "MATERIAL"
    space.overlay.show_overlays = False
    space.show_gizmo = False
    look(space, *VIEW)
    outcome = {}
    outputs = ["POINTS", "SURFACE"] + ["POINT_CLOUD"] * (bpy.app.version >= (4, 5))
    for output in outputs:
        bpy.ops.depth.reconstruct(filepath=str(path), output=output, show_points=output == "POINTS")
        made = bpy.context.object
        area.tag_redraw()
        yield 4.0  # shaders are compiled beside
        area.tag_redraw()
        yield 1.0
        ui.screenshot(output.lower())
        data = made.data
        points = data.points if made.type == "POINTCLOUD" else data.vertices
        faces = len(data.polygons) if made.type == "MESH" else 0
        outcome[output] = made.type, len(points), faces
        made.hide_set(True)
    return outcome
