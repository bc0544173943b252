"""The demo's render as points, as a surface, and as a point cloud, from where it was not taken."""

import sys
from pathlib import Path

import bpy
from mathutils import Euler, Matrix

sys.path.append(str(Path(__file__).parents[3] / "scripts"))
from demo_scene import build_scene

FORMS = {  # with the seconds that the viewport takes to show them
    "points": (10, {"output": "POINTS", "show_points": True}),
    "surface": (22, {"output": "SURFACE"}),
    "point_cloud": (14, {"output": "POINT_CLOUD"}),
}


def render(path):
    scene = build_scene()
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 12
    scene.cycles.use_denoising = False
    scene.render.resolution_x, scene.render.resolution_y = 768, 432
    scene.view_layers[0].use_pass_z = True
    settings = scene.render.image_settings
    if hasattr(settings, "media_type"):
        settings.media_type = "MULTI_LAYER_IMAGE"
    settings.file_format = "OPEN_EXR_MULTILAYER"
    scene.render.filepath = path
    bpy.ops.render.render(write_still=True)
    for item in scene.objects:
        item.hide_set(True)
    sky = scene.world.node_tree.nodes["Background"].inputs["Color"]
    sky.default_value = (0.02, 0.022, 0.025, 1.0)
    scene.cycles.preview_samples = 8


def look(area):
    space = area.spaces.active
    space.overlay.show_overlays = False
    space.show_gizmo = False
    space.show_region_ui = space.show_region_toolbar = False
    space.shading.type = "RENDERED"  # by Cycles, as Material Preview takes minutes without a GPU
    space.lens = 50
    view = space.region_3d
    place = Matrix.Translation((-4.2, -7.0, 5.6)) @ Euler((1.04, 0.0, -0.43)).to_matrix().to_4x4()
    view.view_perspective = "PERSP"
    view.view_matrix = place.inverted()


def run(ui):
    path = str(ui.results / "demo.exr")
    render(path)
    yield 0.5
    outcome = {}
    for name, (seconds, options) in FORMS.items():
        if name == "point_cloud" and bpy.app.version < (4, 5):
            continue
        bpy.ops.depth.reconstruct(filepath=path, **options)
        made = bpy.context.object
        area = ui.area("VIEW_3D")
        look(area)
        yield seconds
        ui.screenshot(name)
        outcome[name] = [made.type, len(getattr(made.data, "polygons", ()))]
        made.hide_set(True)
    return outcome
