"""Renders that describe themselves: what their files say, and what stays as the user had it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import numpy as np
import pytest

from tests.blender.cameras.camera_checks import (
    LENSES,
    PANORAMA_BAR,
    PLANE_BAR,
    pixel_centers,
    random_shot,
    rounding_in_pixels,
)
from tests.blender.cameras.camera_scenes import Shot, prepare_shot, render_passes
from tests.blender.reconstruct_scene import (
    assert_meets_position,
    reconstruct,
    use_multilayer,
)

Product = Callable[[str], ModuleType]
NOTE = "shot 12, take 3"


@pytest.fixture
def camera(empty_scene: bpy.types.Scene) -> bpy.types.Object:
    """A perspective camera in a cage; the scene is rendered to multilayer files."""
    camera = prepare_shot(Shot(LENSES["perspective"]), 3)
    use_multilayer(empty_scene).color_depth = "32"
    empty_scene.render.stamp_note_text, empty_scene.render.use_stamp_note = NOTE, True
    return camera


def render(path: Path) -> str:
    bpy.context.scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
    assert_note_is_the_users()
    return str(path)


def assert_note_is_the_users(text: str = NOTE, is_used: bool = True) -> None:
    render = bpy.context.scene.render
    assert (render.stamp_note_text, render.use_stamp_note) == (text, is_used)


def shot_of(product: Product, path: Path | str) -> Any:
    """What the file says by itself, or in the JSON beside it; None for nothing."""
    info = product("core.exr.reader").read_info(str(path))
    return product("core.exr.sidecar").shot_metadata_of(info)


def empty_the_scene() -> None:
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    scene = bpy.context.scene
    assert not scene.objects
    assert scene.camera is None


def notes_of(product: Product, path: str, **options: Any) -> list[str]:
    source = product("bridge.sources.source")
    request = source.SourceRequest(path, **options)
    found = source.find_source(bpy.context, request, path)
    return [note.text for note in found.notes]


def test_a_still_describes_itself(
    product: Product, camera: bpy.types.Object, tmp_path: Path
) -> None:
    scene = bpy.context.scene
    scene.frame_set(7, subframe=0.25)
    scene.unit_settings.scale_length = 0.5
    expected = product("bridge.cameras.from_object").camera_from_object(
        camera, scene, bpy.context.evaluated_depsgraph_get()
    )
    path = render(tmp_path / "still.exr")
    info = product("core.exr.reader").read_info(path)
    assert info.attributes["Note"].startswith(NOTE + "\n")
    metadata = shot_of(product, path)
    assert (metadata.frame, metadata.subframe, metadata.engine) == (7, 0.25, "CYCLES")
    assert (metadata.unit_scale, metadata.blender_version) == (0.5, bpy.app.version_string)
    (view,) = metadata.views
    assert (view.view, view.camera_name, view.has_depth_of_field) == ("", "Camera", False)
    assert view.camera.lens == expected.lens
    np.testing.assert_array_equal(view.camera.matrix, expected.matrix)
    assert (view.clip.start, view.clip.end) == (camera.data.clip_start, camera.data.clip_end)
    assert not Path(path + ".json").exists()


@pytest.mark.parametrize(
    ("text", "is_used"), [("", False), ("", True), (NOTE, False), (NOTE, True)]
)
@pytest.mark.usefixtures("camera")
def test_the_note_and_its_switch_stay(
    product: Product, tmp_path: Path, text: str, is_used: bool
) -> None:
    render = bpy.context.scene.render
    render.stamp_note_text, render.use_stamp_note = text, is_used
    render.filepath = str(tmp_path / "still.exr")
    bpy.ops.render.render(write_still=True)
    assert_note_is_the_users(text, is_used)
    assert shot_of(product, tmp_path / "still.exr") is not None
    note = product("core.exr.reader").read_info(str(tmp_path / "still.exr")).attributes["Note"]
    assert note.startswith(text + "\n" if text and is_used else "[")


@pytest.mark.usefixtures("camera")
def test_the_option_off_writes_nothing(product: Product, tmp_path: Path) -> None:
    bpy.context.scene.reconstruct_from_depth.describe_renders = False
    path = render(tmp_path / "still.exr")
    assert product("core.exr.reader").read_info(path).attributes["Note"] == NOTE
    assert list(tmp_path.iterdir()) == [Path(path)]


def test_each_frame_of_an_animation_describes_itself(
    product: Product, camera: bpy.types.Object, tmp_path: Path
) -> None:
    scene = bpy.context.scene
    for frame, x in ((1, 0.0), (5, 1.0)):
        camera.location.x = x
        camera.keyframe_insert("location", frame=frame)
    scene.frame_start, scene.frame_end = 2, 4
    scene.render.filepath = str(tmp_path / "a_")
    scene.render.use_motion_blur = True
    bpy.ops.render.render(animation=True)
    assert_note_is_the_users()
    places = []
    for frame in (2, 3, 4):
        metadata = shot_of(product, tmp_path / f"a_{frame:04}.exr")
        assert (metadata.frame, metadata.subframe, metadata.has_motion_blur) == (frame, 0.0, True)
        scene.frame_set(frame)
        places.append(metadata.views[0].camera.matrix[0, 3])
        assert places[-1] == pytest.approx(camera.matrix_world.translation.x, abs=1e-6)
    assert len(set(places)) == 3


def test_a_saved_render_result_describes_the_render(
    product: Product, camera: bpy.types.Object, tmp_path: Path
) -> None:
    scene = bpy.context.scene
    bpy.ops.render.render()
    place = tuple(camera.matrix_world.translation)
    camera.location.x += 3.0
    scene.frame_set(9)
    bpy.data.images["Render Result"].save_render(str(tmp_path / "saved.exr"), scene=scene)
    metadata = shot_of(product, tmp_path / "saved.exr")
    assert metadata.frame == 1
    np.testing.assert_allclose(metadata.views[0].camera.matrix[:3, 3], place, atol=1e-6)


@pytest.mark.parametrize("views_format", ["INDIVIDUAL", "MULTIVIEW"])
def test_both_eyes_are_described(
    product: Product, camera: bpy.types.Object, tmp_path: Path, views_format: str
) -> None:
    scene = bpy.context.scene
    scene.render.use_multiview = True
    scene.render.image_settings.views_format = views_format
    scene.render.filepath = str(tmp_path / "stereo.exr")
    bpy.ops.render.render(write_still=True)
    files = sorted(tmp_path.glob("*.exr"))
    assert len(files) == (2 if views_format == "INDIVIDUAL" else 1)
    for path in files:
        views = {each.view: each for each in shot_of(product, path).views}
        assert set(views) == {"left", "right"}
        apart = views["left"].camera.matrix[:3, 3] - views["right"].camera.matrix[:3, 3]
        distance = camera.data.stereo.interocular_distance
        assert np.linalg.norm(apart) == pytest.approx(distance, rel=1e-5)
    empty_the_scene()
    for path in files:
        for view in ("left", "right") if views_format == "MULTIVIEW" else ("",):
            assert_meets_position(filepath=str(path), view=view)


@pytest.mark.usefixtures("camera")
def test_an_error_leaves_the_note(tmp_path: Path) -> None:
    scene = bpy.context.scene
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    scene.render.filepath = str(blocked / "still.exr")
    with pytest.raises(RuntimeError):
        bpy.ops.render.render(write_still=True)
    assert_note_is_the_users()
    scene.camera = None
    with pytest.raises(RuntimeError):
        bpy.ops.render.render()
    assert_note_is_the_users()


@pytest.mark.usefixtures("camera")
def test_a_canceled_render_leaves_the_note() -> None:
    """The handlers run as in a render that is canceled, as nobody presses ESC here."""
    seen: list[str] = []

    def cancel(scene: bpy.types.Scene, depsgraph: bpy.types.Depsgraph) -> None:
        if depsgraph.mode == "RENDER":
            seen.append(scene.render.stamp_note_text)
            for handler in bpy.app.handlers.render_cancel:
                handler(scene, None)
            seen.append(scene.render.stamp_note_text)

    bpy.app.handlers.frame_change_post.append(cancel)
    try:
        bpy.ops.render.render()
    finally:
        bpy.app.handlers.frame_change_post.remove(cancel)
    assert "[reconstruct-from-depth" in seen[0]
    assert seen[1] == NOTE
    assert_note_is_the_users()


@pytest.mark.usefixtures("camera")
def test_a_file_saved_during_a_render_has_the_users_note(tmp_path: Path) -> None:
    blend = str(tmp_path / "during.blend")
    scene = bpy.context.scene
    scene.render.use_stamp_note = False

    def save(_scene: bpy.types.Scene, depsgraph: bpy.types.Depsgraph) -> None:
        if depsgraph.mode == "RENDER":
            ours = scene.render.stamp_note_text
            bpy.ops.wm.save_as_mainfile(filepath=blend, copy=True)
            assert scene.render.stamp_note_text == ours
            assert "[reconstruct" in ours

    bpy.app.handlers.frame_change_post.append(save)
    try:
        bpy.ops.render.render()
    finally:
        bpy.app.handlers.frame_change_post.remove(save)
    assert_note_is_the_users(is_used=False)
    assert b"[reconstruct-from-depth" not in Path(blend).read_bytes()
    bpy.ops.wm.open_mainfile(filepath=blend)
    assert_note_is_the_users(is_used=False)


@pytest.mark.usefixtures("camera")
def test_notes_that_are_left_over_are_cleaned(product: Product, tmp_path: Path) -> None:
    """As a .blend holds them that was saved by a Blender without the extension's handlers."""
    scene, note = bpy.context.scene, product("core.exr.stamp_note")
    scene.render.stamp_note_text = note.note_with_text(NOTE, note.text_from_data({"a": 1}))
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "left.blend"), copy=True)
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "left.blend"))
    assert_note_is_the_users()


