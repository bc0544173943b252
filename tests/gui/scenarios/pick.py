"""Pick on the Render Result with mouse and keys: click, hover, drag, undo, delete, rename, zoom."""

import bpy
from picking import fit, image_editor, miss, picks, place_of

SIZE = 480, 270
SPOTS = ((240.0, 120.0), (100.0, 200.0), (160.0, 90.0))


def prepare():
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 8
    scene.cycles.use_denoising = False
    scene.render.resolution_x, scene.render.resolution_y = SIZE
    scene.view_layers[0].use_pass_z = True
    bpy.ops.mesh.primitive_monkey_add(location=(2.2, 0.5, 0.6), rotation=(0.0, 0.0, 0.9))
    bpy.ops.mesh.primitive_plane_add(size=14, location=(0, 0, -1))
    bpy.context.preferences.view.render_display_type = "NONE"
    bpy.ops.render.render()


def state_of_picks():
    """Name, pixel, and miss of each pick."""
    return [[pick.name, pick.point.x, pick.point.y, miss(pick, SIZE)] for pick in picks()]


def type_text(ui, place, text):
    """Into the text field that has just opened."""
    ui.press("A", *place, ctrl=True)
    for character in text:
        ui.window.event_simulate("A", "PRESS", unicode=character)
        ui.window.event_simulate("A", "RELEASE")
    yield
    ui.press("RET", *place)
    yield 0.3


def run(ui):
    prepare()
    yield 0.5
    area = yield from image_editor(ui, bpy.data.images["Render Result"])
    region = ui.region(area)
    yield from ui.sidebar(ui.area("VIEW_3D"), "Depth")
    sidebar = yield from ui.sidebar(area, "Depth")
    fit(ui, area)
    yield 0.5
    ui.screenshot("empty")
    button = yield from ui.find_operator(area, sidebar, "wm.tool_set_by_id")
    yield from ui.click(*button)
    yield 0.3
    out = {"tool": bpy.context.workspace.tools.from_space_image_mode("VIEW").idname}

    ui.move(*place_of(ui, area, 240, 120, SIZE))
    yield 0.5
    ui.move(*place_of(ui, area, 242, 125, SIZE))
    yield 0.5
    ui.screenshot("hover")
    for x, y in SPOTS:
        yield from ui.click(*place_of(ui, area, x, y, SIZE))
        yield 0.2
    out["clicked"] = state_of_picks()
    ui.screenshot("clicked")

    # Drag the last one; the 3D point follows.
    start = place_of(ui, area, picks()[2].point.x, picks()[2].point.y, SIZE)
    yield from ui.drag(start, place_of(ui, area, 260, 190, SIZE))
    out["dragged"] = state_of_picks()
    yield from ui.key("Z", region, ctrl=True)
    out["drag_undone"] = state_of_picks()
    yield from ui.key("Z", region, ctrl=True, shift=True)
    out["drag_redone"] = state_of_picks()
    for _ in range(2):
        yield from ui.key("Z", region, ctrl=True)
    out["undone_twice"] = state_of_picks()
    yield from ui.key("Z", region, ctrl=True, shift=True)

    # Zoom and pan, then click again.
    with bpy.context.temp_override(window=ui.window, area=area, region=region):
        bpy.ops.image.view_zoom_ratio(ratio=3.0)
        bpy.ops.image.view_pan(offset=(35.0, -20.0))
    yield 0.3
    yield from ui.click(*place_of(ui, area, 251.3, 160.7, SIZE))
    out["zoomed"] = state_of_picks()
    ui.screenshot("zoomed")
    fit(ui, area)
    yield 0.3

    # A click on the background adds nothing.
    yield from ui.click(*place_of(ui, area, 30, 10, SIZE))
    yield 0.2
    out["background"] = len(picks())
    ui.screenshot("background")

    # F2 renames in place.
    yield from ui.key("F2", region)
    yield from type_text(ui, ui.center(region), "left eye")
    out["renamed"] = [pick.name for pick in picks()]
    yield from ui.key("Z", region, ctrl=True)
    out["rename_undone"] = [pick.name for pick in picks()]
    yield from ui.key("Z", region, ctrl=True, shift=True)

    # Select another one, and delete it.
    yield from ui.click(*place_of(ui, area, picks()[1].point.x, picks()[1].point.y, SIZE))
    out["selected"] = bpy.context.scene.depth_picks.active
    yield from ui.key("X", region)
    out["deleted"] = [pick.name for pick in picks()]
    yield from ui.key("Z", region, ctrl=True)
    out["delete_undone"] = [pick.name for pick in picks()]
    ui.move(*place_of(ui, area, 242, 125, SIZE))
    yield 0.3
    ui.move(*place_of(ui, area, 240, 125, SIZE))
    yield 0.5
    ui.screenshot("done")

    # Double click renames in place, too.
    hands = ui.hands()
    yield 0.3
    hands.double_click(*ui.on_screen(*place_of(ui, area, *SPOTS[0], SIZE)))
    yield 2.0  # Blender does not report that the popup is open
    ui.screenshot("rename")
    hands.type("b", "a", "b", "RET")
    yield from ui.until(lambda: picks()[0].name == "bab", "the new name")
    out["renamed_by_double_click"] = [pick.name for pick in picks()]
    with bpy.context.temp_override(window=ui.window):
        bpy.ops.ed.undo()
    out["double_click_undone"] = [pick.name for pick in picks()]
    return out
