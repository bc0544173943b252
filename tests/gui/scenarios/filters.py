"""Filter by a name, a box in the scene, and voxels; see how many pixels each left out."""

import importlib

import bpy


def prepare():
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 4
    scene.cycles.use_denoising = False
    scene.render.resolution_x, scene.render.resolution_y = 960, 540
    bpy.context.view_layer.use_pass_z = True
    bpy.context.view_layer.use_pass_cryptomatte_object = True
    bpy.ops.mesh.primitive_monkey_add(location=(2.2, 0.5, 0.6), rotation=(0.0, 0.0, 0.9))
    bpy.ops.mesh.primitive_plane_add(size=14, location=(0, 0, -1))
    bpy.ops.object.empty_add(type="CUBE", radius=1.0, location=(2.2, 0.5, 0.6))
    bpy.context.object.name = "Box"
    bpy.ops.render.render()
    bpy.ops.ed.undo_push(message="Prepared")


def product(name):
    return importlib.import_module(f"bl_ext.user_default.reconstruct_from_depth.{name}")


def worst_distance(made, item):
    """Greatest distance of a few points from an object's surface."""
    inverse = item.matrix_world.inverted()
    worst = 0.0
    for vertex in made.data.vertices[:][::97]:
        _, closest, *_ = item.closest_point_on_mesh(inverse @ vertex.co)
        worst = max(worst, (item.matrix_world @ closest - vertex.co).length)
    return worst


def run(ui):
    prepare()
    settings = bpy.context.scene.reconstruct_from_depth
    area = ui.area("VIEW_3D")
    region = yield from ui.sidebar(area, "Depth")
    yield 0.5
    settings.region, settings.region_name = "OBJECT", "Suzanne"
    settings.bounds, settings.remove_flying, settings.voxel_size = "Box", True, 0.01
    settings.depth_error = True
    area.tag_redraw()
    yield 0.5
    start = set(bpy.data.objects.keys())
    button = yield from ui.find_operator(area, region, "depth.reconstruct")
    yield from ui.click(*button)
    yield from ui.until(lambda: set(bpy.data.objects.keys()) != start, "the mesh")
    yield 0.5
    ui.screenshot("filtered")
    removed = {item.name: item.count for item in settings.filter_counts}
    outcome = {"removed": removed, "points": len(bpy.context.object.data.vertices)}
    outcome["attributes"] = list(bpy.context.object.data.attributes.keys())

    settings.verdict = ""  # it would push the preview out of the sidebar
    area.tag_redraw()
    yield 0.5
    toggle = yield from ui.find_property(area, region, "depth_preview")
    yield from ui.click(*toggle)
    preview = product("bridge.reconstruct.preview")
    yield from ui.until(lambda: preview.current_preview() is not None, "the preview")
    shown = preview.current_preview()
    outcome["previewed"] = len(shown.points)
    outcome["text"] = shown.text
    bpy.data.objects["Box"].location.z += 0.7
    yield from ui.until(
        lambda: preview.current_preview() not in (shown, None), "the preview of the moved box"
    )
    outcome["moved"] = len(preview.current_preview().points)
    settings.region_name = "Nobody"
    manager = bpy.context.window_manager
    yield from ui.until(lambda: manager.depth_preview_problem, "the problem")
    outcome["problem"] = manager.depth_preview_problem
    yield 0.3
    ui.screenshot("problem")
    manager.depth_preview = False

    scene = bpy.context.scene
    engines = scene.render.bl_rna.properties["engine"].enum_items.keys()
    scene.render.engine = next(each for each in engines if "EEVEE" in each)
    scene.eevee.taa_render_samples = 1
    scene.render.resolution_percentage = 20
    bpy.ops.render.render()
    settings.region_name, settings.voxel_size, settings.bounds = "Suzanne", 0.0, ""
    start = set(bpy.data.objects.keys())
    area.tag_redraw()
    yield 0.3
    yield from ui.click(*button)
    yield from ui.until(lambda: set(bpy.data.objects.keys()) != start, "the mesh of EEVEE")
    outcome["eevee"] = len(bpy.context.object.data.vertices)
    outcome["worst"] = worst_distance(bpy.context.object, bpy.data.objects["Suzanne"])
    return outcome
