"""Values of attributes, and exports that must fail."""

from __future__ import annotations

import bpy
import numpy as np
import pytest

from tests.blender.reconstruct_scene import unchanged

FIELDS = {
    "FLOAT": ("value", np.float32, 1),
    "INT": ("value", np.int32, 1),
    "INT32_2D": ("value", np.int32, 2),
    "FLOAT_VECTOR": ("vector", np.float32, 3),
    "FLOAT_COLOR": ("color", np.float32, 4),
}


def attribute(item: bpy.types.Object, name: str) -> np.ndarray:
    found = item.data.attributes[name]
    field, number, width = FIELDS[found.data_type]
    values = np.empty(len(found.data) * width, number)
    found.data.foreach_get(field, values)
    return values.reshape(-1, width).squeeze()


def fails(message: str, **arguments: object) -> None:
    """The operator raises this message, and changes nothing."""
    with unchanged(), pytest.raises(RuntimeError, match=message):
        bpy.ops.depth.export(**arguments)
