"""Previews: the points of the reconstruction, and how many points it will have."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
import pytest

from tests.blender.reconstruct_scene import Product, pixels, positions, render_file, the_object


def previewed(product: Product, file: str, most: int, **changes: object) -> tuple[object, object]:
    settings = bpy.context.scene.reconstruct_from_depth
    settings.source, settings.filepath = "FILE", file
    for name, value in changes.items():
        setattr(settings, name, value)
    request = settings.request(bpy.context)
    source = product("bridge.sources.source").find_source(bpy.context, request, file)
    preview, pixels = product("core.pipeline.preview"), source.read()
    left = product("core.pipeline.filtering").filter_depth(request.options, source, pixels)
    made = preview.make_preview(request.options, source, pixels)
    return made, preview.thin_to(left.depth, most)


@pytest.mark.parametrize("changes", [{}, {"far": 8.0}, {"stride": 2}, {"max_points": 300}])
def test_a_preview_has_the_points_and_counts_of_the_reconstruction(
    scene: bpy.types.Scene, product: Product, tmp_path: Path, changes: dict[str, object],
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    file = render_file(scene, tmp_path / "shot.exr", color_depth="32")
    preview, _ = previewed(product, file, 100, **changes)
    bpy.ops.depth.reconstruct(filepath=file, **changes)
    np.testing.assert_array_equal(preview.points, positions(the_object()))
    count, _, removed = preview.text.partition(" points; ")
    assert count == f"{len(preview.points):,}"
    assert removed in capfd.readouterr().out
    linear = np.empty(4 * len(preview.points), np.float32)
    the_object().data.attributes["Color"].data.foreach_get("color", linear)
    expected = product("core.support.srgb").srgb_bytes(linear.reshape(-1, 4)[:, :3])
    np.testing.assert_allclose(preview.colors[:, :3] * 255, expected, atol=1e-3)


def test_points_in_a_voxel_are_merged(
    scene: bpy.types.Scene, product: Product, tmp_path: Path
) -> None:
    file = render_file(scene, tmp_path / "shot.exr")
    preview, _ = previewed(product, file, 100, voxel_size=0.3)
    bpy.ops.depth.reconstruct(filepath=file, voxel_size=0.3)
    np.testing.assert_array_equal(preview.points, positions(the_object()))
    assert preview.text.endswith("; not yet merged into voxels")


@pytest.mark.parametrize("most", [10, 100, 1000, 10_000])
@pytest.mark.parametrize("stride", [1, 3])
def test_a_large_preview_is_thinned_to_a_grid_of_the_points(
    scene: bpy.types.Scene, product: Product, tmp_path: Path, most: int, stride: int
) -> None:
    file = render_file(scene, tmp_path / "shot.exr")
    _, thinned = previewed(product, file, most, stride=stride)
    bpy.ops.depth.reconstruct(filepath=file, stride=stride)
    rows, columns = np.nonzero(thinned.valid)
    made = pixels(the_object())
    assert len(rows) <= most
    assert len(rows) > min(most, len(made)) / 5
    steps = {int(np.diff(np.unique(each)).min()) for each in (rows, columns)}
    assert len(steps) == 1
    assert steps.pop() % stride == 0
    everything = {tuple(each) for each in made.tolist()}
    assert set(zip(columns.tolist(), rows.tolist(), strict=True)) <= everything


def test_the_preview_stays_off_without_windows() -> None:
    manager = bpy.context.window_manager
    manager.depth_preview = True
    assert not manager.depth_preview
    assert (manager.depth_preview_text, manager.depth_preview_problem) == ("", "")