@pytest.mark.usefixtures("camera")
def test_stamps_in_the_picture_show_nothing_of_ours(product: Product, tmp_path: Path) -> None:
    """Then a JSON file beside it describes the render."""
    scene, pixels = bpy.context.scene, []
    scene.render.use_stamp = True
    for name in (
        "use_stamp_date",
        "use_stamp_time",
        "use_stamp_render_time",
        "use_stamp_memory",
        "use_stamp_filename",
    ):
        setattr(scene.render, name, False)
    for is_described in (False, True):
        scene.reconstruct_from_depth.describe_renders = is_described
        path = render(tmp_path / f"{is_described}.exr")
        info = product("core.exr.reader").read_info(path)
        assert info.attributes["Note"] == NOTE
        color = next(layer for layer in info.layers if "Combined" in layer.label)
        pixels.append(product("core.exr.reader").read_layer(info, color))
        assert Path(path + ".json").exists() is is_described
    np.testing.assert_array_equal(*pixels)
    assert shot_of(product, path).views[0].camera_name == "Camera"
    empty_the_scene()
    assert_meets_position(filepath=path)


@pytest.mark.usefixtures("camera")
@pytest.mark.parametrize("is_animation", [False, True])
@pytest.mark.parametrize("views", ["", "INDIVIDUAL", "MULTIVIEW"])
def test_a_long_note_moves_the_description_beside_the_file(
    product: Product, tmp_path: Path, is_animation: bool, views: str
) -> None:
    scene = bpy.context.scene
    scene.render.stamp_note_text = "x" * 500
    scene.render.use_multiview = bool(views)
    scene.render.image_settings.views_format = views or "INDIVIDUAL"
    scene.render.filepath = str(tmp_path / "name_")
    scene.frame_start = scene.frame_end = 3
    scene.frame_set(3)
    bpy.ops.render.render(write_still=not is_animation, animation=is_animation)
    assert_note_is_the_users("x" * 500)
    files = sorted(tmp_path.glob("*.exr"))
    assert len(files) == (2 if views == "INDIVIDUAL" else 1)
    assert sorted(tmp_path.glob("*.json")) == [Path(f"{path}.json") for path in files]
    for path in files:
        assert shot_of(product, path).frame == 3


