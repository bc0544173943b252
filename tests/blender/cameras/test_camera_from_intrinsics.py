"""Blender's cameras made from intrinsics, against Blender's own projection and the way back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from bpy_extras.object_utils import world_to_camera_view
from mathutils import Matrix, Vector

from tests.blender.cameras.camera_checks import LENSES, Product, assert_exact, random_shot
from tests.blender.cameras.camera_scenes import prepare_shot, render_passes

make = bpy.ops.depth.camera_from_intrinsics
SINGLE = 2.0**-24
"""Half the spacing of single precision, relative: what rounding to it costs at most."""


def read_back(product: Product, item: bpy.types.Object | None = None) -> Any:
    return product("bridge.cameras.active_camera").present_camera(
        bpy.context, item or bpy.context.scene.camera
    )


def rotation(rng: np.random.Generator) -> np.ndarray:
    turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    return turn * np.sign(np.linalg.det(turn))


def random_camera(product: Product, seed: int) -> Any:
    """Portrait and landscape, off-center, with pixels wider or higher than long, in any pose."""
    rng = np.random.default_rng(seed)
    width, height = (int(side) for side in rng.integers(64, 4096, 2))
    fx = width * rng.uniform(0.3, 4.0)
    fy = fx * rng.uniform(0.6, 1.7)
    cx, cy = rng.uniform(0.2, 0.8, 2) * (width, height)
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = rotation(rng), rng.uniform(-5, 5, 3)
    intrinsics = product("core.cameras.intrinsics")
    lens = intrinsics.Perspective(intrinsics.Intrinsics(fx, fy, cx, cy, width, height))
    return product("core.cameras.camera").Camera(lens, matrix)


def as_json(product: Product, camera: Any) -> str:
    return json.dumps(product("core.cameras.serialization").camera_to_data(camera))


def points_ahead(camera: Any, count: int = 60) -> np.ndarray:
    rng = np.random.default_rng(0)
    size = camera.lens.width, camera.lens.height
    pixels = rng.uniform(0, 1, (count, 2)) * size
    kind = type(camera.lens).rays.__globals__["DepthKind"].PLANAR
    return camera.rays(pixels, kind).at(rng.uniform(1.0, 20.0, count))


def assert_blender_projects_alike(camera: Any, item: bpy.types.Object) -> None:
    """By `world_to_camera_view`, which is all Blender's; it computes in single precision."""
    scene = bpy.context.scene
    points = points_ahead(camera)
    view = np.array([world_to_camera_view(scene, item, Vector(point)) for point in points])
    size = np.array([camera.lens.width, camera.lens.height])
    found = np.stack([view[:, 0], 1.0 - view[:, 1]], axis=1) * size
    assert (np.abs(found - camera.project(points)) / size).max() < 2e-5


@pytest.mark.parametrize("target", ["NEW", "ACTIVE"])
@pytest.mark.parametrize("seed", range(8))
def test_blender_projects_as_the_camera_does(product: Product, seed: int, target: str) -> None:
    camera = random_camera(product, seed)
    if target == "ACTIVE":
        bpy.ops.object.camera_add(location=(1, 2, 3), scale=(2, 2, 2))
        bpy.context.object.data.sensor_fit = "VERTICAL"
        bpy.context.object.data.type = "ORTHO"
    cameras = len(bpy.data.cameras)
    assert make(text=as_json(product, camera), target=target) == {"FINISHED"}
    assert len(bpy.data.cameras) == cameras + (target == "NEW")
    scene = bpy.context.scene
    assert scene.camera == bpy.context.object
    assert scene.render.resolution_x == camera.lens.width
    assert scene.render.resolution_y == camera.lens.height
    assert_blender_projects_alike(camera, scene.camera)


