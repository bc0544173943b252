"""Normals from depth, in the place of a Normal pass."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...core.cameras.viewpoint import Viewpoint
from ...core.exr.passes import Pass, PassKind
from ...core.geometry.continuity import Continuity
from ...core.geometry.normals import normals_of
from ..sources.source import Pixels, Source

NORMAL = "Normal"


def with_normals(source: Source, pixels: Pixels, view: Viewpoint) -> Pixels:
    """What was read, with the normals of all pixels, unless a Normal pass is carried already.

    All pixels are taken, as neighbors that filters leave out tell of the surface too. Touches
    nothing of Blender.
    """
    if any(one.kind is PassKind.NORMAL for one, _ in pixels.passes):
        return pixels
    cloud = source.points(pixels.depth, pixels)
    image = np.zeros((*pixels.depth.values.shape, 3), np.float32)
    continuity = Continuity(pixel_type=source.pixel_type)
    image[cloud.selection.mask] = normals_of(cloud, view, continuity)
    made = Pass(NORMAL, NORMAL, source.depth, PassKind.NORMAL)
    return replace(pixels, passes=(*pixels.passes, (made, image)))
