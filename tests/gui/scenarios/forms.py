"""Show the demo's render as points, as a surface, and as a point cloud, from another side."""

import subprocess
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


def is_drawn(ui, area, name):
    """Whether the viewport shows colors; Blender compiles the shaders beside."""
    region = ui.region(area)
    ui.screenshot(name)
    top = ui.window.height - region.y - region.height
    middle = f"{region.width // 2}x{region.height // 2}+{region.x + region.width // 4}+{top + 200}"
    command = [
        "convert", ui.results / f"{name}.png", "-crop", middle, "-colorspace", "HSL",
        "-channel", "G", "-separate", "-format", "%[fx:mean]", "info:",
    ]  # fmt: skip
    saturation = subprocess.run(command, capture_output=True, check=True).stdout
    return float(saturation) > 0.07


def wait(ui, area, name, drawn):
    for _ in range(30):
        area.tag_redraw()
        yield 1.0
        if is_drawn(ui, area, name) == drawn:
            return
    raise TimeoutError(f"{name}.png does not show what it should")


def run(ui):
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    yield 1.0
    scene = demo.build_scene()
    demo.WIDTH, demo.HEIGHT = 480, 270
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
        yield from wait(ui, area, output.lower(), True)
        data = made.data
        points = data.points if made.type == "POINTCLOUD" else data.vertices
        faces = len(data.polygons) if made.type == "MESH" else 0
        outcome[output] = made.type, len(points), faces
        made.hide_set(True)
        yield from wait(ui, area, "empty", False)
    return outcome