def test_a_description_beside_another_file_is_refused(
    product: Product, camera: bpy.types.Object, tmp_path: Path
) -> None:
    scene = bpy.context.scene
    scene.render.stamp_note_text = "x" * 500
    scene.render.filepath = path = str(tmp_path / "still.exr")
    bpy.ops.render.render(write_still=True)
    beside = Path(path + ".json")
    good = beside.read_text()
    scene.reconstruct_from_depth.describe_renders = False
    camera.data.lens = 35.0
    bpy.ops.render.render(write_still=True)
    for text, said in (
        (good, "belongs to another file"),
        ("{", "is not the JSON"),
        (json.dumps(json.loads(good) | {"file_checksum": 0}), "belongs to another file"),
    ):
        beside.write_text(text)
        with pytest.raises(Exception, match=said):
            shot_of(product, path)
        assert any(said in note for note in notes_of(product, path))
        assert_meets_position(filepath=path)  # with the scene's camera, which took it
    beside.write_text('{"of": "another program"}')
    assert shot_of(product, path) is None


@pytest.mark.usefixtures("camera")
@pytest.mark.parametrize("damage", ["cut", "newer", "frame"])
def test_a_damaged_description_is_said_and_the_scene_is_used(
    product: Product, tmp_path: Path, damage: str
) -> None:
    scene = bpy.context.scene
    path = render(tmp_path / "good.exr")
    note = product("core.exr.reader").read_info(path).attributes["Note"]
    bad = {
        "cut": note[:-30],
        "newer": note.replace("[reconstruct-from-depth 1", "[reconstruct-from-depth 99"),
        "frame": note,
    }[damage]
    scene.reconstruct_from_depth.describe_renders = False
    if damage == "frame":
        scene.frame_set(2)
    scene.render.stamp_note_text = bad
    scene.render.filepath = path = str(tmp_path / "bad.exr")
    bpy.ops.render.render(write_still=True)
    said = {"cut": "damaged or cut off", "newer": "version 99", "frame": "left over"}[damage]
    assert any(said in each for each in notes_of(product, path))
    assert_meets_position(filepath=path)
    settings = scene.reconstruct_from_depth
    settings.source, settings.filepath = "FILE", path
    status = settings.status_line()
    assert said in status.basis
    assert not status.problem
    with pytest.raises(RuntimeError, match=said):
        bpy.ops.depth.reconstruct(filepath=path, camera_from="FILE")


