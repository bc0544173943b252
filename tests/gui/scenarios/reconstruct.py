"""Press both buttons of the sidebar with the mouse, adjust, undo, redo, and read what is wrong."""

import importlib

import bpy


def prepare():
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 4
    scene.cycles.use_denoising = False
    scene.render.resolution_x, scene.render.resolution_y = 480, 270
    bpy.ops.mesh.primitive_monkey_add(location=(2.2, 0.5, 0.6), rotation=(0.0, 0.0, 0.9))
    bpy.ops.mesh.primitive_plane_add(size=14, location=(0, 0, -1))
    bpy.context.preferences.view.render_display_type = "NONE"
    bpy.ops.ed.undo_push(message="Prepared")


def worst_miss(item):
    """Greatest distance between a few points and what the camera's ray hits first."""
    scene = bpy.context.scene
    depsgraph = bpy.context.evaluated_depsgraph_get()
    eye = scene.camera.matrix_world.translation
    misses = []
    for vertex in item.data.vertices[:][::997]:
        direction = (vertex.co - eye).normalized()
        hit, location, *_ = scene.ray_cast(depsgraph, eye, direction)
        misses.append((location - vertex.co).length if hit else 1e9)
    return max(misses), len(misses)


def product(name):
    return importlib.import_module(f"bl_ext.user_default.reconstruct_from_depth.{name}")


def count_handlers():
    return len(bpy.app.handlers.render_complete) + len(bpy.app.handlers.render_cancel)


def names():
    return sorted(item.name for item in bpy.data.objects)


def run(ui):
    prepare()
    start, handlers = names(), count_handlers()
    area = ui.area("VIEW_3D")
    viewport = ui.region(area)
    region = yield from ui.sidebar(area, "Depth")
    yield 0.5
    ui.screenshot("panel")

    render = yield from ui.find_operator(area, region, "depth.render_and_reconstruct")
    button = yield from ui.find_operator(area, region, "depth.reconstruct")
    yield from ui.click(*render)
    yield from ui.until(lambda: names() != start, "the mesh of the render", 60)
    yield 0.5
    ui.screenshot("rendered")
    rendered = bpy.context.object
    outcome = {
        "name": rendered.name,
        "points": len(rendered.data.vertices),
        "miss": worst_miss(rendered),
        "pass_restored": not bpy.context.view_layer.use_pass_z,
        "handlers_left": count_handlers() - handlers,
    }
    yield from ui.key("Z", viewport, ctrl=True)
    outcome["after_undo"] = names() == start

    yield from ui.click(*button)
    yield from ui.until(lambda: names() != start, "the mesh of the Render Result")
    outcome["again"] = len(bpy.context.object.data.vertices)
    yield 0.5
    adjust = ui.region(area, "HUD")
    yield from ui.click(adjust.x + 40, adjust.y + adjust.height - 12)  # it starts collapsed
    yield 0.5
    adjust = ui.region(area, "HUD")
    row = 23 * bpy.context.preferences.system.ui_scale
    options = product("properties.reconstruct.options").OPTION_NAMES
    below = len(options) - options.index("stride") - 1
    stride = adjust.x + 0.65 * adjust.width, adjust.y + (below + 0.7) * row
    yield from ui.fill(*stride, "10")
    yield 0.5
    outcome["adjusted"] = len(bpy.context.object.data.vertices)
    ui.screenshot("adjusted")
    yield from ui.key("Z", viewport, ctrl=True)
    outcome["after_undo_of_adjusted"] = names() == start
    yield from ui.key("Z", viewport, ctrl=True, shift=True)
    outcome["after_redo"] = len(bpy.context.object.data.vertices)

    bpy.context.scene.reconstruct_from_depth.source = "FILE"
    area.tag_redraw()
    yield 0.5
    ui.screenshot("file")
    outcome["problem"] = product("bridge.reconstruct.status_line").status_line(bpy.context).problem
    return outcome
