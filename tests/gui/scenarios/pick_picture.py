"""The picture of picking: a render with named picks, the same points in 3D, in both themes."""

import os

import bpy
from picking import fit, image_editor, picks, place_of

SIZE = 960, 600
NAMES = {
    "left eye": (430, 196), "right eye": (597, 192), "nose": (515, 295), "chin": (520, 425),
    "horizon": (160, 215), "floor": (250, 470),
}  # fmt: skip


def prepare():
    scene = bpy.context.scene
    bpy.data.objects.remove(bpy.data.objects["Cube"])
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 24
    scene.cycles.use_denoising = False
    scene.render.resolution_x, scene.render.resolution_y = SIZE
    scene.view_layers[0].use_pass_z = True
    bpy.ops.mesh.primitive_plane_add(size=30, location=(0, 0, -1))
    bpy.ops.mesh.primitive_monkey_add(size=3, location=(0, 0, 0.6), rotation=(-0.4, 0, 0.35))
    monkey = bpy.context.object
    monkey.modifiers.new("Smooth", "SUBSURF").render_levels = 2
    monkey.modifiers[0].levels = 2
    for polygon in monkey.data.polygons:
        polygon.use_smooth = True
    material = bpy.data.materials.new("Orange")
    material.use_nodes = True
    shader = material.node_tree.nodes["Principled BSDF"]
    shader.inputs["Base Color"].default_value = (0.8, 0.36, 0.12, 1)
    monkey.data.materials.append(material)
    camera = scene.camera
    camera.location, camera.rotation_euler = (0.6, -9.5, 3.6), (1.24, 0, 0.06)
    camera.data.lens = 50
    light = bpy.data.objects["Light"]
    light.location = (-3, -6, 7)
    light.data.energy = 2500
    bpy.context.preferences.view.render_display_type = "NONE"
    bpy.ops.render.render()


def run(ui):
    prepare()
    scene = bpy.context.scene
    yield 0.3
    area = yield from image_editor(ui, bpy.data.images["Render Result"])
    area.spaces.active.show_region_toolbar = True
    view = ui.area("VIEW_3D")
    with bpy.context.temp_override(window=ui.window, area=area, region=ui.region(area)):
        bpy.ops.wm.tool_set_by_id(name="depth.pick_tool")
    with bpy.context.temp_override(window=ui.window, area=view, region=ui.region(view)):
        bpy.ops.object.select_all(action="DESELECT")
        view.spaces.active.region_3d.view_distance = 14
    fit(ui, area)
    yield 0.5
    for name, spot in NAMES.items():
        yield from ui.click(*place_of(ui, area, *spot, SIZE))
        if picks():
            picks()[len(picks()) - 1].name = name
        yield 0.2
    yield from ui.sidebar(area, "Depth")
    region = ui.region(area)
    with bpy.context.temp_override(window=ui.window, area=area, region=region):
        bpy.ops.image.view_all(fit_view=True)
        bpy.ops.image.view_zoom_ratio(ratio=0.62)
        bpy.ops.image.view_pan(offset=(118.0, 30.0))
    scene.depth_picks.show_sight = True
    scene.depth_picks.active = 2
    ui.move(*place_of(ui, area, 700, 420, SIZE))
    yield 0.3
    ui.move(*place_of(ui, area, 690, 415, SIZE))
    yield 0.6
    ui.screenshot("picking")
    folder = bpy.utils.preset_paths("interface_theme")[0]
    light = os.path.join(folder, "Blender_Light.xml")
    with bpy.context.temp_override(window=ui.window):
        bpy.ops.script.execute_preset(
            filepath=light, menu_idname="USERPREF_MT_interface_theme_presets"
        )
    yield 0.6
    ui.screenshot("light")
    return {pick.name: pick.depth for pick in picks()}
