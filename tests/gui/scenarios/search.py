"""Find the operator with menu search, and reconstruct what each engine renders."""

import bpy
from mathutils import Vector

SIZE = 160, 90


def prepare():
    scene = bpy.context.scene
    scene.render.resolution_x, scene.render.resolution_y = SIZE
    bpy.ops.mesh.primitive_uv_sphere_add(
        radius=1.4, location=(1.5, -1.5, 0.4), segments=128, ring_count=64
    )
    bpy.ops.mesh.primitive_plane_add(size=30, location=(0, 0, -1))
    scene.camera.data.clip_end = 60
    bpy.context.preferences.view.render_display_type = "NONE"


def misses(item):
    """Median distance of the points from what their pixels' rays hit, in parts of a pixel."""
    scene, camera = bpy.context.scene, bpy.context.scene.camera
    depsgraph = bpy.context.evaluated_depsgraph_get()
    eye = camera.matrix_world.translation
    kind, camera.data.type = camera.data.type, "PERSP"
    corners = camera.data.view_frame(scene=scene)
    camera.data.type = kind
    pixel_angle = (corners[0] - corners[3]).length / SIZE[0] / abs(corners[0].z)
    found = []
    for index in range(0, len(item.data.vertices), 41):
        column, row = item.data.attributes["pixel"].data[index].value
        across = (corners[0] - corners[3]) * ((column + 0.5) / SIZE[0])
        down = (corners[2] - corners[3]) * ((row + 0.5) / SIZE[1])
        direction = (camera.matrix_world.to_3x3() @ (corners[3] + across + down)).normalized()
        hit, location, normal, *_ = scene.ray_cast(depsgraph, eye, direction)
        point = Vector(item.data.vertices[index].co)
        if hit:
            slant = max(0.05, abs(normal.dot(direction)))
            pixel = pixel_angle * (location - eye).length / slant
            found.append((location - point).length / pixel)
    found.sort()
    return found[len(found) // 2], found[int(len(found) * 0.9)], len(found)


def run(ui):
    prepare()
    scene, camera = bpy.context.scene, bpy.context.scene.camera
    area = ui.area("VIEW_3D")
    eevee = "BLENDER_EEVEE" if bpy.app.version >= (5, 0) else "BLENDER_EEVEE_NEXT"
    outcome = {}
    for engine in (eevee, "BLENDER_WORKBENCH", "CYCLES"):
        for kind in ("PERSP", "ORTHO", "PANO") if engine != "CYCLES" else ("PERSP",):
            scene.render.engine = engine
            scene.cycles.samples, scene.cycles.use_denoising = 1, False
            camera.data.type = kind
            with bpy.context.temp_override(window=ui.window, area=area, region=ui.region(area)):
                bpy.ops.depth.render_and_reconstruct("EXEC_DEFAULT")
            made = bpy.context.object
            total = len(made.data.vertices)
            made.hide_set(True)
            if kind != "ORTHO":
                name = "EEVEE" if engine == eevee else engine
                outcome[f"{name} {kind}"] = [*misses(made), total]
            yield
    count = len(bpy.data.objects)
    viewport = ui.region(area)
    yield from ui.key("F3", viewport)
    yield 0.3
    ui.write("Reconstruct from Depth")
    yield 0.3
    ui.screenshot("search")
    ui.press("RET", *ui.center(viewport))
    yield from ui.until(lambda: len(bpy.data.objects) > count, "the mesh from menu search")
    outcome["search"] = bpy.context.object.name
    return outcome
