"""The view, camera, frame, and clip range of a file: points against its Position pass."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

from tests.blender.cameras.camera_checks import LENSES, Product, pixel_centers
from tests.blender.cameras.camera_scenes import (
    Passes,
    Shot,
    add_camera,
    prepare_shot,
    render_passes,
)
from tests.blender.reconstruct_scene import (
    assert_meets_position,
    fails,
    reconstruct,
    use_multilayer,
)

pytestmark = pytest.mark.usefixtures("undescribed")

PERSPECTIVE, FISHEYE = LENSES["perspective"], LENSES["equidistant"]
TELLS_NO_VIEW = bpy.app.version >= (5, 0)
"""Whether the file of a single view says nothing of it."""


@pytest.fixture
def camera(empty_scene: bpy.types.Scene) -> bpy.types.Object:
    """A perspective camera in a cage; the scene is rendered to multilayer files."""
    camera = prepare_shot(Shot(PERSPECTIVE), 3)
    use_multilayer(empty_scene).color_depth = "32"
    return camera


def render(path: Path) -> str:
    bpy.context.scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
    return str(path)


def make_rig(camera: bpy.types.Object, right: Any) -> bpy.types.Object:
    """Make two views: of Rig_L, the scene's camera, and of Rig_R, which has other settings."""
    scene = bpy.context.scene
    camera.name = "Rig_L"
    other = add_camera(4, right, "Rig_R")
    scene.camera = camera
    scene.render.use_multiview = True
    scene.render.views_format = "MULTIVIEW"
    bpy.context.view_layer.update()
    return other


@pytest.mark.parametrize("is_rig", [False, True])
@pytest.mark.parametrize("view", ["left", "right"])
def test_separate_files_of_views(
    camera: bpy.types.Object,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    view: str,
    is_rig: bool,
) -> None:
    settings = bpy.context.scene.render
    camera.data.stereo.interocular_distance = 0.4
    if is_rig:
        make_rig(camera, FISHEYE)
    settings.use_multiview = True
    assert settings.image_settings.views_format == "INDIVIDUAL"
    render(tmp_path / "shot.exr")
    file = str(tmp_path / f"shot_{view[0].upper()}.exr")
    capfd.readouterr()
    assert_meets_position(filepath=file)
    note = f"name ends in _{view[0].upper()}: used the view {view}."
    assert (note in capfd.readouterr().out) == TELLS_NO_VIEW
    assert_meets_position(filepath=file, view=view)
    renamed = str(shutil.copy(file, tmp_path / "renamed.exr"))
    assert_meets_position(filepath=renamed, view=view)
    if TELLS_NO_VIEW:
        message = "does not say its view, and the scene renders the views left, right: choose one"
        fails(message, filepath=renamed)
        sidebar = bpy.context.scene.reconstruct_from_depth
        sidebar.source, sidebar.filepath = "FILE", renamed
        assert "does not say its view" in sidebar.status_line().problem
        sidebar.view = view
        assert sidebar.status_line().problem == ""
        assert f"camera Rig_{view[0].upper()}" in sidebar.status_line().text or not is_rig
    else:
        assert_meets_position(filepath=renamed)
        fails("has no view", filepath=file, view="left" if view == "right" else "right")


def test_picks_on_separate_files_of_views(
    product: Product, camera: bpy.types.Object, tmp_path: Path
) -> None:
    bpy.context.scene.render.use_multiview = True
    camera.data.stereo.interocular_distance = 0.4
    render(tmp_path / "shot.exr")
    bridge = product("bridge.picks.cache")
    for view in ("left", "right"):
        file = str(tmp_path / f"shot_{view[0].upper()}.exr")
        at, truth = reconstruct(points_from="POSITION", filepath=file)
        for asked in ("", view):
            source = bridge.load_source(bpy.context, bridge.SourceKey(file, asked))
            assert source.view == view
            errors = source.camera.project(truth) - (at + 0.5)
            assert np.abs(errors).max() < 0.01


