"""Open the sidebar of the 3D viewport at the extension's tab."""

import bpy


def run(ui):
    area = ui.area("VIEW_3D")
    region = yield from ui.sidebar(area, "Depth")
    ui.screenshot("sidebar")
    return {
        "enabled": list(bpy.context.preferences.addons.keys()),
        "tab": region.active_panel_category,
        "width": region.width,
    }
