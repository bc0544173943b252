"""Faults of the camera: another one, that of another frame, or one that has moved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...cameras.camera import Camera
from ...support.vectors import dot
from ..evidence import Evidence, depth_of
from ..fault import Explanation, Fault
from ..remedy import Remedy
from ..truth import Candidate, cast_through
from .fitting import POLISH, SEARCH, fit_rigid, refine, robust_cost

Array = NDArray[Any]

_GLANCE = 60
"""Samples that show which of many candidates are worth a closer look."""

_CLOSER = 4
"""Candidates that get it."""

_POSES, _STARTS = 80, 5
"""Poses near the believed one that are looked at, and those from which a search starts."""

_TURN, _MOVE = np.radians(10.0), 0.12
"""Standard deviation of these poses, about and along each axis; the latter in median depths."""

_FIRST = 120
"""Samples that show which start leads somewhere."""


def candidate_explanations(
    evidence: Evidence, candidates: Sequence[Candidate], camera_name: str
) -> Iterator[Explanation]:
    """The candidates that fit best: for each of the two faults one."""
    size = evidence.samples.size
    fitting = [c for c in candidates if (c.camera.lens.width, c.camera.lens.height) == size]
    glance = evidence.take(slice(0, _GLANCE))

    def missed(candidate: Candidate) -> float:
        found = glance.residuals(_remedy_of(candidate), candidate.cast)
        tolerances = np.maximum(found.tolerances, 1e-30)
        return robust_cost(found.distances / tolerances, glance.samples.values / tolerances)

    for fault in (Fault.WRONG_CAMERA, Fault.WRONG_FRAME):
        of_fault = [c for c in fitting if _fault_of(c, camera_name) is fault]
        closer = sorted(of_fault, key=missed)[:_CLOSER]
        found = [
            Explanation(fault, _remedy_of(c), 0, evidence.residuals(_remedy_of(c), c.cast), c.cast)
            for c in closer
        ]
        if found:
            yield min(found, key=lambda each: each.residuals.outliers)


def moved_explanations(evidence: Evidence) -> Iterator[Explanation]:
    """The camera at the pose that fits best."""
    camera = _aligned(evidence) if evidence.truth.cast is None else _searched(evidence)
    if camera is not None:
        remedy = Remedy(camera=camera)
        yield Explanation(Fault.CAMERA_MOVED, remedy, 6, evidence.residuals(remedy))


def _aligned(evidence: Evidence) -> Camera | None:
    """The pose that moves the points onto the true positions."""
    camera, samples = evidence.camera, evidence.samples
    points = camera.rays(samples.pixels, samples.kind).at(samples.values)
    known = np.isfinite(points).all(axis=1) & np.isfinite(evidence.points).all(axis=1)
    known &= evidence.as_is.counted
    motion = fit_rigid(points[known], evidence.points[known], evidence.as_is.tolerances[known])
    return None if motion is None else Camera(camera.lens, motion @ camera.matrix)


def _searched(evidence: Evidence) -> Camera | None:
    """The pose whose rays have the depth of the samples, from many starts."""
    smooth = evidence.take(np.flatnonzero(evidence.as_is.counted))
    few = smooth.take(slice(0, _FIRST))
    if len(few.samples) < 20:
        return None
    starts = _starts(few.take(slice(0, _GLANCE)))
    first = [_fit(few, start, SEARCH) for start in starts]
    best = min(first, key=lambda pose_and_cost: pose_and_cost[1])[0]
    return Camera(evidence.camera.lens, _fit(smooth, best, POLISH)[0])


def _starts(evidence: Evidence) -> list[Array]:
    """The believed pose, and those near it that fit best."""
    rng = np.random.default_rng(0)
    spread = np.repeat([_MOVE * float(np.median(evidence.samples.values)), _TURN], 3)
    steps = rng.normal(size=(_POSES, 6)) * spread
    own = evidence.camera.matrix
    poses = [own @ _pose(step) for step in steps]
    costs = [robust_cost(_misses(evidence, pose) / evidence.samples.values, 1.0) for pose in poses]
    return [own, *(poses[i] for i in np.argsort(costs)[: _STARTS - 1])]


def _misses(evidence: Evidence, pose: Array) -> Array:
    """What the depth of the rays of a pose exceeds that of the samples by, shape (N,)."""
    samples, cast = evidence.samples, evidence.truth.cast
    assert cast is not None
    camera = Camera(evidence.camera.lens, pose)
    depth = depth_of(camera, cast_through(cast, camera, samples.pixels), samples.kind)
    return depth - samples.values


def _fit(evidence: Evidence, start: Array, schedule: tuple[int, float]) -> tuple[Array, float]:
    """Gauss-Newton over the six numbers of a pose, and the cost at its end.

    A ray ``o + t d`` of a camera that moves by v and turns by w, in its own space, meets the plane
    through Y with the normal n at ``t - (n . v + w . (Y x n)) / (n . d)``. The planes are those
    that the depth image itself shows, which are the right ones at the right pose.
    """
    slopes = _slopes(evidence) / evidence.tolerance[:, None]

    def linearized(pose: Array) -> tuple[Array, Array]:
        return _misses(evidence, pose) / evidence.tolerance, slopes

    missed = evidence.samples.values / evidence.tolerance
    return refine(start, linearized, lambda pose, step: pose @ _pose(step), schedule, missed)


def _slopes(evidence: Evidence) -> Array:
    """Derivatives of the depth by the move and the turn of the camera, shape (N, 6)."""
    samples, lens = evidence.samples, evidence.camera.lens
    steps = np.array([[0.0, 0.0], [-1.0, 0.0], [1.0, 0.0], [0.0, -1.0], [0.0, 1.0]])
    axes, places = [0, 0, 0, 1, 1], [2, 1, 3, 1, 3]
    rays = lens.rays(samples.pixels + steps[:, None], samples.kind)
    points = rays.at(samples.lines[:, axes, places].T)
    normals = np.cross(points[2] - points[1], points[4] - points[3])
    with np.errstate(invalid="ignore", divide="ignore"):
        normals = normals / dot(normals, rays.directions[0])[:, None]
    return -np.concatenate((normals, np.cross(points[0], normals)), axis=1)


def _pose(step: Array) -> Array:
    """The matrix, shape (4, 4), of a move (the first three numbers) and a turn (the others)."""
    angle = float(np.linalg.norm(step[3:]))
    x, y, z = step[3:] / angle if angle > 0.0 else np.zeros(3)
    skew = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    matrix = np.eye(4)
    matrix[:3, :3] += np.sin(angle) * skew + (1.0 - np.cos(angle)) * (skew @ skew)
    matrix[:3, 3] = step[:3]
    return matrix


def _fault_of(candidate: Candidate, camera_name: str) -> Fault:
    is_same = candidate.name == camera_name and candidate.frame is not None
    return Fault.WRONG_FRAME if is_same else Fault.WRONG_CAMERA


def _remedy_of(candidate: Candidate) -> Remedy:
    return Remedy(camera=candidate.camera, camera_name=candidate.name, frame=candidate.frame)
