"""Which pixels of an image can be compared with what the viewport's scene shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...core.cameras.camera import Camera
from ...core.check.samples import Samples
from ...core.check.truth import cast_through
from ...core.support.vectors import lengths
from .boxes import Boxes
from .worker import AskingCaster

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

MANY_FACES = "the scene has many faces; press Check"


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
    unanswered : int
        How many rays were not cast, to save time.
    """

    samples: Samples
    points: Array
    labels: list[str]
    obstacle: str
    unanswered: int


def compare_with_scene(
    caster: AskingCaster, unhit: Boxes, camera: Camera, samples: Samples
) -> Comparison:
    """Cast the rays of some pixels, and leave out those of which nothing follows.

    Those are the pixels that see objects which renders show differently, those where something may
    be that rays do not hit, and those whose rays were not answered.

    Parameters
    ----------
    caster : AskingCaster
    unhit : Boxes
        Around what renders show and rays do not hit.
    camera : Camera
    samples : Samples
    """
    count = len(samples)
    labels, (unanswered, differs, hidden) = np.full(count, "", object), np.zeros((3, count), bool)
    exists = np.isfinite(camera.rays(samples.pixels, samples.kind).directions).all(axis=-1)

    def cast(origins: Array, directions: Array) -> Array:
        hits = caster.cast(origins, directions)
        labels[exists], unanswered[exists] = hits.labels, hits.unanswered
        differs[exists] = hits.differs
        far = np.nan_to_num(lengths(hits.points - origins), nan=np.inf)
        meetings = unhit.meetings(origins, directions)
        before = meetings.entries < far[meetings.rays]
        hidden[np.flatnonzero(exists)[meetings.rays[before]]] = True
        return hits.points

    points = cast_through(cast, camera, samples.pixels)
    usable = np.flatnonzero(~unanswered & ~differs & ~hidden)
    return Comparison(
        samples.take(usable),
        points[usable],
        labels[usable].tolist(),
        _obstacle(unanswered, differs, hidden),
        int(unanswered.sum()),
    )


def _obstacle(unanswered: Mask, differs: Mask, hidden: Mask) -> str:
    counts = {
        MANY_FACES: unanswered.sum(),
        "the objects in view look different in renders than in the viewport, or may be "
        "transparent": differs.sum(),
        "hair, volumes, or shapes that only renders show may be in view": hidden.sum(),
    }
    return max(counts, key=lambda text: counts[text])
