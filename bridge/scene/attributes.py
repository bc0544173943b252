"""Passes as attributes of points, and which passes there are to choose from."""

from __future__ import annotations

import bpy
import numpy as np

from ...compat import PASS_NAMES
from ...core.exr.passes import COMBINED, PassKind, attributes_of, split_names, values_at
from ...core.geometry.voxels import Merging
from ...core.support.vectors import unit
from ..cameras.lens import CYCLES
from ..sources.source import Pixels
from .mesh import set_attribute, shade_by

_EVERY_ENGINE = ("combined",)
_CYCLES_AND_EEVEE = (
    *("mist", "position", "normal", "vector", "diffuse_direct", "diffuse_color", "glossy_direct"),
    *("glossy_color", "emit", "environment", "ambient_occlusion"),
)
_CYCLES = (
    *("uv", "object_index", "material_index", "diffuse_indirect", "glossy_indirect"),
    *("transmission_direct", "transmission_indirect", "transmission_color"),
)
_CYCLES_OWN = ("volume_direct", "volume_indirect", "shadow_catcher")
_CRYPTOMATTES = ("object", "material", "asset")


def store_attributes(
    data: bpy.types.Mesh | bpy.types.PointCloud, pixels: Pixels, merging: Merging
) -> np.ndarray:
    """Store what was read of each selected pixel; the points of `data` are in the same order.

    Returns the depth of each point.

    A cryptomatte's names are kept beside its ids: a custom property, called as the attribute, that
    holds the name of each id. The normal shades what has faces.
    """
    selection = merging.selection
    set_attribute(data, "pixel", merging.reduce(selection.pixels()))
    depth = merging.reduce(selection.take(pixels.depth.values))
    set_attribute(data, "depth", depth)
    if pixels.error is not None:
        set_attribute(data, "depth_error", merging.reduce(selection.take(pixels.error)))
    for one, image in pixels.passes:
        values = merging.reduce(values_at(one, image, selection))
        if one.kind is PassKind.NORMAL and merging.voxels is not None:
            values = unit(values)  # the mean of directions is shorter than they are
        for name, each in attributes_of(one, values).items():
            set_attribute(data, name, each)
        if one.kind is PassKind.NORMAL and isinstance(data, bpy.types.Mesh) and data.polygons:
            shade_by(data, values)
        names = one.names_of(values) if one.ids else {}
        if names:
            data[one.attribute] = {str(number): name for number, name in names.items()}
    return depth


def first_color(pixels: Pixels) -> tuple[str, np.ndarray] | None:
    """The first color that was read, if any: its attribute, and its pixels, shape (H, W, C)."""
    colors = ((one.attribute, image) for one, image in pixels.passes if one.kind is PassKind.COLOR)
    return next(colors, None)


def rendered_passes(scene: bpy.types.Scene, layer: bpy.types.ViewLayer) -> tuple[str, ...]:
    """Names of the passes that a view layer renders, as they will stand in a file; no depth."""
    engine = scene.render.engine
    flags = list(_EVERY_ENGINE)
    if engine == CYCLES or "EEVEE" in engine:
        flags += _CYCLES_AND_EEVEE
    if engine == CYCLES:
        flags += _CYCLES
    names = [PASS_NAMES[each] for each in flags if getattr(layer, f"use_pass_{each}")]
    if engine == CYCLES:
        names += [
            PASS_NAMES[each] for each in _CYCLES_OWN if getattr(layer.cycles, f"use_pass_{each}")
        ]
    if engine == CYCLES or "EEVEE" in engine:
        names += [
            f"Crypto{each.title()}"
            for each in _CRYPTOMATTES
            if getattr(layer, f"use_pass_cryptomatte_{each}")
        ]
        names += [aov.name for aov in layer.aovs if aov.is_valid]
        names += [f"{COMBINED}_{group.name}" for group in layer.lightgroups]
    return tuple(names)


def flags_of(passes: str) -> list[str]:
    """Properties of a view layer that switch on passes, given as names separated by commas."""
    known = bpy.types.ViewLayer.bl_rna.properties
    flags = {name: f"use_pass_{flag}" for flag, name in PASS_NAMES.items()}
    return [flags[name] for name in split_names(passes) if flags.get(name, "") in known]


def listed_passes(scene: bpy.types.Scene, layer: bpy.types.ViewLayer) -> tuple[str, ...]:
    """Names of the passes that the sidebar's source has, as far as is known."""
    settings = scene.reconstruct_from_depth
    if settings.source == "RENDER":
        return rendered_passes(scene, layer)
    if not settings.file_passes:
        return ()
    of_depth = settings.file_passes.get(settings.layer) or settings.file_passes[0]
    return tuple(of_depth.value.splitlines())
