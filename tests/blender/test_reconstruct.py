"""The operators, on real renders: points against ``scene.ray_cast``, and nothing else changed."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import bpy
import numpy as np
import pytest
from mathutils import Vector

Product = Callable[[str], ModuleType]
WIDTH, HEIGHT = 64, 48


@pytest.fixture
def scene(empty_scene: bpy.types.Scene) -> bpy.types.Scene:
    """A few shapes on a floor, some sky, and a camera that is shifted and turned."""
    scene = empty_scene
    bpy.ops.mesh.primitive_plane_add(size=20)
    bpy.ops.mesh.primitive_monkey_add(size=2, location=(0.5, 0, 1.2), rotation=(0.2, 0.3, 0.4))
    bpy.ops.mesh.primitive_uv_sphere_add(radius=0.8, location=(-1.5, 1, 1))
    bpy.ops.object.camera_add(location=(3, -6, 3), rotation=(1.25, 0.05, 0.4))
    camera = bpy.context.object
    camera.data.lens = 30
    camera.data.shift_x, camera.data.shift_y = 0.1, -0.05
    scene.camera = camera
    scene.render.resolution_x, scene.render.resolution_y = WIDTH, HEIGHT
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 1
    scene.cycles.filter_width = 0.01
    scene.cycles.use_denoising = False
    return scene


def render_file(scene: bpy.types.Scene, path: Path, **settings: object) -> str:
    """Render every pass to a multilayer EXR, as a user would set it up."""
    scene.view_layers[0].use_pass_z = True
    image = scene.render.image_settings
    if hasattr(image, "media_type"):
        image.media_type = "MULTI_LAYER_IMAGE"
    image.file_format = "OPEN_EXR_MULTILAYER"
    for name, value in settings.items():
        setattr(image, name, value)
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
    return str(path)


def positions(item: bpy.types.Object) -> np.ndarray:
    values = np.empty(len(item.data.vertices) * 3, np.float32)
    item.data.attributes["position"].data.foreach_get("vector", values)
    return values.reshape(-1, 3)


def pixels(item: bpy.types.Object) -> np.ndarray:
    values = np.empty(len(item.data.vertices) * 2, np.int32)
    item.data.attributes["pixel"].data.foreach_get("value", values)
    return values.reshape(-1, 2)


def ray_casts(
    scene: bpy.types.Scene, camera: bpy.types.Object, shape: tuple[int, int] = (HEIGHT, WIDTH)
) -> np.ndarray:
    """Where the rays through the pixels' centres hit the scene; NaN for none."""
    depsgraph = bpy.context.evaluated_depsgraph_get()
    matrix = camera.evaluated_get(depsgraph).matrix_world.normalized()
    right_top, _, left_bottom, left_top = camera.data.view_frame(scene=scene)
    hits = np.full((*shape, 3), np.nan)
    for row, column in np.ndindex(shape):
        x, y = (column + 0.5) / shape[1], (row + 0.5) / shape[0]
        corner = left_top + (right_top - left_top) * x + (left_bottom - left_top) * y
        direction = (matrix @ corner - matrix.translation).normalized()
        hit, location, *_ = scene.ray_cast(depsgraph, matrix.translation, direction)
        if hit:
            hits[row, column] = location
    return hits


def assert_lies_on_the_scene(
    item: bpy.types.Object, truth: np.ndarray, place: Vector, least: float = 0.99
) -> None:
    """Every pixel that hits has its point there; a few at silhouettes may fall either side."""
    at = pixels(item)
    expected = truth[at[:, 1], at[:, 0]]
    distance = np.linalg.norm(positions(item) - expected, axis=1)
    depth = np.linalg.norm(expected - np.array(place), axis=1)
    assert np.mean(distance <= 2e-5 * depth) >= least
    hits = np.isfinite(truth[..., 0]).sum()
    assert abs(len(at) - hits) <= 0.01 * truth[..., 0].size
    assert hits > 500


def the_object() -> bpy.types.Object:
    return bpy.context.view_layer.objects.active


