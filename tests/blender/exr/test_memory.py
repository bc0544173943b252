"""Reading files of several parts, which Blender renders from 5.0 on, leaves no memory behind."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from tests.blender.reconstruct_scene import Product

HEIGHT, WIDTH = 270, 480


def resident() -> int:
    """Bytes of this process in memory."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(
    not os.path.exists("/proc/self/statm"), reason="only Linux gives the resident memory this way"
)
def test_memory_does_not_grow_when_a_file_of_several_parts_is_read(
    product: Product, tmp_path: Path
) -> None:
    """A leak of the depth's compressed bytes would be 130 MB."""
    import OpenEXR

    values = 1.0 + np.random.default_rng(0).random((HEIGHT, WIDTH), np.float32)
    parts = [
        OpenEXR.Part({"type": OpenEXR.scanlineimage}, dict.fromkeys(channels, values), title)
        for title, channels in (("ViewLayer.Combined", "RGB"), ("ViewLayer.Depth", "Z"))
    ]
    path = str(tmp_path / "parts.exr")
    OpenEXR.File(parts).write(path)
    exr, planar = product("core.exr.reader"), product("core.depth.image").DepthKind.PLANAR
    read_depth, before = product("core.files.reader").read_depth, 0
    for turn in range(300):
        exr.clear_cache()
        depth = read_depth(path, kind=planar)
        if turn == 30:
            before = resident()
    np.testing.assert_array_equal(depth.values, values)
    assert resident() - before < 16 << 20
