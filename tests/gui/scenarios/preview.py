"""Watch the preview while options change, and end it with the button."""

import importlib

import bpy


def prepare():
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 4
    scene.cycles.use_denoising = False
    scene.render.resolution_x, scene.render.resolution_y = 960, 540
    for name in ("z", "normal", "uv", "object_index", "cryptomatte_object"):
        setattr(bpy.context.view_layer, f"use_pass_{name}", True)
    bpy.ops.mesh.primitive_monkey_add(location=(2.2, 0.5, 0.6), rotation=(0.0, 0.0, 0.9))
    bpy.ops.mesh.primitive_plane_add(size=14, location=(0, 0, -1))
    bpy.ops.render.render()
    bpy.ops.ed.undo_push(message="Prepared")


def product(name):
    return importlib.import_module(f"bl_ext.user_default.reconstruct_from_depth.{name}")


def run(ui):
    prepare()
    manager, settings = bpy.context.window_manager, bpy.context.scene.reconstruct_from_depth
    area = ui.area("VIEW_3D")
    region = yield from ui.sidebar(area, "Depth")
    yield 0.5
    toggle = yield from ui.find_property(area, region, "depth_preview")
    yield from ui.click(*toggle)
    preview = product("bridge.reconstruct.preview")
    yield from ui.until(lambda: preview.current_preview() is not None, "the preview")
    yield 0.5
    ui.move(*ui.center(ui.region(area)))
    yield 0.5
    ui.screenshot("on")
    outcome = {"text": manager.depth_preview_text, "drawn": len(preview.current_preview().points)}

    for item in bpy.data.objects:
        item.hide_set(True)
    outcome["reused"] = [preview.current_preview().serial]
    settings.far = 9.0
    yield from ui.until(
        lambda: preview.current_preview().serial != outcome["reused"][0], "the next one"
    )
    yield 0.3
    outcome["nearer"] = manager.depth_preview_text
    ui.screenshot("nearer")
    far = yield from ui.find_property(area, region, "far")
    serial = preview.current_preview().serial
    yield from ui.drag(far, (far[0] + 40, far[1]), moves=12)
    outcome["while_dragging"] = preview.current_preview().serial - serial
    settings.far = 9.0
    settings.stride = 3
    yield 1.0
    outcome["strided"] = manager.depth_preview_text
    settings.near = 20.0
    yield from ui.until(lambda: manager.depth_preview_problem, "the problem")
    yield 0.3
    outcome["problem"] = manager.depth_preview_problem
    ui.screenshot("problem")
    settings.near = 0.0
    yield from ui.until(lambda: not manager.depth_preview_problem, "the preview again")
    yield 0.3

    yield from ui.click(toggle[0], toggle[1] + 27 * bpy.context.preferences.system.ui_scale)
    yield 0.5
    yield from ui.click(region.x + 60, toggle[1])  # the first check box is where that was
    yield 0.5
    outcome["passes"] = settings.passes
    ui.screenshot("passes")

    before = set(bpy.data.objects.keys())
    button = yield from ui.find_operator(area, region, "depth.reconstruct")
    yield from ui.click(*button)
    yield from ui.until(lambda: set(bpy.data.objects.keys()) != before, "the mesh")
    yield 0.5
    outcome["made"] = len(bpy.context.object.data.vertices)
    outcome["on"] = manager.depth_preview
    outcome["left"] = preview.current_preview() is not None
    ui.screenshot("made")
    return outcome
