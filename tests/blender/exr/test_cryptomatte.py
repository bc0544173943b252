"""Cryptomatte as each Blender writes it, compared with the object index of the same render."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
import pytest

from tests.blender.reconstruct_scene import Product, prepare_scene, render_file

INDICES = {"Plane": 1, 'Würfel "a", b': 2, "Sphere": 3}


@pytest.fixture
def named_scene(empty_scene: bpy.types.Scene) -> bpy.types.Scene:
    scene = prepare_scene(empty_scene)
    bpy.data.objects["Suzanne"].name = 'Würfel "a", b'
    bpy.data.objects["Sphere"].parent = bpy.data.objects["Plane"]
    for name, index in INDICES.items():
        bpy.data.objects[name].pass_index = index
    layer = scene.view_layers[0]
    layer.use_pass_z = layer.use_pass_object_index = True
    layer.use_pass_cryptomatte_object = layer.use_pass_cryptomatte_asset = True
    return scene


def test_ids_agree_with_the_object_index(
    named_scene: bpy.types.Scene, product: Product, tmp_path: Path
) -> None:
    crypto, exr = product("core.exr.cryptomatte"), product("core.exr.reader")
    render_file(named_scene, tmp_path / "file.exr")
    with product("bridge.renders.result_file").render_result_file(named_scene) as path:
        for each in (tmp_path / "file.exr", path):
            info = exr.read_info(each)
            depth = info.depth_layer("ViewLayer.Depth")
            found = crypto.cryptomatte_beside(info, depth, "CryptoObject")
            index_layer = next(
                one for one in info.layers if one.title in {"IndexOB", "Object Index"}
            )
            index, first = exr.read_layers(info, [index_layer, found.ranks[0]])
            assert set(found.ids) == set(INDICES)
            for name, expected in INDICES.items():
                truth = index == expected
                assert truth.sum() > 50
                # The filter of 0.01 pixels reaches a little beyond the index's own sample.
                strongest = crypto.strongest_ids(first) == found.id_of(name)
                assert np.mean(strongest == truth) > 0.998


def test_an_asset_is_the_topmost_parent(
    named_scene: bpy.types.Scene, product: Product, tmp_path: Path
) -> None:
    crypto, exr = product("core.exr.cryptomatte"), product("core.exr.reader")
    info = exr.read_info(render_file(named_scene, tmp_path / "file.exr"))
    depth = info.depth_layer("ViewLayer.Depth")
    assets = crypto.cryptomatte_beside(info, depth, "CryptoAsset")
    objects = crypto.cryptomatte_beside(info, depth, "CryptoObject")
    assert set(assets.ids) == {"Plane", 'Würfel "a", b'}
    first_asset, first_object = exr.read_layers(info, [assets.ranks[0], objects.ranks[0]])
    ids = crypto.strongest_ids(first_object)
    together = (ids == objects.id_of("Plane")) | (ids == objects.id_of("Sphere"))
    np.testing.assert_array_equal(
        crypto.strongest_ids(first_asset) == assets.id_of("Plane"), together
    )