def change_nothing(_camera: bpy.types.Object) -> None:
    pass


def move(camera: bpy.types.Object) -> None:
    camera.location.x += 1.0


def change_lens(camera: bpy.types.Object) -> None:
    camera.data.lens = 85.0


def make_panorama(camera: bpy.types.Object) -> None:
    camera.data.type = "PANO"


def delete(camera: bpy.types.Object) -> None:
    bpy.data.objects.remove(camera)


def rename_another(camera: bpy.types.Object) -> None:
    """A camera of that name, which took nothing."""
    camera.name = "Old"
    other = camera.copy()
    other.name, other.location.x = "Camera", 5.0
    bpy.context.collection.objects.link(other)
    bpy.context.scene.camera = other


def resize(_camera: bpy.types.Object) -> None:
    bpy.context.scene.render.resolution_x = 300


def go_to_another_frame(_camera: bpy.types.Object) -> None:
    bpy.context.scene.frame_set(12)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (change_nothing, ""),
        (move, "has changed"),
        (change_lens, "has changed"),
        (make_panorama, "has changed"),
        (delete, "is not in the scene"),
        (rename_another, "has changed"),
        (resize, ""),
        (go_to_another_frame, ""),
    ],
)
def test_the_scene_may_change(
    product: Product,
    camera: bpy.types.Object,
    tmp_path: Path,
    change: Callable[[bpy.types.Object], None],
    said: str,
) -> None:
    path = render(tmp_path / "still.exr")
    change(camera)
    bpy.context.view_layer.update()
    notes = notes_of(product, path)
    assert any(said in note for note in notes) if said else not notes
    settings = bpy.context.scene.reconstruct_from_depth
    settings.source, settings.filepath = "FILE", path
    status = settings.status_line()
    assert not status.problem
    assert "camera Camera, frame 1" in status.text
    assert status.basis == (
        "Camera, pose and lens, frame, engine, kind of depth, unit: read from the file."
    )
    assert_meets_position(filepath=path)


