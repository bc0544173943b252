"""Disable and enable the extension in a window, with picks there and the tool active."""

import addon_utils
import bpy
from picking import fit, image_editor, picks, place_of

SIZE = 320, 180
PACKAGE = "bl_ext.user_default.reconstruct_from_depth"


def tool():
    return bpy.context.workspace.tools.from_space_image_mode("VIEW", create=False).idname


def run(ui):
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 1
    scene.cycles.use_denoising = False
    scene.render.resolution_x, scene.render.resolution_y = SIZE
    scene.view_layers[0].use_pass_z = True
    bpy.ops.mesh.primitive_plane_add(size=14, location=(0, 0, -1))
    bpy.context.preferences.view.render_display_type = "NONE"
    bpy.ops.render.render()
    area = yield from image_editor(ui, bpy.data.images["Render Result"])
    region = ui.region(area)
    yield from ui.sidebar(area, "Depth")
    yield from ui.sidebar(ui.area("VIEW_3D"), "Depth")
    with bpy.context.temp_override(window=ui.window, area=area, region=region):
        bpy.ops.wm.tool_set_by_id(name="depth.pick_tool")
    fit(ui, area)
    yield 0.5
    yield from ui.click(*place_of(ui, area, 160, 90, SIZE))
    before = [pick.point_data for pick in picks()]
    out = {"tool": [tool()], "count": len(before)}
    addon_utils.disable(PACKAGE)
    yield 0.5
    ui.move(*place_of(ui, area, 100, 100, SIZE))
    yield 0.5
    yield from ui.click(*place_of(ui, area, 100, 100, SIZE))
    out["tool"].append(tool())
    ui.screenshot("disabled")
    addon_utils.enable(PACKAGE)
    yield 0.5
    out["kept"] = [pick.point_data for pick in picks()] == before
    with bpy.context.temp_override(window=ui.window, area=area, region=region):
        bpy.ops.wm.tool_set_by_id(name="depth.pick_tool")
    yield from ui.click(*place_of(ui, area, 100, 120, SIZE))
    out["tool"].append(tool())
    out["again"] = len(picks())
    ui.screenshot("enabled")
    return out