def test_picks_on_a_render_of_a_rig_use_the_cameras_as_they_were(
    product: Product, camera: bpy.types.Object
) -> None:
    other = make_rig(camera, FISHEYE)
    bpy.ops.render.render()
    bridge = product("bridge.picks.cache")
    truth = {
        view: reconstruct(view=view, points_from="POSITION", use_clip=False)
        for view in ("left", "right")
    }
    camera.location.x += 1.0
    other.location.x += 1.0
    bpy.context.view_layer.update()
    for view, (at, points) in truth.items():
        source = bridge.load_source(bpy.context, bridge.SourceKey("", view))
        assert np.abs(source.camera.project(points) - (at + 0.5)).max() < 0.01


def test_the_position_pass_needs_no_views_in_the_scene(
    camera: bpy.types.Object, tmp_path: Path
) -> None:
    scene = bpy.context.scene
    scene.render.use_multiview = True
    scene.render.image_settings.views_format = "MULTIVIEW"
    camera.data.stereo.interocular_distance = 0.4
    file = render(tmp_path / "shot.exr")
    _, truth = reconstruct(filepath=file, view="right", points_from="POSITION")
    scene.render.use_multiview = False
    _, points = reconstruct(filepath=file, view="right", points_from="POSITION")
    np.testing.assert_array_equal(points, truth)
    fails("the scene renders a single view: enable Stereoscopy", filepath=file, view="right")


def test_a_single_view_of_several(camera: bpy.types.Object, tmp_path: Path) -> None:
    render_settings = bpy.context.scene.render
    render_settings.use_multiview = True
    camera.data.stereo.interocular_distance = 0.4
    render_settings.views["left"].use = False
    render(tmp_path / "shot.exr")
    (file,) = tmp_path.iterdir()
    renamed = str(file.rename(tmp_path / "renamed.exr"))
    assert_meets_position(filepath=renamed)


@pytest.mark.parametrize("views_format", ["INDIVIDUAL", "MULTIVIEW"])
def test_kind_clip_and_blur_are_those_of_the_views_camera(
    camera: bpy.types.Object,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    views_format: str,
) -> None:
    scene = bpy.context.scene
    other = make_rig(camera, FISHEYE)
    scene.render.image_settings.views_format = views_format
    render(tmp_path / "shot.exr")
    files = {"left": "shot_L.exr", "right": "shot_R.exr"}
    if views_format == "MULTIVIEW":
        files = dict.fromkeys(files, "shot.exr")
    left, right = (str(tmp_path / file) for file in files.values())
    assert_meets_position(filepath=left, view="left")
    assert_meets_position(filepath=right, view="right")
    _, all_right = reconstruct(filepath=right, view="right")

    capfd.readouterr()
    camera.data.clip_end = 4.0
    _, truth = reconstruct(filepath=left, view="left", points_from="POSITION", use_clip=False)
    away = -(truth - np.array(camera.location)) @ np.array(camera.matrix_world.normalized())[:3, 2]
    assert len(reconstruct(filepath=left, view="left")[0]) == (away < 4.0).sum() > 50
    assert len(reconstruct(filepath=right, view="right")[0]) == len(all_right)
    other.data.clip_end = 4.0
    away = np.linalg.norm(all_right - np.array(other.location), axis=1)
    assert len(reconstruct(filepath=right, view="right")[0]) == (away < 4.0).sum() > 50
    said = capfd.readouterr().out
    assert "camera Rig_L" in said
    assert "camera Rig_R" in said
    assert "Depth of Field" not in said
    assert "names the camera" not in said
    camera.data.dof.use_dof = True
    reconstruct(filepath=right, view="right")
    assert "Depth of Field" not in capfd.readouterr().out
    reconstruct(filepath=left, view="left")
    assert "Depth of Field is on" in capfd.readouterr().out


