"""The options of depth values that apply a rule which a check found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.check.values import Encoding, ValueMap


def value_changes(rule: ValueMap, options: Mapping[str, Any], unit: float) -> dict[str, Any]:
    """Options, by their names, that give the distances that a rule makes of those read.

    Parameters
    ----------
    rule : ValueMap
        From the distances as they were read to the right ones.
    options : mapping
        The options they were read with.
    unit : float
        Scene units of a distance of 1 under these.

    Returns
    -------
    dict
        Empty if no option can: for sRGB-encoded values, and for a rule on top of values that are
        scaled already in another way than it asks for.
    """
    if rule.encoding is Encoding.SRGB:
        return {}
    kind = options.get("depth_values", "AUTO")
    if kind == "NORMALIZED":
        return _other_range(rule, options)
    if kind == "DISPARITY":
        longer = {"disparity_baseline": options["disparity_baseline"] * rule.scale}
        return longer if rule == ValueMap(scale=rule.scale) else {}
    scale, offset = options.get("depth_scale", 1.0), options.get("depth_offset", 0.0)
    if kind == "INVERSE":
        # From unit / a, with a = scale x + offset, to a multiple of it, or of a.
        if rule.offset:
            return {}
        factor = rule.scale * unit
        other = "DISTANCE" if rule.encoding is Encoding.INVERSE else "INVERSE"
        return _changes(other, scale / factor, offset / factor)
    factor = rule.scale * unit
    kind = "INVERSE" if rule.encoding is Encoding.INVERSE else "DISTANCE"
    return _changes(kind, factor * scale, factor * offset + rule.offset)


def _changes(kind: str, scale: float, offset: float) -> dict[str, Any]:
    return {
        "depth_values": kind,
        "depth_unit": "SCENE",
        "depth_scale": scale,
        "depth_offset": offset,
    }


def _other_range(rule: ValueMap, options: Mapping[str, Any]) -> dict[str, Any]:
    near, far = (
        rule.scale * options[name] + rule.offset for name in ("normalized_near", "normalized_far")
    )
    if rule.encoding is not Encoding.DISTANCE or not 0.0 <= near < far:
        return {}
    return {"normalized_near": near, "normalized_far": far}
