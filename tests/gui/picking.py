"""What the picking scenarios share: an Image Editor, places in it, and what rays hit."""

import bpy
from mathutils import Vector


def image_editor(ui, image):
    """Turn the lower right part of the 3D viewport into an Image Editor."""
    area = ui.area("VIEW_3D")
    with bpy.context.temp_override(window=ui.window, area=area, region=ui.region(area)):
        bpy.ops.screen.area_split(direction="VERTICAL", factor=0.45)
    yield 0.3
    right = max((one for one in ui.window.screen.areas if one.type == "VIEW_3D"), key=lambda a: a.x)
    right.ui_type = "IMAGE_EDITOR"
    yield 0.3
    right.spaces.active.image = image
    yield 0.3
    return right


def fit(ui, area):
    """Show the whole image as large as it goes."""
    with bpy.context.temp_override(window=ui.window, area=area, region=ui.region(area)):
        bpy.ops.image.view_all(fit_view=True)


def place_of(ui, area, x, y, size):
    """Window place of a point of an image of a size."""
    region = ui.region(area)
    view = region.view2d
    left, bottom = view.region_to_view(0, 0)
    right, top = view.region_to_view(1000, 1000)
    u, v = x / size[0], 1 - y / size[1]
    return (
        region.x + (u - left) / (right - left) * 1000,
        region.y + (v - bottom) / (top - bottom) * 1000,
    )


def miss(pick, size, corner_of_crop=(0, 0)):
    """Distance of a pick from what the camera's ray through its pixel hits."""
    scene = bpy.context.scene
    depsgraph = bpy.context.evaluated_depsgraph_get()
    camera = scene.camera
    matrix = camera.matrix_world.normalized()
    right_top, _, left_bottom, left_top = camera.data.view_frame(scene=scene)
    x = (pick.point.x + corner_of_crop[0]) / size[0]
    y = (pick.point.y + corner_of_crop[1]) / size[1]
    corner = left_top + (right_top - left_top) * x + (left_bottom - left_top) * y
    hit, location, *_ = scene.ray_cast(
        depsgraph, matrix.translation, (matrix @ corner - matrix.translation).normalized()
    )
    return (location - Vector(pick.point.world)).length if hit else 1e9


def picks():
    return bpy.context.scene.depth_picks.picks
