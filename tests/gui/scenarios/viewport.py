"""Read and turn Blender's own buttons and the view: the harness's own check."""

import bpy


def run(ui):
    area = ui.area("VIEW_3D")
    sidebar = yield from ui.sidebar(area, "View")
    lens = yield from ui.find_property(area, sidebar, "lens")
    yield from ui.fill(*lens, "85.5")

    x, y = ui.center(ui.region(area))
    yield from ui.key("N", ui.region(area))
    yield from ui.click(x, y)
    selected = [item.name for item in bpy.context.selected_objects]
    yield from ui.drag((x - 400, y - 300), (x + 300, y + 300))
    boxed = [item.name for item in bpy.context.selected_objects]
    ui.screenshot("viewport")
    return {"lens": area.spaces.active.lens, "selected": selected, "boxed": boxed}
