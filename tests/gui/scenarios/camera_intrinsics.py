"""The Camera tab's intrinsics: look at them, set them in the dialog, copy them, and undo."""

import bpy

ROW = 21
"""Pixels from one row of a panel to the next, at scale 1."""


def show_camera_tab(ui):
    """The Properties editor at the Camera tab, with the camera active."""
    camera = bpy.context.scene.camera
    for item in bpy.context.selected_objects:
        item.select_set(False)
    camera.select_set(True)
    bpy.context.view_layer.objects.active = camera
    area = ui.area("PROPERTIES")
    area.spaces.active.context = "DATA"
    area.tag_redraw()
    return area


def run(ui):
    camera = bpy.context.scene.camera
    scale = bpy.context.preferences.system.ui_scale
    area = show_camera_tab(ui)
    bpy.ops.ed.undo_push(message="Prepared")
    region = ui.region(area)
    yield 1.0
    clip_end = yield from ui.find_property(area, region, "clip_end")
    yield from ui.click(region.x + 60, clip_end[1] - 1.6 * ROW * scale)
    yield 0.5
    ui.screenshot("panel")
    numbers = camera.data.depth_intrinsics
    out = {"before": [numbers.fx, numbers.cx, numbers.width]}

    button = yield from ui.find_operator(area, region, "depth.camera_from_intrinsics")
    yield from ui.click(*button)
    yield 0.7
    ui.screenshot("dialog")
    ui.press("RET", *button)
    yield 0.7
    out["after_enter"] = [numbers.fx, numbers.cx, numbers.width]
    out["sensor_fit"] = camera.data.sensor_fit
    out["cameras"] = len(bpy.data.cameras)
    yield from ui.key("Z", ui.region(ui.area("VIEW_3D")), ctrl=True)
    yield 0.3
    out["sensor_fit_after_undo"] = bpy.context.scene.camera.data.sensor_fit

    yield from ui.click(button[0], button[1] - 1.2 * ROW * scale)
    yield 0.5
    ui.screenshot("menu")
    yield from ui.click(button[0], button[1] - 2.5 * ROW * scale)
    yield 0.5
    out["copied"] = bpy.context.window_manager.clipboard
    ui.screenshot("copied")

    camera = bpy.context.scene.camera
    bpy.context.scene.render.engine = "CYCLES"
    camera.data.type = "PANO"
    area.tag_redraw()
    yield 0.5
    ui.screenshot("panorama")

    viewport = ui.region(ui.area("VIEW_3D"))
    yield from ui.key("F3", viewport)
    yield 0.3
    ui.write("intrinsics")
    yield 0.5
    ui.screenshot("search")
    ui.press("ESC", *ui.center(viewport))
    yield 0.3
    yield from ui.key("F3", viewport)
    yield 0.3
    ui.write("camera from intr")
    yield 0.5
    ui.press("RET", *ui.center(viewport))
    yield 0.7
    ui.screenshot("from_menu")
    ui.press("ESC", *ui.center(viewport))
    yield 0.3
    out["cameras_after_escape"] = len(bpy.data.cameras)
    for name, given in (
        ("text", {"source": "TEXT"}),
        ("pose", {"pose": "CAMERA_TO_WORLD"}),
        ("file_browser", {"source": "FILE"}),
    ):
        ui.move(*ui.center(viewport))
        with bpy.context.temp_override(window=ui.window, area=ui.area("VIEW_3D"), region=viewport):
            bpy.ops.depth.camera_from_intrinsics("INVOKE_DEFAULT", **given)
        yield 1.0
        ui.screenshot(name)
        ui.press("ESC", *ui.center(viewport))
        yield 0.5
    camera.data.type = "PERSP"  # which has intrinsics to start from
    ui.move(*ui.center(viewport))
    with bpy.context.temp_override(window=ui.window, area=ui.area("VIEW_3D"), region=viewport):
        bpy.ops.depth.camera_from_intrinsics("INVOKE_DEFAULT", target="NEW", sensor_width=24.0)
    yield 1.0
    known = set(bpy.data.cameras)
    ui.press("RET", *ui.center(viewport))
    yield 0.7
    out["sensor_widths"] = [each.sensor_width for each in set(bpy.data.cameras) - known]
    return out
