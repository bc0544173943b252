"""Faults of the values: of another kind, in another unit, inverted, normalized, or encoded.

Each compares the values of the samples with the depth that the believed camera would see there,
so that no more rays are cast than for the first comparison.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...cameras.intrinsics import Orthographic
from ...depth.image import DepthKind
from ..evidence import Evidence
from ..fault import Explanation, Fault
from ..remedy import Remedy
from ..residuals import RELATIVE
from ..values import Encoding, ValueMap
from .fitting import fit_linear

Array = NDArray[Any]

_UNITS = (1e-3, 1e-2, 0.1, 10.0, 100.0, 1000.0, 1 / 5000, 0.0254, 0.3048, 1 / 0.0254, 1 / 0.3048)
_UNIT_TOLERANCE = 2e-4
"""Part by which a fitted factor may differ from that of a unit and still be it."""


def value_explanations(evidence: Evidence) -> Iterator[Explanation]:
    """Every fault of the values, with the numbers that fit best."""
    remedies = [*_fixed(evidence), *_fitted(evidence)]
    for fault, remedy, parameters in remedies:
        yield Explanation(fault, remedy, parameters, evidence.residuals(remedy))


def _fixed(evidence: Evidence) -> Iterator[tuple[Fault, Remedy, int]]:
    """Faults without a number to fit."""
    if not isinstance(evidence.camera.lens, Orthographic):  # there both kinds are the same
        if evidence.samples.kind is DepthKind.PLANAR:
            yield Fault.RAY_NOT_PLANAR, Remedy(kind=DepthKind.RAY), 0
        else:
            yield Fault.PLANAR_NOT_RAY, Remedy(kind=DepthKind.PLANAR), 0
    yield Fault.SRGB_ENCODED, Remedy(values=ValueMap(Encoding.SRGB)), 0
    yield Fault.INVERSE, Remedy(values=ValueMap(Encoding.INVERSE)), 0


def _fitted(evidence: Evidence) -> Iterator[tuple[Fault, Remedy, int]]:
    """Faults with one or two numbers to fit."""
    depth = evidence.depth
    with np.errstate(invalid="ignore"):
        usable = (depth > 0.0) & evidence.as_is.counted
    depth, values = depth[usable], evidence.samples.values[usable]
    noise, ones = evidence.noise[usable], np.ones(len(depth))
    absolute, relative = noise + RELATIVE * depth, noise / values + RELATIVE
    one_number = (
        (Fault.SCALED, values / depth, ones, relative),
        (Fault.OFFSET, ones, depth - values, absolute),
        (Fault.INVERSE, values * depth, ones, relative),
        (Fault.INVERTED, ones, depth + values, absolute),
    )
    for fault, column, target, error in one_number:
        fitted = fit_linear(column[:, None], target, error)
        if fitted is not None:
            yield fault, Remedy(values=_value_map(fault, float(fitted[0]))), 1
    for encoding, target in ((Encoding.DISTANCE, depth), (Encoding.INVERSE, 1.0 / depth)):
        fitted = _fit_affine(values, target, noise)
        if fitted is not None:
            scale, offset = (float(number) for number in fitted)
            yield Fault.NORMALIZED, Remedy(values=ValueMap(encoding, scale, offset)), 2


def _value_map(fault: Fault, number: float) -> ValueMap:
    if fault is Fault.SCALED:
        return ValueMap(scale=_of_unit(number))
    if fault is Fault.OFFSET:
        return ValueMap(offset=number)
    if fault is Fault.INVERSE:
        return ValueMap(Encoding.INVERSE, scale=number)
    return ValueMap(scale=-1.0, offset=number)


def _fit_affine(values: Array, target: Array, noise: Array) -> Array | None:
    """Scale and offset; None if the values do not differ by more than they may be off."""
    if len(values) < 2:
        return None
    spread, onto = (float(np.subtract(*np.percentile(a, [90, 10]))) for a in (values, target))
    tolerance = noise + RELATIVE * np.abs(values)
    if spread <= 10.0 * float(np.median(tolerance)) or onto == 0.0:
        return None
    columns = np.stack((values, np.ones(len(values))), axis=-1)
    return fit_linear(columns, target, noise * (onto / spread) + RELATIVE * target)


def _of_unit(factor: float) -> float:
    """The factor of a unit, if it is one, as it is known better than it can be fitted."""
    for unit in _UNITS:
        if abs(factor / unit - 1.0) < _UNIT_TOLERANCE:
            return unit
    return factor
