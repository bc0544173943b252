"""Fits that up to half of the samples may contradict."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]
State = TypeVar("State")

_TRIALS = 128
"""Small subsets that are fitted exactly, to start from the best."""

_STEPS = 10

SEARCH, POLISH = (10, 0.6), (6, 0.8)
"""Steps of :func:`refine`, and its first share, from a start that may be far off, and from a good
one: a small share gets out of more valleys, but may leave a surface aside that could fit as well.
"""

_LAST = 0.5
"""Share of the errors that the last step regards as ordinary."""


def fit_linear(columns: Array, target: Array, sigma: Array) -> Array | None:
    """Coefficients c, shape (K,), for which ``columns @ c`` comes nearest to ``target``.

    Starts from the best of many exact fits of K samples (LMedS; Rousseeuw 1984) and goes on with
    reweighted least squares.

    Parameters
    ----------
    columns : ndarray, shape (N, K)
    target, sigma : ndarray, shape (N,)
        Values to fit, and how far each may be off.

    Returns
    -------
    ndarray or None
        None if the samples do not determine the coefficients.
    """
    count, size = columns.shape
    if count < 2 * size + 2:
        return None
    rng = np.random.default_rng(0)
    subsets = rng.integers(count, size=(_TRIALS, size))
    matrices = columns[subsets]
    norms = np.prod(np.linalg.norm(matrices, axis=2), axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        usable = np.abs(np.linalg.det(matrices)) > 1e-9 * norms
    if not usable.any():
        return None
    starts = np.linalg.solve(matrices[usable], target[subsets[usable]][..., None])[..., 0]
    errors = np.abs(starts @ columns.T - target) / sigma
    best = starts[np.argmin(_costs(errors))]
    for _ in range(_STEPS):
        weights = robust_weights((columns @ best - target) / sigma) / sigma**2
        normal = (columns * weights[:, None]).T @ columns
        if np.linalg.matrix_rank(normal) < size:
            return None
        best = np.linalg.solve(normal, (columns * weights[:, None]).T @ target)
    return np.asarray(best)


def fit_rigid(source: Array, target: Array, sigma: Array) -> Array | None:
    """Rotation and translation, shape (4, 4), that move ``source`` onto ``target``, (N, 3) each.

    Kabsch's solution (1976) of small subsets and then of all, reweighted. None if the points do
    not determine it.
    """
    if len(source) < 8:
        return None
    rng = np.random.default_rng(0)
    subsets = rng.integers(len(source), size=(_TRIALS, 4))
    starts = _rigid(source[subsets], target[subsets], np.ones(subsets.shape))
    moved = np.einsum("tij,nj->tni", starts[:, :3, :3], source) + starts[:, None, :3, 3]
    errors = np.linalg.norm(moved - target, axis=2) / sigma
    best: Array = starts[np.argmin(_costs(errors))]
    for _ in range(_STEPS):
        errors = np.linalg.norm(source @ best[:3, :3].T + best[:3, 3] - target, axis=1) / sigma
        best = _rigid(source, target, robust_weights(errors) / sigma**2)
    return best


def refine(
    state: State,
    linearized: Callable[[State], tuple[Array, Array]],
    moved: Callable[[State, Array], State],
    schedule: tuple[int, float],
    missed: Array,
) -> tuple[State, float]:
    """Gauss-Newton steps with robust weights; the best state on the way, and its cost.

    Parameters
    ----------
    state
        Where to start.
    linearized
        Gives residuals in units of their tolerance, shape (N,), NaN for none, and their
        derivatives, shape (N, K).
    moved
        Gives the state after a step of shape (K,).
    schedule : (int, float)
        How many steps to try, and the share of the errors that the first regards as ordinary; it
        falls to one half.
    missed : ndarray, shape (N,)
        What counts as the error of a residual that is NaN, and the most that any counts as.
    """
    best, least = state, np.inf
    steps, first = schedule
    for share in np.linspace(first, _LAST, steps):
        errors, slopes = linearized(state)
        cost = robust_cost(errors, missed)
        if cost < least:
            best, least = state, cost
        known = np.isfinite(errors) & np.isfinite(slopes).all(axis=1)
        if np.count_nonzero(known) < 2 * slopes.shape[1]:
            break
        weights = robust_weights(errors[known], float(share))
        weighted = slopes[known] * weights[:, None]
        normal = weighted.T @ slopes[known]
        normal += np.diag(1e-9 * np.diag(normal) + 1e-300)
        try:
            step = -np.linalg.solve(normal, weighted.T @ errors[known])
        except np.linalg.LinAlgError:
            break
        state = moved(state, step)
    return best, least


def robust_weights(errors: Array, share: float = 0.5) -> Array:
    """Weights, 0 to 1, of Geman and McClure, shape (N,).

    Half of their scale is 1, or the error that this share of the errors does not exceed.
    """
    scale = 2.0 * max(1.0, float(np.quantile(np.abs(errors), share)))
    result: Array = 1.0 / (1.0 + (errors / scale) ** 2) ** 2
    return result


def robust_cost(errors: Array, missed: ArrayLike) -> float:
    """Mean of log(1 + |error|), where none counts as more than a missing one, which is `missed`.

    That is fixed: if it followed from the other errors, looking past the scene would pay.
    """
    size = np.where(np.isfinite(errors), np.abs(errors), np.inf)
    return float(np.mean(np.log1p(np.minimum(size, missed))))


def _costs(errors: Array) -> Array:
    """Cost of each trial, shape (T,), for errors of shape (T, N)."""
    limit = 3.0 * max(1.0, float(np.median(errors, axis=1).min()))
    result: Array = np.minimum(errors, limit).mean(axis=1)
    return result


def _rigid(source: Array, target: Array, weights: Array) -> Array:
    """Kabsch's rigid motion for points of shape (..., N, 3), as matrices (..., 4, 4)."""
    share = weights / weights.sum(axis=-1, keepdims=True)
    center = np.einsum("...n,...ni->...i", share, source)
    onto = np.einsum("...n,...ni->...i", share, target)
    covariance = np.einsum(
        "...n,...ni,...nj->...ij", share, source - center[..., None, :], target - onto[..., None, :]
    )
    left, _, right = np.linalg.svd(covariance)
    sign = np.linalg.det(left) * np.linalg.det(right)
    right = right.copy()
    right[..., 2, :] *= np.sign(sign)[..., None]
    rotation = np.einsum("...ij,...jk->...ki", left, right)
    matrix = np.zeros((*rotation.shape[:-2], 4, 4))
    matrix[..., :3, :3] = rotation
    matrix[..., :3, 3] = onto - np.einsum("...ij,...j->...i", rotation, center)
    matrix[..., 3, 3] = 1.0
    return matrix
