"""Choose Surface in the sidebar, make one of the render, and look at it from the side."""

import bpy
from mathutils import Quaternion


def prepare():
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 16
    scene.cycles.use_denoising = False
    scene.render.resolution_x, scene.render.resolution_y = 640, 360
    bpy.ops.mesh.primitive_monkey_add(location=(2.2, 0.5, 0.6), rotation=(0.0, 0.0, 0.9))
    bpy.ops.mesh.primitive_plane_add(size=14, location=(0, 0, -1))
    bpy.context.preferences.view.render_display_type = "NONE"
    scene.reconstruct_from_depth.output = "SURFACE"
    scene.reconstruct_from_depth.surface_material = "RENDER"


def run(ui):
    prepare()
    before = len(bpy.data.objects)
    area = ui.area("VIEW_3D")
    region = yield from ui.sidebar(area, "Depth")
    yield 0.5
    ui.screenshot("options")
    render = yield from ui.find_operator(area, region, "depth.render_and_reconstruct")
    yield from ui.click(*render)
    yield from ui.until(lambda: len(bpy.data.objects) > before, "the surface", 60)
    made = bpy.context.object
    for other in list(bpy.data.objects):
        if other.type == "MESH" and other is not made:
            bpy.data.objects.remove(other)
    space = area.spaces.active
    space.shading.light, space.shading.color_type = "FLAT", "TEXTURE"
    view = space.region_3d
    view.view_perspective = "PERSP"
    view.view_rotation = Quaternion((0.73, 0.55, 0.24, 0.32))
    view.view_location, view.view_distance = (0.5, 0.5, 0.0), 11.0
    area.tag_redraw()
    yield 2.0
    ui.screenshot("surface")
    return {
        "faces": len(made.data.polygons),
        "packed": [each.name for each in bpy.data.images if each.packed_file],
    }
