"""Export through the file browser, and cancel an export with ESC."""

import bpy


def reconstruct():
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 1
    scene.cycles.use_denoising = False
    scene.render.resolution_x, scene.render.resolution_y = 1600, 900
    scene.view_layers[0].use_pass_z = True
    bpy.ops.mesh.primitive_plane_add(size=200, location=(0, 0, -1))
    bpy.context.preferences.view.render_display_type = "NONE"
    bpy.context.preferences.view.filebrowser_display_type = "SCREEN"
    bpy.ops.render.render()
    bpy.ops.depth.reconstruct()


def jobs():
    return [each.bl_idname for each in bpy.context.window.modal_operators]


def browse(ui, button, path, form):
    """Press the button, choose a format, and press Enter in the file browser."""
    yield from ui.click(*button)
    areas = ui.window.screen.areas
    yield from ui.until(lambda: any(a.type == "FILE_BROWSER" for a in areas), "the file browser")
    yield 0.5
    area = ui.area("FILE_BROWSER")
    space = area.spaces.active
    space.params.directory = str(path.parent).encode()
    space.params.filename = path.name
    space.active_operator.file_format = form
    space.active_operator.cameras = {"COLMAP", "JSON"}
    area.tag_redraw()
    yield 0.7
    ui.screenshot(f"browser_{form}")
    with bpy.context.temp_override(window=ui.window, area=area, region=ui.region(area)):
        bpy.ops.file.execute()


def run(ui):
    reconstruct()
    out = {"points": len(bpy.context.object.data.vertices)}
    yield 0.3
    area = ui.area("VIEW_3D")
    region = yield from ui.sidebar(area, "Depth")
    yield 0.5
    with bpy.context.temp_override(window=ui.window, area=area, region=region):
        bpy.ops.view2d.scroll_down(page=True)
    yield 0.5
    button = yield from ui.find_operator(area, region, "depth.export")
    ui.screenshot("panel")

    yield from browse(ui, button, ui.results / "room.ply", "PLY")
    yield from ui.until(lambda: (ui.results / "room_colmap" / "images.txt").exists(), "the camera")
    out["files"] = sorted(each.name for each in ui.results.glob("room*"))
    yield 0.5
    ui.screenshot("exported")

    text = ui.results / "room.xyz"
    text.write_text("before")
    yield from browse(ui, button, text, "XYZ")
    yield from ui.until(lambda: "DEPTH_OT_export" in jobs(), "the job", 5)
    ui.screenshot("writing")
    ui.press("ESC", *ui.center(ui.region(area)))
    yield
    after = jobs()
    yield from ui.until(lambda: not list(ui.results.glob(".*")), "the end of the thread")
    out["after_escape"] = [text.read_text()[:20], after]

    yield from browse(ui, button, text, "XYZ")
    yield from ui.until(lambda: text.stat().st_size > 1e6, "the text", 20)
    yield 0.5
    with text.open() as file:
        out["lines"] = sum(1 for _ in file)
    ui.screenshot("ended")
    return out
