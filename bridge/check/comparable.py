"""Which pixels of an image can be compared with what the viewport's scene shows."""

from __future__ import annotations

from dataclasses import dataclass

import bpy
import numpy as np
from numpy.typing import NDArray

from ...core.cameras.camera import Camera
from ...core.check.samples import Samples
from ...core.check.truth import cast_through
from .caster import SceneCaster

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Comparison:
    """Samples that can be compared, and what their rays hit.

    Attributes
    ----------
    samples : Samples
    points : ndarray, shape (N, 3), float64
        World space; NaN where nothing was hit.
    labels : list of str
        Name of the object that each ray hit; empty for none.
    obstacle : str
        Why most of the others cannot be compared.
    """

    samples: Samples
    points: Array
    labels: list[str]
    obstacle: str


def compare_with_scene(
    caster: SceneCaster, view_layer: bpy.types.ViewLayer, camera: Camera, samples: Samples
) -> Comparison:
    """Cast the rays of some pixels, and leave out those of which nothing follows.

    Those are the pixels that see objects of another shape in renders, those where an object may be
    that only renders show, and those whose rays were not answered.
    """
    count = len(samples)
    labels, unanswered = np.full(count, "", object), np.zeros(count, bool)
    exists = np.isfinite(camera.rays(samples.pixels, samples.kind).directions).all(axis=-1)

    def cast(origins: Array, directions: Array) -> Array:
        hits = caster.cast(origins, directions)
        labels[exists], unanswered[exists] = hits.labels, hits.unanswered
        return hits.points

    points = cast_through(cast, camera, samples.pixels)
    differs = np.isin(labels.astype(str), sorted(caster.visibility.differing()))
    hidden = _may_show_what_is_hidden(caster, view_layer, camera, samples)
    usable = np.flatnonzero(~unanswered & ~differs & ~hidden)
    return Comparison(
        samples.take(usable),
        points[usable],
        labels[usable].tolist(),
        _obstacle(unanswered, differs, hidden),
    )


def _obstacle(unanswered: Mask, differs: Mask, hidden: Mask) -> str:
    counts = {
        "the scene has many faces; press Check": unanswered.sum(),
        "the objects in view have another shape in renders than in the viewport": differs.sum(),
        "objects that only renders show may be in view": hidden.sum(),
    }
    return max(counts, key=lambda text: counts[text])


def _may_show_what_is_hidden(
    caster: SceneCaster, view_layer: bpy.types.ViewLayer, camera: Camera, samples: Samples
) -> Mask:
    """Pixels within the boxes of objects that renders show and the viewport hides."""
    found = np.zeros(len(samples), bool)
    for item in caster.visibility.rendered_only(view_layer):
        corners = np.array(item.bound_box) @ np.array(item.matrix_world)[:3, :3].T
        pixels = camera.project(corners + np.array(item.matrix_world.translation))
        if not np.isfinite(pixels).all():  # it reaches behind the camera
            return np.ones(len(samples), bool)
        low, high = pixels.min(axis=0) - 1.0, pixels.max(axis=0) + 1.0
        found |= ((samples.pixels >= low) & (samples.pixels <= high)).all(axis=1)
    return found