@pytest.mark.parametrize("seed", range(20))
def test_what_single_precision_leaves_of_it(product: Product, seed: int) -> None:
    """The bounds in the docstring of `bridge.cameras.lens_settings`."""
    camera = random_camera(product, seed)
    make(text=as_json(product, camera))
    back = read_back(product)
    given, found = camera.lens.intrinsics, back.lens.intrinsics
    assert (found.width, found.height) == (given.width, given.height)
    assert abs(found.fx / given.fx - 1.0) <= 1.01 * SINGLE
    assert abs(found.fy / given.fy - 1.0) <= 2.02 * SINGLE
    middle = given.width / 2.0, given.height / 2.0
    assert abs(found.cx - given.cx) <= 1.01 * SINGLE * abs(given.cx - middle[0])
    assert abs(found.cy - given.cy) <= 1.01 * SINGLE * abs(given.cy - middle[1])
    np.testing.assert_allclose(back.matrix[:3, :3], camera.matrix[:3, :3], atol=3e-7)
    np.testing.assert_allclose(back.matrix[:3, 3], camera.matrix[:3, 3], atol=3e-7)


@pytest.mark.parametrize("pitch", [90.0, -90.0, 89.9999, 90.001, 45.0])
def test_steep_cameras_are_turned_as_exactly(product: Product, pitch: float) -> None:
    """Where Euler angles have no single solution."""
    camera = random_camera(product, 1)
    axes = Matrix.Rotation(0.7, 3, "Z") @ Matrix.Rotation(np.radians(pitch), 3, "Y")
    turn, _ = np.linalg.qr(np.array(axes @ Matrix.Rotation(-1.1, 3, "X"), np.float64))
    matrix = np.eye(4)
    matrix[:3, :3] = turn * np.sign(np.linalg.det(turn))
    make(text=as_json(product, type(camera)(camera.lens, matrix)))
    np.testing.assert_allclose(read_back(product).matrix, matrix, atol=3e-7)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("lens", ["perspective", "orthographic"])
def test_what_single_precision_holds_comes_back(product: Product, lens: str, seed: int) -> None:
    """Intrinsics of a Blender camera, to 1e-9: its lens and sensor are single precision already."""
    shot = random_shot(LENSES[lens], seed)
    prepare_shot(shot, seed)
    given = read_back(product)
    bpy.context.scene.render.use_border = False
    data = bpy.context.scene.camera.data
    sensor = data.sensor_height if data.sensor_fit == "VERTICAL" else data.sensor_width
    make(text=as_json(product, given), sensor_width=sensor)
    i, j = given.lens.intrinsics, read_back(product).lens.intrinsics
    for name in ("fx", "fy", "cx", "cy"):
        assert getattr(j, name) == pytest.approx(getattr(i, name), rel=2.02 * SINGLE)
    again = read_back(product)
    make(text=as_json(product, again), sensor_width=bpy.context.scene.camera.data.sensor_width)
    i, j = again.lens.intrinsics, read_back(product).lens.intrinsics
    for name in ("fx", "fy", "cx", "cy"):
        assert getattr(j, name) == pytest.approx(getattr(i, name), rel=1e-9)


@pytest.mark.parametrize("lens", LENSES)
def test_every_lens_sees_what_it_saw(product: Product, tmp_path: Path, lens: str) -> None:
    """Through JSON, and as Cycles' Position pass has it."""
    shot = random_shot(LENSES[lens], 1)
    prepare_shot(shot, 1)
    bpy.context.scene.render.use_border = False
    before = bpy.context.scene.camera
    given = read_back(product)
    assert make(text=as_json(product, given)) == {"FINISHED"}
    made = bpy.context.scene.camera
    assert made != before
    passes = render_passes(tmp_path)[""]
    assert_exact(product, made, "", passes)
    hit = passes.position[passes.hit]
    np.testing.assert_allclose(read_back(product).project(hit), given.project(hit), atol=0.01)


NUMBERS = {"width": 640, "height": 480}
K = np.array([[812.5, 0.0, 321.25], [0.0, 650.0, 200.5], [0.0, 0.0, 1.0]])
FLAT_K = K.ravel()


