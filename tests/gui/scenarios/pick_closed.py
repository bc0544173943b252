"""Close the window in which a pick is being dragged, or was just added by a press."""

import bpy
from picking import miss, picks, place_of

SIZE = 320, 180


def second_window(ui):
    """An Image Editor with the render in a window of its own, with the picking tool."""
    with bpy.context.temp_override(window=ui.window):
        bpy.ops.wm.window_new()
    yield 1.0
    window = bpy.context.window_manager.windows[-1]
    area = max(window.screen.areas, key=lambda each: each.width * each.height)
    area.ui_type = "IMAGE_EDITOR"
    yield 0.3
    area.spaces.active.image = bpy.data.images["Render Result"]
    yield 0.3
    region = ui.region(area)
    with bpy.context.temp_override(window=window, area=area, region=region):
        bpy.ops.wm.tool_set_by_id(name="depth.pick_tool")
    fit_in(window, area, region)
    yield 0.3
    return window, area


def fit_in(window, area, region):
    with bpy.context.temp_override(window=window, area=area, region=region):
        bpy.ops.image.view_all(fit_view=True)


def press_and_move(window, start, end):
    for kind, value, place in (
        ("MOUSEMOVE", "NOTHING", start),
        ("LEFTMOUSE", "PRESS", start),
        ("MOUSEMOVE", "NOTHING", end),
    ):
        window.event_simulate(kind, value, x=round(place[0]), y=round(place[1]))
        yield 0.2


def close(window):
    with bpy.context.temp_override(window=window):
        bpy.ops.wm.window_close()


def run(ui):
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 1
    scene.cycles.use_denoising = False
    scene.render.resolution_x, scene.render.resolution_y = SIZE
    scene.view_layers[0].use_pass_z = True
    bpy.ops.mesh.primitive_plane_add(size=14, location=(0, 0, -1))
    bpy.ops.render.render()
    bpy.ops.depth.pick(x=160, y=100, name="stays")
    before = picks()[0].point_data
    out = {}
    for name, start in (("dragged", (160, 100)), ("added", (220, 120))):
        window, area = yield from second_window(ui)
        places = [place_of(ui, area, *at, SIZE) for at in (start, (60, 150))]
        yield from press_and_move(window, *places)
        out[name] = [len(picks()), picks()[0].point_data == before]
        out[f"{name} modal"] = [each.bl_idname for each in window.modal_operators]
        close(window)
        yield 0.5
        out[f"{name} after"] = [len(picks()), picks()[0].point_data == before]
    out["miss"] = miss(picks()[0], SIZE)
    out["shots"] = len(scene.depth_picks.shots)
    return out
