"""Pick on a cropped EXR, on a picture of another size, and from a second camera."""

import bpy
from picking import fit, image_editor, miss, picks, place_of

SIZE = 480, 270
CROP = 120, 27, 300, 216
"""Left, top, width and height."""


def prepare(folder):
    scene = bpy.context.scene
    render = scene.render
    render.engine = "CYCLES"
    scene.cycles.samples = 8
    scene.cycles.use_denoising = False
    render.resolution_x, render.resolution_y = SIZE
    scene.view_layers[0].use_pass_z = True
    bpy.ops.mesh.primitive_monkey_add(location=(2.2, 0.5, 0.6), rotation=(0.0, 0.0, 0.9))
    bpy.ops.mesh.primitive_plane_add(size=14, location=(0, 0, -1))
    bpy.context.preferences.view.render_display_type = "NONE"
    image = render.image_settings
    if hasattr(image, "media_type"):
        image.media_type = "MULTI_LAYER_IMAGE"
    image.file_format = "OPEN_EXR_MULTILAYER"
    save(folder / "full.exr")
    left, top, width, height = CROP
    render.border_min_x, render.border_max_x = left / SIZE[0], (left + width) / SIZE[0]
    render.border_min_y = 1 - (top + height) / SIZE[1]
    render.border_max_y = 1 - top / SIZE[1]
    render.use_border = render.use_crop_to_border = True
    save(folder / "crop.exr")


def save(path):
    bpy.context.scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)


def picture(folder):
    """The render as a PNG of twice its size."""
    image = bpy.data.images.new("picture", 2 * SIZE[0], 2 * SIZE[1])
    image.filepath_raw, image.file_format = str(folder / "picture.png"), "PNG"
    image.save()
    return image


def depth_of(ui, area):
    """The depth that the sidebar names, and whether the image itself has it."""
    owner = bpy.context.scene.depth_picks
    with bpy.context.temp_override(window=ui.window, area=area, region=ui.region(area)):
        return [owner.depth_title, owner.image_has_depth]


def second_camera():
    scene = bpy.context.scene
    camera = scene.camera.copy()
    camera.name = "Second"
    scene.collection.objects.link(camera)
    camera.location, camera.rotation_euler = (-6.5, -6.5, 5.0), (1.1, 0.0, -0.75)
    scene.camera = camera
    bpy.ops.render.render()


def run(ui):
    prepare(ui.results)
    scene = bpy.context.scene
    out = {}
    yield 0.3
    area = yield from image_editor(ui, bpy.data.images.load(str(ui.results / "crop.exr")))
    area.spaces.active.show_region_toolbar = True
    with bpy.context.temp_override(window=ui.window, area=area, region=ui.region(area)):
        bpy.ops.wm.tool_set_by_id(name="depth.pick_tool")
    fit(ui, area)
    yield 0.5
    size = CROP[2:]
    ui.move(*place_of(ui, area, 100, 130, size))
    yield 0.5
    for x, y in ((100.0, 130.0), (40.0, 180.0), (230.0, 150.0)):
        yield from ui.click(*place_of(ui, area, x, y, size))
        yield 0.2
    out["cropped"] = [[p.point.x, p.point.y, miss(p, SIZE, CROP[:2])] for p in picks()]
    ui.screenshot("cropped")
    out["depth"] = [depth_of(ui, area)]

    scene.render.use_border = False
    settings = scene.reconstruct_from_depth
    settings.source, settings.filepath = "FILE", str(ui.results / "full.exr")
    area.spaces.active.image = picture(ui.results)
    fit(ui, area)
    yield 0.5
    for x, y in ((500.0, 300.0), (300.0, 420.0)):
        yield from ui.click(*place_of(ui, area, x, y, (2 * SIZE[0], 2 * SIZE[1])))
        yield 0.2
    out["picture"] = [[p.point.x, p.point.y, miss(p, SIZE)] for p in list(picks())[3:]]
    yield from ui.sidebar(area, "Depth")
    yield 0.3
    ui.screenshot("picture")
    out["depth"].append(depth_of(ui, area))

    with bpy.context.temp_override(window=ui.window, area=area):
        wide = bpy.data.images.new("wide", 640, 64)
    area.spaces.active.image = wide
    yield 0.3
    yield from ui.click(*place_of(ui, area, 300, 30, (640, 64)))
    yield 0.3
    ui.screenshot("other_aspect")
    out["other_aspect"] = len(picks())

    second_camera()
    settings.source = "RENDER"
    area.spaces.active.image = bpy.data.images["Render Result"]
    scene.depth_picks.show_sight = True
    area.spaces.active.show_region_ui = False
    yield 0.3
    fit(ui, area)
    yield 0.5
    yield from ui.click(*place_of(ui, area, 300.0, 150.0, SIZE))
    yield 0.3
    out["second"] = [[p.point.x, p.point.y, miss(p, SIZE)] for p in list(picks())[5:]]
    ui.move(*place_of(ui, area, 120, 170, SIZE))
    yield 0.4
    ui.screenshot("second_camera")
    out["depth"].append(depth_of(ui, area))

    view = ui.area("VIEW_3D")
    yield from ui.sidebar(view, "Depth")
    scene.camera.location.x += 0.5
    yield 1.5
    ui.screenshot("moved")
    out["problems"] = [shot.problem for shot in scene.depth_picks.shots]
    for each in (area, view):
        with bpy.context.temp_override(window=ui.window, area=each, region=ui.region(each)):
            bpy.ops.depth.view_pick()
    yield 0.5
    ui.screenshot("zoomed_to_pick")
    x, y = place_of(ui, area, picks()[5].point.x, picks()[5].point.y, SIZE)
    center = ui.center(ui.region(area))
    out["off_center"] = [x - center[0], y - center[1]]
    sidebar = yield from ui.sidebar(area, "Depth")  # where the picks are not below all else
    yield 0.3
    keep = yield from ui.find_operator(area, sidebar, "depth.picks_keep", 0.3)
    yield from ui.click(*keep)
    yield 0.3
    out["kept"] = [shot.problem for shot in scene.depth_picks.shots]
    scene.camera.location.x += 0.1
    yield 1.5
    out["moved_again"] = [shot.problem for shot in scene.depth_picks.shots]
    before = picks()[5].point_data
    yield from ui.click(sidebar.x + 0.3 * sidebar.width, keep[1])  # Recompute, left of Keep
    yield 0.3
    out["recomputed"] = [[shot.problem for shot in scene.depth_picks.shots],
                         picks()[5].point_data != before]  # fmt: skip
    for each in (area, view):
        each.spaces.active.overlay.show_overlays = False
    yield 0.4
    ui.screenshot("without_overlays")
    return out