@pytest.mark.parametrize(
    ("convention", "offset"), [("BLENDER", 0.0), ("COLMAP", 0.0), ("OPENCV", 0.5)]
)
@pytest.mark.parametrize("given", ["k", "numbers"])
def test_numbers_of_each_convention(
    product: Product, given: str, convention: str, offset: float
) -> None:
    numbers: dict[str, Any] = {"k": FLAT_K}
    if given == "numbers":
        numbers = {"fx": K[0, 0], "fy": K[1, 1], "cx": K[0, 2], "cy": K[1, 2]}
    make(**numbers, **NUMBERS, convention=convention)
    i = read_back(product).lens.intrinsics
    found = i.fx, i.fy, i.cx, i.cy, i.width, i.height
    expected = 812.5, 650.0, 321.25 + offset, 200.5 + offset, 640, 480
    np.testing.assert_allclose(found, expected, rtol=2e-7)


def test_square_pixels_need_one_focal_length() -> None:
    make(fx=812.5, cx=320, cy=240, **NUMBERS)
    render = bpy.context.scene.render
    assert (render.pixel_aspect_x, render.pixel_aspect_y) == (1.0, 1.0)
    data = bpy.context.scene.camera.data
    assert (data.shift_x, data.shift_y, data.sensor_width) == (0.0, 0.0, 36.0)
    assert data.lens == pytest.approx(812.5 * 36 / 640)


@pytest.mark.parametrize("kind", [list, tuple, np.array])
@pytest.mark.parametrize("way", ["CAMERA_TO_WORLD", "WORLD_TO_CAMERA"])
@pytest.mark.parametrize("convention", ["BLENDER", "OPENCV"])
def test_poses_of_each_convention(convention: str, way: str, kind: Any) -> None:
    wanted = np.eye(4)
    wanted[:3, :3], wanted[:3, 3] = rotation(np.random.default_rng(5)), (1.0, -2.0, 3.0)
    matrix = wanted @ np.diag([1, -1, -1, 1] if convention == "OPENCV" else [1, 1, 1, 1])
    if way == "WORLD_TO_CAMERA":
        matrix = np.linalg.inv(matrix)
    make(k=FLAT_K, **NUMBERS, convention=convention, pose=way, matrix=kind(matrix.ravel()))
    np.testing.assert_allclose(bpy.context.scene.camera.matrix_world, wanted, atol=1e-6)
    with pytest.raises((TypeError, ValueError), match="matrix"):
        make(matrix=Matrix(matrix))  # which is stored column by column
    if way == "WORLD_TO_CAMERA":
        bpy.ops.depth.camera_from_intrinsics(
            k=FLAT_K,
            **NUMBERS,
            convention=convention,
            rotation=matrix[:3, :3].ravel(),
            translation=matrix[:3, 3],
        )
        np.testing.assert_allclose(bpy.context.scene.camera.matrix_world, wanted, atol=1e-6)


def test_without_a_pose_cameras_stand_where_one_expects() -> None:
    scene = bpy.context.scene
    scene.cursor.location = (1.0, 2.0, 3.0)
    make(k=FLAT_K, **NUMBERS, name="Made")
    made = scene.camera
    bpy.context.view_layer.update()
    assert (made.name, made.data.name) == ("Made", "Made")
    assert made.matrix_world == Matrix.Translation((1, 2, 3))
    made.location = (4.0, 5.0, 6.0)
    make(k=FLAT_K, **NUMBERS, target="ACTIVE")
    assert scene.camera == made
    assert made.location == Vector((4, 5, 6))


def test_the_active_camera_is_the_active_object_or_the_scenes() -> None:
    bpy.ops.object.camera_add()
    first = bpy.context.object
    bpy.context.scene.camera = first
    bpy.ops.object.camera_add()
    second = bpy.context.object
    make(fx=640, cx=320, cy=240, **NUMBERS, target="ACTIVE")
    assert (first.data.lens, second.data.lens) == (50.0, 36.0)
    assert bpy.context.scene.camera == second
    bpy.ops.mesh.primitive_cube_add()
    bpy.context.scene.camera = first
    make(fx=1280, cx=320, cy=240, **NUMBERS, target="ACTIVE")
    assert (first.data.lens, second.data.lens) == (72.0, 36.0)
    make(fx=320, cx=320, cy=240, **NUMBERS, target="ACTIVE", camera=second.name)
    assert (first.data.lens, second.data.lens) == (72.0, 18.0)


