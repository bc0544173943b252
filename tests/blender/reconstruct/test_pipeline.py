"""The core's pipeline and the operator make the same points of the same file."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
import pytest

from tests.blender.reconstruct_scene import Product, pixels, positions, render_file, the_object


@pytest.mark.parametrize("changes", [{}, {"stride": 2, "far": 8.0}, {"output": "SURFACE"}])
def test_the_pipeline_makes_what_the_operator_makes(
    scene: bpy.types.Scene, product: Product, tmp_path: Path, changes: dict[str, object]
) -> None:
    file = render_file(scene, tmp_path / "shot.exr", color_depth="32")
    bpy.ops.depth.reconstruct(filepath=file, use_clip=False, **changes)
    camera = product("bridge.cameras.from_object").camera_from_object(
        scene.camera, scene, bpy.context.evaluated_depsgraph_get()
    )
    core = product("core")
    chosen = {name: value for name, value in changes.items() if name != "output"}
    options = core.ReconstructionOptions(
        depth_kind=core.DepthKind.PLANAR,
        output=core.Output[changes.get("output", "POINTS")],
        use_clip=False,
        **chosen,
    )
    result = core.reconstruct_file(file, camera, options)
    np.testing.assert_array_equal(result.points, positions(the_object()))
    np.testing.assert_array_equal(result.attributes["pixel"], pixels(the_object()))
    if result.mapped_surface is not None:
        assert len(the_object().data.polygons) == (
            len(result.mapped_surface.surface.quads) + len(result.mapped_surface.surface.triangles)
        )
