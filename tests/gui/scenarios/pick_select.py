"""Select picks by their markers in the 3D viewport, and see the hover marker go with the mouse."""

import sys

import bpy
from bpy_extras.view3d_utils import location_3d_to_region_2d
from picking import fit, image_editor, picks, place_of

SIZE = 320, 180
SPOTS = ((145.0, 80.0), (165.0, 75.0), (150.0, 110.0))
"""All on the cube."""


def prepare():
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 1
    scene.cycles.use_denoising = False
    scene.render.resolution_x, scene.render.resolution_y = SIZE
    scene.view_layers[0].use_pass_z = True
    bpy.context.preferences.view.render_display_type = "NONE"
    bpy.ops.render.render()
    for x, y in SPOTS:
        bpy.ops.depth.pick(x=x, y=y)


def tool(ui, area, name):
    with bpy.context.temp_override(window=ui.window, area=area, region=ui.region(area)):
        bpy.ops.wm.tool_set_by_id(name=name)


def marker(ui, area, index):
    """Window place of a pick's marker."""
    region = ui.region(area)
    view = area.spaces.active.region_3d
    x, y = location_3d_to_region_2d(region, view, picks()[index].point.world)
    return region.x + x, region.y + y


def state():
    """The selected pick and the selected objects."""
    return [
        bpy.context.scene.depth_picks.active,
        sorted(item.name for item in bpy.context.selected_objects),
    ]


def click(ui, place):
    yield from ui.click(*place)
    yield 0.4  # or two clicks are a double click
    return state()


def hover():
    name = "bl_ext.user_default.reconstruct_from_depth.overlays.picks.hover"
    return sys.modules[name].current_hover(bpy.context.scene) is not None


def hovering(ui, area):
    """Whether the marker is there with the mouse on the image, and on what is around it."""
    tool(ui, area, "depth.pick_tool")
    fit(ui, area)
    on_image = place_of(ui, area, 150, 90, SIZE)
    header = ui.center(ui.region(area, "HEADER"))
    top_bar = (ui.window.width // 2, ui.window.height - 8)
    view = ui.center(ui.region(ui.area("VIEW_3D")))
    found = []
    for place in (header, top_bar, view):
        ui.move(*on_image)
        yield from ui.until(hover, "the marker")
        for _ in range(15):
            yield
        found.append(hover())
        ui.move(*place)
        yield from ui.until(lambda: not hover(), "the end of the marker", 2.0)
    return found


def selecting_in_the_list(ui, area):
    """Which pick a click on a row selects, and whether that shows in the 3D viewport."""
    sidebar = yield from ui.sidebar(area, "Depth")
    yield 0.5
    row = yield from ui.find_property(area, sidebar, "depth_picks.active")  # the first
    drawn = []
    handle = bpy.types.SpaceView3D.draw_handler_add(
        lambda: drawn.append(bpy.context.scene.depth_picks.active), (), "WINDOW", "POST_PIXEL"
    )
    yield from ui.click(*row)
    yield 0.4
    found = [bpy.context.scene.depth_picks.active, drawn[-1:]]
    bpy.context.scene.depth_picks.active = 2
    yield 0.3
    found.append(drawn[-1:])
    bpy.types.SpaceView3D.draw_handler_remove(handle, "WINDOW")
    ui.screenshot("list")
    area.spaces.active.show_region_ui = False
    return found


def run(ui):
    prepare()
    yield 0.3
    image = yield from image_editor(ui, bpy.data.images["Render Result"])
    view = ui.area("VIEW_3D")
    yield 0.3
    out = {"first": state()}
    away = (ui.region(view).x + 30, ui.region(view).y + 30)
    for name in ("builtin.select_box", "builtin.select", "builtin.move", "builtin.cursor"):
        tool(ui, view, name)
        bpy.ops.object.select_all(action="DESELECT")
        bpy.context.scene.depth_picks.active = 2
        yield 0.2
        places = [marker(ui, view, index) for index in range(3)]
        out[name] = [
            (yield from click(ui, places[0])),
            (yield from click(ui, places[1])),
            (yield from click(ui, places[1])),
            (yield from click(ui, away)),
        ]
        ui.screenshot(name)
    tool(ui, view, "builtin.select_box")
    yield 0.2
    ui.move(*marker(ui, view, 0))
    yield 0.3
    ui.screenshot("highlight")
    yield from ui.drag(marker(ui, view, 0), away)
    out["box from a marker"] = state()
    yield from click(ui, marker(ui, view, 2))
    before = state()
    yield from ui.key("Z", ui.region(view), ctrl=True)
    out["undone"] = [before[0], state()[0]]
    with bpy.context.temp_override(window=ui.window, area=view, region=ui.region(view)):
        bpy.context.view_layer.objects.active = bpy.data.objects["Cube"]
        bpy.ops.object.mode_set(mode="EDIT")
    out["editing"] = (yield from click(ui, marker(ui, view, 2)))[0]
    bpy.ops.object.mode_set(mode="OBJECT")
    view.spaces.active.overlay.show_overlays = False
    out["without overlays"] = yield from click(ui, marker(ui, view, 2))
    view.spaces.active.overlay.show_overlays = True
    out["list"] = yield from selecting_in_the_list(ui, image)
    out["hover"] = yield from hovering(ui, image)
    return out