def test_sensor_widths() -> None:
    make(fx=640, cx=320, cy=240, **NUMBERS, sensor_width=8.0)
    data = bpy.context.scene.camera.data
    assert (data.lens, data.sensor_width, data.sensor_height) == (8.0, 8.0, 6.0)
    make(fx=1280, cx=320, cy=240, **NUMBERS, target="ACTIVE")
    assert (data.lens, data.sensor_width) == (16.0, 8.0)


@pytest.mark.filterwarnings("error")
def test_a_very_wide_lens_gets_a_wider_sensor(product: Product, capfd: Any) -> None:
    """Blender's lens cannot be shorter than 1 mm."""
    make(fx=8.0, cx=320, cy=240, **NUMBERS)
    data = bpy.context.scene.camera.data
    assert data.lens == pytest.approx(1.0)
    assert data.sensor_width == pytest.approx(80.0, rel=1e-5)
    with pytest.warns(UserWarning, match="millimeters"):
        assert read_back(product).lens.intrinsics.fx == pytest.approx(8.0, rel=2e-7)
    out = capfd.readouterr().out
    assert out.count("fx = 8 and fy = 8 see over 176 degrees") == 1


def test_the_render_region_is_switched_off() -> None:
    render = bpy.context.scene.render
    render.use_border = render.use_crop_to_border = True
    render.border_max_x, render.resolution_percentage = 0.5, 50
    make(k=FLAT_K, **NUMBERS)
    assert not render.use_border
    assert render.resolution_percentage == 100


DIST = (-0.26, 0.09, 1e-3, -2e-3)


def test_distortion_is_left_out_and_said(product: Product, capfd: Any) -> None:
    calibration = {"K": K.tolist(), "dist": DIST, "model": "pinhole", **NUMBERS}
    make(text=json.dumps(calibration))
    assert (
        "Warning: Blender renders no lens distortion: left out k1 = -0.26, k2 = 0.09, p1 = 0.001, "
        "p2 = -0.002, so that the image is that of the undistorted camera."
    ) in capfd.readouterr().out
    lens = read_back(product).lens
    assert type(lens).__name__ == "Perspective"
    assert lens.intrinsics.fx == pytest.approx(812.5, rel=1e-7)


@pytest.mark.parametrize("focal", [(300.0, 300.0), (300.0, 225.0), (300.0, 310.0)])
def test_fisheyes_become_panoramas(product: Product, tmp_path: Path, focal: Any) -> None:
    """Equidistant where Blender has that, else its polynomial; both as Cycles renders them."""
    prepare_shot(random_shot(LENSES["perspective"], 2), 2)
    fx, fy = focal
    k = [[fx * 0.15, 0, 48.5], [0, fy * 0.15, 36.5], [0, 0, 1]]
    calibration = {"K": k, "model": "fisheye", "width": 96, "height": 72}
    calibration |= {"R": np.eye(3).tolist(), "t": [0.1, 0.2, 0.3]}
    make(text=json.dumps(calibration))
    data = bpy.context.scene.camera.data
    kind = "FISHEYE_EQUIDISTANT" if focal == (300.0, 225.0) else "FISHEYE_LENS_POLYNOMIAL"
    assert (data.type, data.panorama_type) == ("PANO", kind)
    wanted = product("core.cameras.files").parse_cameras(json.dumps(calibration))[0].camera
    passes = render_passes(tmp_path)[""]
    assert passes.hit.mean() > 0.5
    rows, columns = np.nonzero(passes.hit)
    centers = np.stack([columns, rows], axis=1) + 0.5
    errors = np.linalg.norm(wanted.project(passes.position[passes.hit]) - centers, axis=1)
    assert np.percentile(errors, 99) < 0.01


def test_panoramas_in_other_engines_are_said(capfd: Any) -> None:
    bpy.context.scene.render.engine = "BLENDER_WORKBENCH"
    make(text=json.dumps({"K": K.tolist(), "model": "fisheye", **NUMBERS}))
    assert "Only Cycles renders this lens: choose it" in capfd.readouterr().out