def test_another_chosen_camera_is_refused_or_overrides(
    camera: bpy.types.Object, tmp_path: Path
) -> None:
    path = render(tmp_path / "still.exr")
    other = camera.copy()
    other.name = "Other"
    bpy.context.collection.objects.link(other)
    with pytest.raises(RuntimeError, match="'Camera' rendered the image, and the camera 'Other'"):
        bpy.ops.depth.reconstruct(filepath=path, camera="Other")
    assert_meets_position(filepath=path, camera="Camera")
    assert_meets_position(filepath=path, camera="Other", override_camera=True)
    other.location.x += 1.0
    _, then = reconstruct(filepath=path, camera="Camera")
    _, now = reconstruct(filepath=path, camera="Other", override_camera=True)
    np.testing.assert_allclose(now - then, [(1.0, 0.0, 0.0)] * len(now), atol=1e-4)
    camera.location.x += 2.0
    _, now = reconstruct(filepath=path, camera_from="SCENE")
    np.testing.assert_allclose(now - then, [(2.0, 0.0, 0.0)] * len(now), atol=1e-4)


@pytest.mark.usefixtures("camera")
def test_a_scaled_image_scales_the_camera(product: Product, tmp_path: Path) -> None:
    path = render(tmp_path / "still.exr")
    file_camera = product("core.pipeline.file_camera")
    described = file_camera.camera_of_file(path)
    half = file_camera.camera_for_image(described, (32, 24))
    assert half.lens == described.lens.resized(32, 24)
    with pytest.raises(product("core.errors").SizeError, match="another aspect"):
        file_camera.camera_for_image(described, (32, 32))


@pytest.mark.parametrize("name", list(LENSES))
def test_every_lens_is_right_from_the_file_alone(
    product: Product, tmp_path: Path, name: str
) -> None:
    """Against Cycles' Position pass, in an empty scene and in three lines without one."""
    seed = list(LENSES).index(name)
    prepare_shot(random_shot(LENSES[name], seed), seed)
    (passes,) = render_passes(tmp_path).values()
    path = str(tmp_path / "render.exr")
    core = product("core")
    camera = core.camera_of_file(path)
    kind = core.DepthKind.RAY if LENSES[name].get("type") == "PANO" else core.DepthKind.PLANAR
    source = core.source_from_file(path)
    assert source.shot.kind is kind
    assert source.shot.clip is not None
    assert len(core.reconstruct_file(path).points) > 300

    use = passes.hit
    centers = pixel_centers(passes.z.shape[1], passes.z.shape[0])
    if LENSES[name].get("panorama_type") == "MIRRORBALL":
        use = use & (np.linalg.norm(camera.lens.frame.uv(centers) - 0.5, axis=-1) < 0.5 * 0.99)
    points, bar = passes.position[use], PANORAMA_BAR if kind is core.DepthKind.RAY else PLANE_BAR
    errors = np.linalg.norm(camera.project(points) - centers[use], axis=-1)
    assert (errors <= bar + rounding_in_pixels(camera, points)).all()

    # The described camera is the scene's to the last bit, so that it adds no error of its own.
    scene = bpy.context.scene
    expected = product("bridge.cameras.from_object").camera_from_object(
        scene.camera, scene, bpy.context.evaluated_depsgraph_get()
    )
    assert camera.lens == expected.lens
    np.testing.assert_array_equal(camera.matrix, expected.matrix)
    empty_the_scene()
    _, made = reconstruct(filepath=path, use_clip=False)
    depth = core.read_depth(path, kind=kind)
    cloud = core.backproject(depth, camera)
    assert len(made) == len(cloud.points) > 300
    np.testing.assert_allclose(made, cloud.points, atol=1e-6)


