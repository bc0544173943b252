"""Preview without a render, in local view, across undo, a disabled extension, and a new file."""

import importlib

import addon_utils
import bpy

PACKAGE = "bl_ext.user_default.reconstruct_from_depth"


def product(name):
    return importlib.import_module(f"{PACKAGE}.{name}")


def shown():
    return product("bridge.reconstruct.preview").current_preview()


def render(path):
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 1
    scene.cycles.use_denoising = False
    scene.render.resolution_x, scene.render.resolution_y = 320, 180
    scene.view_layers[0].use_pass_z = True
    bpy.ops.mesh.primitive_plane_add(size=14, location=(0, 0, -1))
    settings = scene.render.image_settings
    if hasattr(settings, "media_type"):
        settings.media_type = "MULTI_LAYER_IMAGE"
    settings.file_format = "OPEN_EXR_MULTILAYER"
    scene.render.filepath = path
    scene.reconstruct_from_depth.describe_renders = False  # so that the scene gives the camera
    bpy.ops.render.render(write_still=True)


def run(ui):
    manager, settings = bpy.context.window_manager, bpy.context.scene.reconstruct_from_depth
    area = ui.area("VIEW_3D")
    yield from ui.sidebar(area, "Depth")
    manager.depth_preview = True
    yield from ui.until(lambda: manager.depth_preview_problem, "the problem")
    out = {"nothing rendered": manager.depth_preview_problem}
    path = str(ui.results / "shot.exr")
    render(path)
    yield from ui.until(shown, "the preview of the render")
    out["render"] = manager.depth_preview_text

    settings.source, settings.filepath = "FILE", path
    serial = shown().serial
    yield from ui.until(lambda: shown() and shown().serial != serial, "the preview of the file")
    out["file"] = manager.depth_preview_text
    points = shown().points
    bpy.context.scene.camera.location.x += 1.0
    yield from ui.until(lambda: (shown().points != points).any(), "the moved camera")
    out["moved"] = float((shown().points - points)[:, 0].mean())
    settings.filepath = path + ".missing"
    yield from ui.until(lambda: manager.depth_preview_problem, "the missing file")
    out["missing"] = manager.depth_preview_problem
    settings.filepath = path
    yield from ui.until(shown, "the file again")

    yield from ui.key("NUMPAD_SLASH", ui.region(area))
    yield 0.5
    out["local view"] = area.spaces.active.local_view is not None
    settings.output = "POINT_CLOUD" if bpy.app.version >= (4, 5) else "POINTS"
    bpy.ops.ed.undo_push(message="Before")
    before = set(bpy.data.objects.keys())
    button = yield from ui.find_operator(area, ui.region(area, "UI"), "depth.reconstruct")
    yield from ui.click(*button)
    yield from ui.until(lambda: set(bpy.data.objects.keys()) != before, "the object")
    yield 0.5
    out["type"] = bpy.context.object.type
    seen = bpy.context.object.evaluated_get(bpy.context.evaluated_depsgraph_get())
    out["in local view"] = seen.visible_in_viewport_get(area.spaces.active)
    out["ended"] = not manager.depth_preview
    ui.screenshot("local")
    yield from ui.key("Z", ui.region(area), ctrl=True)
    yield 0.3
    out["undone"] = set(bpy.data.objects.keys()) == before

    manager.depth_preview = True
    yield from ui.until(shown, "the preview after undo")
    addon_utils.disable(PACKAGE)
    yield 0.5
    out["disabled"] = hasattr(bpy.types.WindowManager, "depth_preview")
    addon_utils.enable(PACKAGE)
    yield 0.5
    manager.depth_preview = True
    yield from ui.until(shown, "the preview after enabling")
    bpy.ops.wm.read_homefile()
    yield 0.5
    out["after new file"] = [bpy.context.window_manager.depth_preview, shown() is not None]
    return out