def test_files_that_are_exported_make_their_camera(product: Product, tmp_path: Path) -> None:
    camera, export = random_camera(product, 3), product("core.export.cameras")
    for form in product("core.export.formats").CameraFormat:
        record = export.CameraRecord(camera, "/renders/a shot.exr", "Front")
        texts = export.camera_texts(tmp_path / "room.ply", record, form)
        with export.replacing_texts(tmp_path, texts):
            pass
        make(filepath=str(tmp_path / next(iter(texts))))
        back = read_back(product)
        points = points_ahead(camera)
        assert np.abs(back.project(points) - camera.project(points)).max() < 0.01
        name = bpy.context.scene.camera.name.split(".")[0]
        assert name == {"JSON": "Front", "COLMAP": "a_shot"}.get(form.name, "a shot")


def test_an_image_of_several_is_chosen() -> None:
    frames = [
        {"file_path": f"{name}.png", "transform_matrix": np.diag([1, 1, 1, 1.0]).tolist()}
        for name in ("left", "right")
    ]
    frames[1]["transform_matrix"][0][3] = 7.0
    text = json.dumps({"fl_x": 800, "cx": 320, "cy": 240, "w": 640, "h": 480, "frames": frames})
    make(text=text, image="right.png")
    assert bpy.context.scene.camera.name == "right"
    assert bpy.context.scene.camera.location == Vector((7, 0, 0))
    with pytest.raises(RuntimeError, match=r"no image was named: choose one of 'left.png', 'ri"):
        make(text=text)


def test_one_undo_takes_it_all_back() -> None:
    bpy.ops.object.camera_add()
    bpy.context.scene.camera = bpy.context.object
    bpy.ops.ed.undo_push(message="before")
    before = bpy.context.scene.render.resolution_x, bpy.context.scene.camera.name
    make("EXEC_DEFAULT", True, k=FLAT_K, **NUMBERS)
    assert len(bpy.data.cameras) == 2
    bpy.ops.ed.undo()
    assert (bpy.context.scene.render.resolution_x, bpy.context.scene.camera.name) == before
    assert len(bpy.data.objects) == len(bpy.data.cameras) == 1


def test_what_moves_the_camera_is_said(capfd: Any) -> None:
    bpy.ops.object.camera_add()
    item = bpy.context.object
    item.constraints.new("LIMIT_LOCATION").use_min_x = True
    matrix = np.array(Matrix.Translation((-5, 0, 0)))
    make(k=FLAT_K, **NUMBERS, target="ACTIVE", pose="CAMERA_TO_WORLD", matrix=matrix.ravel())
    assert "sees things up to" in capfd.readouterr().out
    item.constraints.clear()
    parent = bpy.data.objects.new("Parent", None)
    bpy.context.collection.objects.link(parent)
    parent.matrix_world = Matrix.Translation((1, 2, 3)) @ Matrix.Rotation(1, 4, "X")
    item.parent = parent
    bpy.context.view_layer.update()
    make(k=FLAT_K, **NUMBERS, target="ACTIVE", pose="CAMERA_TO_WORLD", matrix=matrix.ravel())
    assert "sees things up to" not in capfd.readouterr().out
    np.testing.assert_allclose(item.matrix_world, matrix, atol=1e-6)


def test_stereo_scenes_are_no_reason_to_warn(capfd: Any) -> None:
    bpy.context.scene.render.use_multiview = True
    make(
        k=FLAT_K, **NUMBERS, pose="CAMERA_TO_WORLD", matrix=np.ravel(Matrix.Translation((1, 2, 3)))
    )
    assert "Warning" not in capfd.readouterr().out
    assert bpy.context.scene.render.use_multiview