@contextmanager
def unchanged() -> Iterator[None]:
    """The data of the file is the same after as before."""

    def snapshot() -> dict[str, object]:
        scene = bpy.context.scene
        found = {
            name: sorted(item.name for item in getattr(bpy.data, name))
            for name in ("objects", "meshes", "materials", "images", "scenes", "collections")
        }
        found["Render Result"] = found["images"] = [
            name for name in found["images"] if name != "Render Result"
        ]
        for owner in (scene.render, scene.render.image_settings, scene.view_layers[0]):
            for prop in owner.bl_rna.properties:
                if prop.type in {"BOOLEAN", "INT", "FLOAT", "ENUM", "STRING"}:
                    value = getattr(owner, prop.identifier, None)
                    found[f"{type(owner).__name__}.{prop.identifier}"] = (
                        tuple(value) if getattr(prop, "is_array", False) else value
                    )
        found["frame"] = scene.frame_current
        found["active"] = bpy.context.view_layer.objects.active
        found["selected"] = list(bpy.context.selected_objects)
        return found

    before = snapshot()
    yield
    assert snapshot() == before


def fails(message: str, **arguments: object) -> None:
    """The operator raises this message, and leaves the scene as it was."""
    with unchanged(), pytest.raises(RuntimeError, match=message):
        bpy.ops.depth.reconstruct(**arguments)


def test_points_of_a_file_lie_on_the_scene(scene: bpy.types.Scene, tmp_path: Path) -> None:
    camera = scene.camera
    truth = ray_casts(scene, camera)
    file = render_file(scene, tmp_path / "shot.exr")
    assert bpy.ops.depth.reconstruct(filepath=file) == {"FINISHED"}
    made = the_object()
    assert_lies_on_the_scene(made, truth, camera.location)
    assert made.name == "shot"
    assert made.matrix_world.is_identity
    assert bpy.context.selected_objects == [made]
    assert made.name in bpy.context.collection.objects
    at = pixels(made)
    assert (np.diff(at[:, 1] * WIDTH + at[:, 0]) > 0).all()


def test_depth_and_color_attributes_are_those_of_the_file(
    scene: bpy.types.Scene, product: Product, tmp_path: Path
) -> None:
    file = render_file(scene, tmp_path / "shot.exr", color_depth="32")
    bpy.ops.depth.reconstruct(filepath=file)
    mesh = the_object().data
    depth, color = np.empty(len(mesh.vertices), np.float32), np.empty(4 * len(mesh.vertices), "f4")
    mesh.attributes["depth"].data.foreach_get("value", depth)
    mesh.attributes["Color"].data.foreach_get("color", color)
    exr = product("core.exr")
    info = exr.read_info(file)
    layers = {layer.title: exr.read_layer(info, layer) for layer in info.layers}
    at = pixels(the_object())
    np.testing.assert_array_equal(depth, layers["Depth"][at[:, 1], at[:, 0]])
    np.testing.assert_array_equal(color.reshape(-1, 4), layers["Combined"][at[:, 1], at[:, 0]])
    away = positions(the_object()) - np.array(scene.camera.location)
    forward = scene.camera.matrix_world.to_3x3() @ Vector((0, 0, -1))
    np.testing.assert_allclose(away @ np.array(forward), depth, rtol=1e-5)
    assert mesh.color_attributes.active_color.name == "Color"
    bpy.ops.depth.reconstruct(filepath=file, use_color=False)
    assert "Color" not in the_object().data.attributes
    assert not the_object().data.materials


def test_render_and_reconstruct_restores_what_it_switched_on(scene: bpy.types.Scene) -> None:
    camera = scene.camera
    truth = ray_casts(scene, camera)
    layer = scene.view_layers[0]
    layer.use_pass_z = False
    scene.render.image_settings.file_format = "JPEG"
    assert bpy.ops.depth.render_and_reconstruct() == {"FINISHED"}
    assert_lies_on_the_scene(the_object(), truth, camera.location)
    assert not layer.use_pass_z
    assert scene.render.image_settings.file_format == "JPEG"