def test_a_custom_lens_is_not_described(
    product: Product, camera: bpy.types.Object, tmp_path: Path
) -> None:
    if bpy.app.version < (4, 5):
        pytest.skip("Blender 4.2 has no custom lenses")
    camera.data.type = "CUSTOM"
    path = render(tmp_path / "custom.exr")
    assert shot_of(product, path) is None


@pytest.mark.usefixtures("camera")
def test_a_fingerprint_sees_what_moved(product: Product, tmp_path: Path) -> None:
    cage = bpy.data.objects["Cage"]
    found = [shot_of(product, render(tmp_path / "0.exr")).fingerprint]
    found.append(shot_of(product, render(tmp_path / "1.exr")).fingerprint)
    assert found[0] == found[1]
    cage.location.x += 0.1
    found.append(shot_of(product, render(tmp_path / "2.exr")).fingerprint)
    cage.modifiers.new("", "SUBSURF")
    found.append(shot_of(product, render(tmp_path / "3.exr")).fingerprint)
    assert len(set(found)) == 3


def test_picks_use_what_the_file_describes(
    product: Product, camera: bpy.types.Object, tmp_path: Path
) -> None:
    path = render(tmp_path / "still.exr")
    reading, source = product("bridge.picks.reading"), product("bridge.picks.source")
    expected = product("core").camera_of_file(path)
    delete(camera)
    request = reading.pick_request(bpy.context.scene, source.SourceKey(path, ""))
    found = reading.read_source(bpy.context, request, "")
    np.testing.assert_array_equal(found.camera.matrix, expected.matrix)
    assert (found.camera_name, found.frame) == ("Camera", 1)
    again = reading.with_present_camera(bpy.context, request, found)
    np.testing.assert_array_equal(again.camera.matrix, expected.matrix)


def test_matrices_give_the_camera_where_nothing_else_is_recorded(
    product: Product, camera: bpy.types.Object, tmp_path: Path
) -> None:
    rendered = render(tmp_path / "render.exr")
    path = rewritten_with_matrices(product, rendered, tmp_path / "other.exr")
    _, expected = reconstruct(filepath=rendered)
    camera.location.x += 1.0
    _, from_scene = reconstruct(filepath=path, camera_from="SCENE")
    assert np.abs(from_scene - expected).max() > 0.9
    settings = bpy.context.scene.reconstruct_from_depth
    settings.source, settings.filepath = "FILE", path
    assert "camera of the file, frame 1" in settings.status_line().text
    assert "Camera, pose and lens: read from the file" in settings.status_line().basis
    delete(camera)
    for camera_from in ("AUTOMATIC", "FILE"):
        _, points = reconstruct(filepath=path, camera_from=camera_from)
        np.testing.assert_allclose(points, expected, atol=1e-5)


@pytest.mark.usefixtures("camera")
def test_a_file_that_describes_nothing_is_an_error_on_request(tmp_path: Path) -> None:
    bpy.context.scene.reconstruct_from_depth.describe_renders = False
    path = render(tmp_path / "still.exr")
    with pytest.raises(RuntimeError, match="does not describe its camera"):
        bpy.ops.depth.reconstruct(filepath=path, camera_from="FILE")


@pytest.mark.usefixtures("camera")
def test_undo_does_not_bring_our_note_back(product: Product) -> None:
    """A step that was stored during a render holds our note."""
    scene = bpy.context.scene
    scene.render.use_stamp_note = False
    bpy.ops.ed.undo_push(message="before")

    def push(_scene: bpy.types.Scene, depsgraph: bpy.types.Depsgraph) -> None:
        if depsgraph.mode == "RENDER":
            assert "[reconstruct" in bpy.context.scene.render.stamp_note_text
            bpy.ops.ed.undo_push(message="during")

    bpy.app.handlers.frame_change_post.append(push)
    try:
        bpy.ops.render.render()
    finally:
        bpy.app.handlers.frame_change_post.remove(push)
    bpy.ops.ed.undo_push(message="after")
    bpy.ops.ed.undo()
    assert_note_is_the_users(is_used=False)
    description = product("bridge.renders.description")
    assert len(description._replaced) == 1