ORTHO_CROPPED = {
    "version": 1,
    "lens": {
        "type": "CubeFace",
        "frame": {
            "type": "Frame",
            "width": 64,
            "height": 64,
            "left": 0.0,
            "right": 0.5,
            "bottom": 0.0,
            "top": 1.0,
        },
    },
    "matrix": np.eye(4).tolist(),
}
STEREO = {
    **ORTHO_CROPPED,
    "lens": {
        "type": "SphericalStereo",
        "lens": {"type": "CubeFace", "frame": {**ORTHO_CROPPED["lens"]["frame"], "right": 1.0}},
        "offset": 0.1,
        "convergence": "inf",
        "merge_from": "inf",
        "merge_to": "inf",
        "up": [0.0, 1.0, 0.0],
    },
}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "no principal point, expected cx and cy in pixels"),
        ({"fx": 800, "cx": 320}, "no principal point"),
        ({"fx": 800, "cx": 320, "cy": 240}, "image size is 0 x 0, expected two whole numbers"),
        ({"cx": 320, "cy": 240, **NUMBERS}, "focal length fx is 0.0, expected .* in pixels"),
        ({"k": K.T.ravel(), **NUMBERS}, "not of the form .*transpose it"),
        (
            {"k": FLAT_K, "width": 640, "height": 3},
            "Resolution Y of 3, but Blender takes 4 to 65536",
        ),
        ({"fx": 800, "fy": 1, "cx": 9, "cy": 9, **NUMBERS}, "Aspect.* of 800, but Blender takes 1"),
        (
            {"k": FLAT_K, **NUMBERS, "matrix": np.eye(4).ravel()},
            "a matrix, but not which way it goes: set the pose",
        ),
        (
            {"k": FLAT_K, **NUMBERS, "rotation": np.eye(3).ravel()},
            "half a pose, expected rotation and transl",
        ),
        (
            {"k": FLAT_K, **NUMBERS, "matrix": 2 * np.eye(4).ravel(), "pose": "CAMERA_TO_WORLD"},
            "last row 0, 0, 0, 2",
        ),
        (
            {"k": FLAT_K, **NUMBERS, "rotation": 2 * np.eye(3).ravel(), "translation": (0, 0, 0)},
            "are not a rotation",
        ),
        ({"text": "{"}, "JSON is broken at line 1"),
        ({"text": "hello"}, "of no known format"),
        ({"text": json.dumps({"K": K.tolist()})}, "no image size, which a camera needs"),
        ({"text": json.dumps(ORTHO_CROPPED)}, "a part of a panorama, cropped to a render region"),
        ({"text": json.dumps(STEREO)}, "one eye of a stereo camera"),
        ({"filepath": "/no/such.json"}, "/no/such.json: The file cannot be read"),
        ({"source": "FILE"}, "There is no file to read: choose one"),
        (
            {"k": FLAT_K, **NUMBERS, "target": "ACTIVE"},
            "scene has no active camera; choose one of: non",
        ),
        (
            {"k": FLAT_K, **NUMBERS, "target": "ACTIVE", "camera": "No"},
            "scene has no camera named 'No'; choose one of: none .add one",
        ),
    ],
)
def test_bad_input_is_one_sentence_and_changes_nothing(given: dict[str, Any], message: str) -> None:
    render = bpy.context.scene.render
    before = [getattr(render, name) for name in ("resolution_x", "pixel_aspect_y", "use_border")]
    with pytest.raises(RuntimeError, match=message) as caught:
        make(**given)
    assert str(caught.value).strip().count("\n") == 0
    after = [getattr(render, name) for name in ("resolution_x", "pixel_aspect_y", "use_border")]
    assert before == after
    assert not bpy.data.cameras
    assert not bpy.data.objects


def test_only_in_object_mode() -> None:
    bpy.ops.mesh.primitive_cube_add()
    bpy.ops.object.mode_set(mode="EDIT")
    with pytest.raises(RuntimeError, match="Switch to Object Mode first"):
        make(k=FLAT_K, **NUMBERS)


def test_linked_cameras_are_left_alone(tmp_path: Path) -> None:
    bpy.ops.object.camera_add()
    bpy.context.object.name = "Linked"
    path = str(tmp_path / "library.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    with bpy.data.libraries.load(path, link=True) as (_, target):
        target.objects = ["Linked"]
    (item,) = target.objects
    bpy.context.collection.objects.link(item)
    bpy.context.view_layer.objects.active = item
    with pytest.raises(RuntimeError, match="'Linked' is linked from another file: make it local"):
        make(k=FLAT_K, **NUMBERS, target="ACTIVE")
    assert make(k=FLAT_K, **NUMBERS) == {"FINISHED"}