def test_the_render_result_gives_the_points_of_the_file(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    file = render_file(scene, tmp_path / "shot.exr", color_depth="32")
    bpy.ops.depth.reconstruct(filepath=file)
    from_file = positions(the_object())
    scene.render.image_settings.color_depth = "16"
    before = set(bpy.data.objects)
    assert bpy.ops.depth.reconstruct() == {"FINISHED"}
    assert set(bpy.data.objects) - before == {the_object()}
    assert scene.render.image_settings.color_depth == "16"
    np.testing.assert_array_equal(positions(the_object()), from_file)


def test_a_render_result_without_depth_names_the_button(scene: bpy.types.Scene) -> None:
    scene.view_layers[0].use_pass_z = False
    bpy.ops.render.render()
    fails("rendered without the Depth pass; press Render and Reconstruct")


def test_nothing_rendered_says_what_to_do() -> None:
    for image in [image for image in bpy.data.images if image.type == "RENDER_RESULT"]:
        bpy.data.images.remove(image)
    fails(r"no finished render in the Render Result; render the image \(F12\)")


def test_rendering_without_a_camera_says_so(scene: bpy.types.Scene) -> None:
    scene.camera = None
    with unchanged(), pytest.raises(RuntimeError, match="no active camera to render with"):
        bpy.ops.depth.render_and_reconstruct()


def test_the_same_points_come_by_either_route_to_a_mesh(product: Product) -> None:
    geometry = product("bridge.geometry")
    points = np.random.default_rng(1).normal(size=(2 * geometry.FEW_POINTS, 3)).astype(np.float32)
    few = geometry.mesh_from_points("few", points[: geometry.FEW_POINTS])
    many = geometry.mesh_from_points("many", points)
    for mesh in (few, many):
        found = np.empty(3 * len(mesh.vertices), np.float32)
        mesh.vertices.foreach_get("co", found)
        np.testing.assert_array_equal(found.reshape(-1, 3), points[: len(mesh.vertices)])
        assert (len(mesh.edges), len(mesh.polygons)) == (0, 0)
        assert not mesh.validate()
    box = [tuple(bpy.data.objects.new(m.name, m).bound_box[6]) for m in (few, many)]
    expected = [points[: len(m.vertices)].max(axis=0) for m in (few, many)]
    np.testing.assert_allclose(box, expected, rtol=1e-6)


def test_stride_and_maximum_leave_out_and_say_how_many(
    scene: bpy.types.Scene, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = render_file(scene, tmp_path / "shot.exr")
    bpy.ops.depth.reconstruct(filepath=file)
    everything = positions(the_object())
    at = pixels(the_object())
    bpy.ops.depth.reconstruct(filepath=file, stride=3)
    kept = (at % 3 == 0).all(axis=1)
    np.testing.assert_array_equal(positions(the_object()), everything[kept])
    capfd.readouterr()
    bpy.ops.depth.reconstruct(filepath=file, max_points=50)
    count = len(the_object().data.vertices)
    assert 10 < count <= 50
    assert f"{count} points from" in (said := capfd.readouterr().out)
    assert f"{len(everything) - count:,} pixels skipped by the stride" in said


def test_depth_is_kept_within_the_clip_range_and_near_and_far(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    scene.camera.data.clip_end = 100
    file = render_file(scene, tmp_path / "shot.exr")
    bpy.ops.depth.reconstruct(filepath=file)
    depth = np.empty(len(the_object().data.vertices), np.float32)
    the_object().data.attributes["depth"].data.foreach_get("value", depth)
    for options, expected in (
        ({"near": 6.0, "far": 8.0}, (depth >= 6) & (depth < 8)),
        ({"far": 7.0, "use_clip": False}, depth < 7),
    ):
        bpy.ops.depth.reconstruct(filepath=file, **options)
        assert len(the_object().data.vertices) == expected.sum() > 50
    scene.camera.data.clip_end = 7.5
    bpy.ops.depth.reconstruct(filepath=file)
    assert len(the_object().data.vertices) == (depth < 7.5).sum()
    bpy.ops.depth.reconstruct(filepath=file, use_clip=False)
    assert len(the_object().data.vertices) == len(depth)
    fails(r"All depths lie from .* outside the range of 90 to 1000; change Near and Far",
          filepath=file, use_clip=False, near=90.0, far=1000.0)  # fmt: skip


def test_camera_and_frame_are_those_stamped_into_the_file(
    scene: bpy.types.Scene, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    camera = scene.camera
    camera.name = "Shot Camera"
    camera.keyframe_insert("location", frame=1)
    camera.location.x += 2
    camera.keyframe_insert("location", frame=11)
    camera.data.keyframe_insert("lens", frame=1)
    camera.data.lens = 45
    camera.data.keyframe_insert("lens", frame=11)
    scene.frame_set(8)
    truth = ray_casts(scene, camera)
    place = camera.matrix_world.translation.copy()
    file = render_file(scene, tmp_path / "shot.exr")

    scene.frame_set(1)
    bpy.ops.object.camera_add(location=(9, 9, 9))
    scene.camera = bpy.context.object
    camera.location.z = 77  # animated, but not keyed: what a user is about to key
    capfd.readouterr()
    bpy.ops.depth.reconstruct(filepath=file)
    assert_lies_on_the_scene(the_object(), truth, place)
    said = capfd.readouterr().out
    assert "The file names the camera 'Shot Camera': used that." in said
    assert "The file is of frame 8: used the camera as it is there." in said
    assert scene.frame_current == 1
    assert camera.location.z == 77
    assert len(bpy.data.scenes) == 1


def test_a_chosen_camera_wins_over_the_stamp(scene: bpy.types.Scene, tmp_path: Path) -> None:
    file = render_file(scene, tmp_path / "shot.exr")
    bpy.ops.depth.reconstruct(filepath=file)
    expected = positions(the_object())
    twin = scene.camera.copy()
    twin.name = "Twin"
    twin.location.x += 5
    scene.collection.objects.link(twin)
    bpy.context.view_layer.update()
    bpy.ops.depth.reconstruct(filepath=file, camera="Twin")
    np.testing.assert_allclose(positions(the_object()), expected + np.array([5, 0, 0]), atol=1e-5)
    fails("no camera named 'Nobody'; choose one of: 'Camera', 'Twin'",
          filepath=file, camera="Nobody")  # fmt: skip


def test_another_resolution_of_the_same_aspect_is_used_and_noted(
    scene: bpy.types.Scene, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    truth = ray_casts(scene, scene.camera)
    file = render_file(scene, tmp_path / "shot.exr")
    scene.render.resolution_percentage = 250
    capfd.readouterr()
    bpy.ops.depth.reconstruct(filepath=file)
    assert_lies_on_the_scene(the_object(), truth, scene.camera.location)
    assert "The image is 64 x 48 pixels, the scene's render 160 x 120" in capfd.readouterr().out
    assert scene.render.resolution_percentage == 250
    assert scene.render.resolution_x == WIDTH


def test_another_aspect_is_an_error_unless_overridden(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    truth = ray_casts(scene, scene.camera)
    file = render_file(scene, tmp_path / "shot.exr")
    scene.render.resolution_x = 100
    fails("64 x 48 pixels, the scene's render 100 x 48, which is another aspect", filepath=file)
    bpy.ops.depth.reconstruct(filepath=file, ignore_aspect=True)
    assert_lies_on_the_scene(the_object(), truth, scene.camera.location)


@pytest.mark.parametrize("crop", [False, True])
def test_a_border_gives_the_points_within(
    scene: bpy.types.Scene, tmp_path: Path, crop: bool
) -> None:
    truth = ray_casts(scene, scene.camera)
    scene.render.use_border, scene.render.use_crop_to_border = True, crop
    scene.render.border_min_x, scene.render.border_max_x = 0.25, 0.75
    scene.render.border_min_y, scene.render.border_max_y = 0.125, 1.0
    file = render_file(scene, tmp_path / "shot.exr")
    bpy.ops.depth.reconstruct(filepath=file)
    at = pixels(the_object())
    left = 0 if crop else 16
    assert (at.min(axis=0) >= (left, 0)).all()
    assert (at.max(axis=0) <= (left + 31, 41)).all()
    assert len(at) > 500
    expected = truth[at[:, 1], at[:, 0] + 16 - left]
    distance = np.linalg.norm(positions(the_object()) - expected, axis=1)
    assert np.mean(distance <= 2e-4) >= 0.99
    scene.render.use_border = False
    if not crop:
        before = positions(the_object())
        bpy.ops.depth.reconstruct(filepath=file)
        np.testing.assert_array_equal(positions(the_object()), before)


def test_undo_takes_the_object_away_in_one_step(scene: bpy.types.Scene, tmp_path: Path) -> None:
    file = render_file(scene, tmp_path / "shot.exr")
    bpy.ops.ed.undo_push(message="before")
    names = set(bpy.data.objects.keys())
    bpy.ops.depth.reconstruct(filepath=file)
    bpy.ops.ed.undo_push(message="after")  # only the interface pushes by itself
    assert set(bpy.data.objects.keys()) - names == {"shot"}
    bpy.ops.ed.undo()
    assert set(bpy.data.objects.keys()) == names
    bpy.ops.ed.redo()
    assert set(bpy.data.objects.keys()) - names == {"shot"}


def test_a_stereo_render_takes_each_view_from_its_eye(
    scene: bpy.types.Scene, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    scene.render.use_multiview = True
    camera = scene.camera
    camera.data.stereo.convergence_mode = "PARALLEL"
    camera.data.stereo.pivot = "CENTER"
    camera.data.stereo.interocular_distance = 0.4
    camera.data.shift_x = 0
    file = render_file(scene, tmp_path / "shot.exr", views_format="MULTIVIEW")
    side = camera.matrix_world.to_3x3() @ Vector((1, 0, 0))
    middle = camera.location.copy()
    for view, offset in (("left", -0.2), ("right", 0.2)):
        bpy.ops.depth.reconstruct(filepath=file, view=view)
        made = the_object()
        camera.location = middle + side * offset
        scene.render.use_multiview = False
        bpy.context.view_layer.update()
        made.hide_set(True)
        assert_lies_on_the_scene(made, ray_casts(scene, camera), camera.location)
        camera.location = middle
        scene.render.use_multiview = True
        bpy.context.view_layer.update()
    capfd.readouterr()
    bpy.ops.depth.reconstruct(filepath=file)
    assert "The file holds the views left, right: used left." in capfd.readouterr().out


def test_bad_files_end_in_one_sentence(scene: bpy.types.Scene, tmp_path: Path) -> None:
    file = Path(render_file(scene, tmp_path / "shot.exr"))
    cut = tmp_path / "cut.exr"
    cut.write_bytes(file.read_bytes()[:-200])
    empty = tmp_path / "empty.exr"
    empty.touch()
    image = bpy.data.images.new("picture", 8, 8)
    image.filepath_raw, image.file_format = str(tmp_path / "depth.png"), "PNG"
    image.save()
    bpy.data.images.remove(image)
    for path, message in (
        (tmp_path / "missing.exr", "does not exist"),
        (cut, "truncated|incomplete|ends"),
        (empty, "is empty"),
        (tmp_path, "folder"),
        (tmp_path / "depth.png", "PNG"),
    ):
        fails(message, filepath=str(path))
    fails("has no layer Beauty; it holds", filepath=str(file), layer="Beauty")
    fails("has no view left", filepath=str(file), view="left")


def test_edit_mode_is_refused_with_advice() -> None:
    bpy.ops.mesh.primitive_plane_add()
    bpy.ops.object.mode_set(mode="EDIT")
    assert not bpy.ops.depth.reconstruct.poll()
    with pytest.raises(RuntimeError, match="Switch to Object Mode first"):
        bpy.ops.depth.reconstruct()
    bpy.ops.object.mode_set(mode="OBJECT")


def test_a_panorama_in_workbench_is_perspective(scene: bpy.types.Scene, product: Product) -> None:
    """No engine but Cycles renders without a screen, so only the camera is compared here."""
    scene.camera.data.type = "PANO"
    bridge = product("bridge.camera")

    def lens(engine: str) -> object:
        depsgraph = bpy.context.evaluated_depsgraph_get()
        return bridge.camera_from_object(scene.camera, scene, depsgraph, engine=engine).lens

    seen, in_cycles = lens("BLENDER_WORKBENCH"), lens("CYCLES")
    scene.camera.data.type = "PERSP"
    assert seen == lens("CYCLES") != in_cycles


def test_the_settings_of_the_sidebar_follow_the_file(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    settings = scene.reconstruct_from_depth
    assert settings.plan.startswith("64 x 48, Depth (pass is off now")
    settings.source = "FILE"
    assert settings.problem == "Choose the OpenEXR file of a render with a Depth pass."
    settings.filepath = str(tmp_path / "none.exr")
    assert "does not exist" in settings.problem
    scene.frame_set(12)
    settings.filepath = render_file(scene, tmp_path / "shot.exr")
    scene.frame_set(1)
    assert settings.problem == ""
    assert settings.plan == "64 x 48, ViewLayer.Depth, planar, camera Camera, frame 12"
    scene.camera.data.type = "PANO"
    assert ", ray, " in settings.plan
    scene.camera = None
    scene.objects["Camera"].name = "Renamed"
    assert "no active camera; choose the one that rendered the image from: 'Renamed'" in (
        settings.problem
    )


def test_random_cameras_through_the_operator(scene: bpy.types.Scene) -> None:
    """Parents with scale, portrait, pixel aspect, sensor fit: all at once, fixed seed."""
    rng = random.Random(7)
    camera = scene.camera
    bpy.ops.object.empty_add(rotation=(0.1, 0.2, 0.3), scale=(2, 2, 2))
    camera.parent = bpy.context.object
    camera.location = (1.5, -3.5, 1.2)
    camera.scale = (3, 3, 3)
    for fit in ("AUTO", "HORIZONTAL", "VERTICAL"):
        camera.data.sensor_fit = fit
        camera.data.sensor_height = rng.uniform(15, 30)
        camera.data.lens = rng.uniform(15, 40)
        camera.data.shift_x, camera.data.shift_y = rng.uniform(-0.2, 0.2), rng.uniform(-0.2, 0.2)
        camera.data.type = rng.choice(("PERSP", "ORTHO"))
        camera.data.ortho_scale = 5
        scene.render.pixel_aspect_x = rng.uniform(1, 2)
        scene.render.resolution_x, scene.render.resolution_y = 40, 70
        bpy.context.view_layer.update()
        scene.view_layers[0].use_pass_position = True
        bpy.ops.depth.render_and_reconstruct()
        made = the_object()
        made.hide_set(True)
        made.hide_render = True
        at = pixels(made)
        assert len(at) > 200
        matrix = camera.matrix_world.normalized()
        corners = camera.data.view_frame(scene=scene)
        for (column, row), point in list(zip(at.tolist(), positions(made), strict=True))[::37]:
            x, y = (column + 0.5) / 40, (row + 0.5) / 70
            corner = corners[3] + (corners[0] - corners[3]) * x + (corners[2] - corners[3]) * y
            local = matrix.inverted() @ Vector(point)
            if camera.data.type == "PERSP":
                local *= corner.z / local.z
            size = (corners[0] - corners[3]).length
            assert math.hypot(local.x - corner.x, local.y - corner.y) < 2e-5 * size


def test_the_position_pass_gives_points_where_no_lens_formula_can(
    scene: bpy.types.Scene, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    camera = scene.camera
    truth = ray_casts(scene, camera)
    without = render_file(scene, tmp_path / "without.exr")
    message = "has no Position pass beside ViewLayer.Depth; enable that pass"
    fails(message, filepath=without, points_from="POSITION")
    camera.data.dof.use_dof = True
    camera.data.dof.aperture_fstop = 0.05
    capfd.readouterr()
    bpy.ops.depth.render_and_reconstruct()
    assert "Depth of Field is on, with which Cycles writes depth that is off" in (
        capfd.readouterr().out
    )
    bpy.ops.depth.render_and_reconstruct(points_from="POSITION")
    assert not scene.view_layers[0].use_pass_position
    blurred = positions(the_object())
    hit, *_ = zip(
        *(scene.ray_cast(bpy.context.evaluated_depsgraph_get(), camera.location,
                         Vector(point) - camera.location) for point in blurred[::50]),
        strict=True,
    )  # fmt: skip
    assert sum(hit) > 0.9 * len(hit)
    camera.data.dof.use_dof = False
    bpy.ops.depth.render_and_reconstruct(points_from="POSITION")
    assert_lies_on_the_scene(the_object(), truth, camera.location)


def test_of_several_view_layers_the_one_in_use_is_taken(
    scene: bpy.types.Scene, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    scene.view_layers[0].use_pass_z = True
    other = scene.view_layers.new("Other")
    other.use_pass_z = True
    file = render_file(scene, tmp_path / "shot.exr")
    capfd.readouterr()
    bpy.ops.depth.reconstruct(filepath=file)
    said = capfd.readouterr().out
    assert "points from ViewLayer.Depth" in said
    assert "The file holds several depth layers: used ViewLayer.Depth." in said
    bpy.ops.depth.reconstruct(filepath=file, layer="Other.Depth")
    assert "points from Other.Depth" in capfd.readouterr().out
    bpy.context.view_layer.name = "Renamed"
    fails("holds several layers that may be depth: .*; choose one", filepath=file)


def test_points_are_shown_as_large_as_their_pixels(scene: bpy.types.Scene) -> None:
    bpy.ops.depth.render_and_reconstruct(show_points=True)
    made = the_object()
    depsgraph = bpy.context.evaluated_depsgraph_get()
    assert len(made.data.vertices) == len(positions(made)) > 500
    assert not made.modifiers[0].show_render
    if bpy.app.version >= (4, 5):  # before, Python cannot reach evaluated points
        geometry = made.evaluated_get(depsgraph).evaluated_geometry()
        cloud = geometry.pointcloud
        radius = np.empty(len(cloud.points), np.float32)
        cloud.attributes["radius"].data.foreach_get("value", radius)
        depth = np.empty(len(made.data.vertices), np.float32)
        made.data.attributes["depth"].data.foreach_get("value", depth)
        pixel = depth * scene.camera.data.sensor_width / scene.camera.data.lens / WIDTH
        np.testing.assert_allclose(radius, pixel * math.sqrt(0.5), rtol=1e-4)
        assert cloud.materials[0].name == made.data.materials[0].name
    bpy.ops.depth.reconstruct()
    assert not the_object().modifiers