def test_a_view_seen_by_an_empty_is_an_error(camera: bpy.types.Object, tmp_path: Path) -> None:
    scene = bpy.context.scene
    scene.render.use_multiview = True
    file = render(tmp_path / "shot.exr").replace(".exr", "_R.exr")
    scene.render.views_format = "MULTIVIEW"
    camera.name = "Rig_L"
    scene.collection.objects.link(bpy.data.objects.new("Rig_R", None))
    fails("'Rig_R' is of type EMPTY, expected a camera", filepath=file)


def test_between_frames(
    camera: bpy.types.Object, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    scene = bpy.context.scene
    camera.keyframe_insert("location", frame=1)
    camera.location.x += 1.5
    camera.keyframe_insert("location", frame=11)
    scene.frame_set(5, subframe=0.5)
    file = render(tmp_path / "shot.exr")
    assert_meets_position()
    assert "subframe" not in capfd.readouterr().out
    assert_meets_position(filepath=file)
    assert "is of frame 5 and does not say the subframe: used the camera as it is now, at 5.5." in (
        capfd.readouterr().out
    )


def test_a_camera_in_an_excluded_collection(camera: bpy.types.Object, tmp_path: Path) -> None:
    scene = bpy.context.scene
    parent = bpy.data.objects.new("Parent", None)
    parent.location = (1.0, -1.0, 0.5)
    away = bpy.data.collections.new("Away")
    scene.collection.children.link(away)
    away.objects.link(parent)
    away.objects.link(camera)
    scene.collection.objects.unlink(camera)
    camera.parent = parent
    parent.keyframe_insert("location", frame=1)
    parent.location.x -= 2.0
    parent.keyframe_insert("location", frame=11)
    scene.frame_set(6, subframe=0.5)
    file = render(tmp_path / "shot.exr")
    scene.frame_set(1)
    add_camera(9, PERSPECTIVE, "Other")
    bpy.context.view_layer.layer_collection.children["Away"].exclude = True
    scene.frame_set(6, subframe=0.5)
    assert_meets_position(filepath=file, camera=camera.name)
    assert_meets_position(filepath=file)


def test_the_clip_range_is_that_of_the_frame(camera: bpy.types.Object, tmp_path: Path) -> None:
    scene = bpy.context.scene
    for frame, end in ((1, 1.0), (11, 100.0)):
        camera.data.clip_end = end
        camera.data.keyframe_insert("clip_end", frame=frame)
    scene.frame_set(11)
    file = render(tmp_path / "shot.exr")
    hits = len(reconstruct(filepath=file, use_clip=False)[0])
    scene.frame_set(1)
    assert len(reconstruct(filepath=file)[0]) == hits > 300


def write_depth(path: Path, values: np.ndarray) -> str:
    import OpenEXR

    OpenEXR.File({}, {"Z": values.astype(np.float32)}).write(str(path))
    return str(path)


def measured(passes: Passes, camera: bpy.types.Object) -> tuple[np.ndarray, np.ndarray]:
    """Planar and ray depth of each pixel, from its position."""
    away = passes.position - np.array(camera.location)
    planar = -away @ np.array(camera.matrix_world.normalized())[:3, 2]
    return np.where(passes.hit, planar, 1e10), np.where(
        passes.hit, np.linalg.norm(away, axis=-1), 1e10
    )


@pytest.mark.parametrize("lens", ["perspective", "orthographic", "equidistant"])
@pytest.mark.parametrize("kind", ["PLANAR", "RAY"])
def test_the_clip_range_is_planar_except_for_panoramas(
    camera: bpy.types.Object, tmp_path: Path, kind: str, lens: str
) -> None:
    for name, value in LENSES[lens].items():
        setattr(camera.data, name, value)
    camera.data.clip_start = 1e-3
    passes = render_passes(tmp_path)[""]
    planar, ray = measured(passes, camera)
    if lens == "orthographic":
        ray = planar  # its rays are parallel
    file = write_depth(tmp_path / "plain.exr", planar if kind == "PLANAR" else ray)
    camera.data.clip_start, camera.data.clip_end = 4.0, 5.5
    clipped_by = ray if lens == "equidistant" else planar
    expected = passes.hit & (clipped_by >= 4.0) & (clipped_by < 5.5)
    if kind == "PLANAR":
        expected &= planar > 0.0
    pixels, points = reconstruct(filepath=file, depth_kind=kind)
    found = np.zeros_like(expected)
    found[pixels[:, 1], pixels[:, 0]] = True
    np.testing.assert_array_equal(found, expected)
    assert 50 < expected.sum() < passes.hit.sum() - 50
    truth = passes.position[pixels[:, 1], pixels[:, 0]]
    assert np.linalg.norm(points - truth, axis=1).max() < 1e-3


@pytest.mark.usefixtures("camera")
def test_the_same_aspect_after_rounding(tmp_path: Path) -> None:
    settings = bpy.context.scene.render
    settings.resolution_x, settings.resolution_y = 137, 79
    file = render(tmp_path / "shot.exr")
    settings.resolution_percentage = 25
    assert_meets_position(filepath=file)
    settings.resolution_x = 158
    fails("another aspect", filepath=file)


def test_any_two_percentages_have_the_same_aspect(
    product: Product, camera: bpy.types.Object
) -> None:
    settings, rng = bpy.context.scene.render, np.random.default_rng(5)
    bridge, depsgraph = product("bridge.cameras.from_object"), bpy.context.evaluated_depsgraph_get()

    def present() -> Any:
        return bridge.camera_from_object(camera, bpy.context.scene, depsgraph)

    for base in ((1366, 768), (1000, 999), *rng.integers(100, 2000, (10, 2)).tolist()):
        settings.resolution_x, settings.resolution_y = base
        for percentage, other in rng.integers(10, 200, (20, 2)).tolist():
            settings.resolution_percentage = other
            size = present().lens.width, present().lens.height
            settings.resolution_percentage = percentage
            fitted, _ = product("bridge.cameras.fit_to_image").camera_for_size(
                present, settings, size, False
            )
            assert (fitted.lens.width, fitted.lens.height) == size


@pytest.mark.usefixtures("camera")
@pytest.mark.parametrize("percentage", [25, 33, 67, 150, 200])
def test_a_cropped_image_of_another_percentage(
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    percentage: int,
) -> None:
    settings = bpy.context.scene.render
    settings.resolution_x, settings.resolution_y = 177, 131
    settings.use_border = settings.use_crop_to_border = True
    settings.border_min_x, settings.border_max_x = 0.21, 0.77
    settings.border_min_y, settings.border_max_y = 0.13, 0.9
    file = render(tmp_path / "shot.exr")
    settings.resolution_percentage = percentage
    capfd.readouterr()
    assert_meets_position(filepath=file)
    assert "used the camera at a resolution of 100%" in capfd.readouterr().out
    assert settings.resolution_percentage == percentage


def test_a_cropped_image_of_no_percentage_is_scaled(
    product: Product, camera: bpy.types.Object, tmp_path: Path
) -> None:
    settings, scene = bpy.context.scene.render, bpy.context.scene
    settings.resolution_x, settings.resolution_y = 133, 99
    settings.use_border = settings.use_crop_to_border = True
    settings.border_min_x, settings.border_max_x = 0.21, 0.77
    settings.border_min_y, settings.border_max_y = 0.13, 0.9
    passes = render_passes(tmp_path)[""]
    settings.resolution_x, settings.resolution_y = 16000, 11910
    depsgraph = bpy.context.evaluated_depsgraph_get()
    height, width = passes.z.shape
    fitted, note = product("bridge.cameras.fit_to_image").camera_for_size(
        lambda: product("bridge.cameras.from_object").camera_from_object(camera, scene, depsgraph),
        settings,
        (width, height),
        False,
    )
    assert "scaled the border to the image's size" in note or "rendered at" in note
    centers = pixel_centers(width, height)[passes.hit]
    errors = np.abs(fitted.project(passes.position[passes.hit]) - centers)
    assert errors.max() < 1.0