def rewritten_with_matrices(product: Product, rendered: str, path: Path) -> str:
    """Depth of a render, written again as another renderer would write it."""
    import OpenEXR

    core = product("core")
    truth = core.camera_of_file(rendered)
    depth = core.read_depth(rendered, kind=core.DepthKind.PLANAR)
    height, width = depth.values.shape
    to_camera = np.linalg.inv(truth.matrix).T @ np.diag([1.0, 1.0, -1.0, 1.0])
    lens = truth.lens.intrinsics
    projection = np.zeros((4, 4))
    projection[0, 0], projection[1, 1] = lens.fx / width, -lens.fy / height
    projection[2] = lens.cx / width, lens.cy / height, 1.0, 1.0
    header = {
        "type": OpenEXR.scanlineimage,
        "compression": OpenEXR.ZIP_COMPRESSION,
        "worldToCamera": to_camera,
        "worldToNDC": to_camera @ projection,
    }
    values = np.where(depth.valid, depth.values, np.float32(1e10)).astype(np.float32)
    OpenEXR.File(header, {"Z": values}).write(str(path))
    return str(path)


def refused_in_both(path: str, said: str, **options: Any) -> None:
    """Reconstruct and the status line say the same."""
    with pytest.raises(RuntimeError, match=said):
        bpy.ops.depth.reconstruct(filepath=path, **options)
    settings = bpy.context.scene.reconstruct_from_depth
    settings.source, settings.filepath = "FILE", path
    settings.apply(options)
    assert re.search(said, settings.status_line().problem)


@pytest.mark.usefixtures("camera")
def test_camera_from_file_and_another_frame_contradict_each_other(tmp_path: Path) -> None:
    scene = bpy.context.scene
    scene.frame_set(3)
    path = render(tmp_path / "still.exr")
    _, expected = reconstruct(filepath=path, camera_from="FILE")
    options = {"camera_from": "FILE", "use_frame": True}
    _, points = reconstruct(filepath=path, frame=3, **options)
    np.testing.assert_array_equal(points, expected)
    refused_in_both(path, "is of frame 3, but Use Frame chooses frame 7", frame=7, **options)


def test_camera_from_file_and_another_camera_contradict_matrices(
    product: Product, camera: bpy.types.Object, tmp_path: Path
) -> None:
    rendered = render(tmp_path / "render.exr")
    path = rewritten_with_matrices(product, rendered, tmp_path / "other.exr")
    _, expected = reconstruct(filepath=rendered)
    other = camera.copy()
    other.name = "Other"
    other.location.x += 1.0
    bpy.context.collection.objects.link(other)
    bpy.context.view_layer.update()
    said = "comes from worldToCamera and worldToNDC, but the camera 'Other' is chosen"
    refused_in_both(path, said, camera="Other", camera_from="FILE")
    refused_in_both(path, said, camera="Other", camera_from="FILE", override_camera=True)
    _, points = reconstruct(filepath=path, camera="Other", camera_from="SCENE")
    np.testing.assert_allclose(points, expected + (other.location - camera.location), atol=1e-5)


def test_a_note_on_the_scenes_camera_does_not_move_the_scene(
    product: Product, camera: bpy.types.Object, tmp_path: Path
) -> None:
    """A driver that reads the scene's frame is evaluated elsewhere only by going there."""
    scene = bpy.context.scene
    driver = camera.data.driver_add("shift_y").driver
    variable = driver.variables.new()
    variable.name = "now"
    variable.targets[0].id_type = "SCENE"
    variable.targets[0].id = scene
    variable.targets[0].data_path = "frame_current"
    driver.expression = "now / 100"
    camera.keyframe_insert("location", frame=1)
    scene.frame_set(7)
    path = render(tmp_path / "still.exr")
    scene.frame_set(1)
    camera.location.x += 1.0  # which is not keyed, and lost if the scene moves
    edited = tuple(camera.location)
    assert notes_of(product, path) == []
    assert tuple(camera.location) == edited
    assert_meets_position(filepath=path)
    assert tuple(camera.location) == edited
