"""Passes of view layers: which are rendered, and how to enable them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

import bpy

from ...compat import PASS_NAMES
from ...core.errors import LayerError
from ...core.exr.pass_names import COMBINED, CRYPTOMATTE_NAMES
from ...core.exr.passes import split_names
from ..cameras.lens import CYCLES

_EVERY_ENGINE = ("combined",)
_CYCLES_AND_EEVEE = (
    *("mist", "position", "normal", "vector", "diffuse_direct", "diffuse_color", "glossy_direct"),
    *("glossy_color", "emit", "environment", "ambient_occlusion"),
)
_CYCLES = (
    *("uv", "object_index", "material_index", "diffuse_indirect", "glossy_indirect"),
    *("transmission_direct", "transmission_indirect", "transmission_color"),
)
_CYCLES_SETTINGS = ("volume_direct", "volume_indirect", "shadow_catcher")
"""Flags that are on a view layer's settings for Cycles."""


def rendered_passes(scene: bpy.types.Scene, layer: bpy.types.ViewLayer) -> tuple[str, ...]:
    """Names of the passes that a view layer renders, as files name them, without depth."""
    engine = scene.render.engine
    flags = list(_EVERY_ENGINE)
    if engine == CYCLES or "EEVEE" in engine:
        flags += _CYCLES_AND_EEVEE
    if engine == CYCLES:
        flags += _CYCLES
    names = [PASS_NAMES[each] for each in flags if getattr(layer, f"use_pass_{each}")]
    if engine == CYCLES:
        names += [
            PASS_NAMES[each]
            for each in _CYCLES_SETTINGS
            if getattr(layer.cycles, f"use_pass_{each}")
        ]
    if engine == CYCLES or "EEVEE" in engine:
        names += [
            name for flag, name in CRYPTOMATTE_NAMES.items() if getattr(layer, f"use_pass_{flag}")
        ]
        names += [aov.name for aov in layer.aovs if aov.is_valid]
        names += [f"{COMBINED}_{group.name}" for group in layer.lightgroups]
    return tuple(names)


def flags_of(passes: str) -> list[str]:
    """Properties of a view layer that enable the passes, whose names are separated by commas."""
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


@contextlib.contextmanager
def passes_enabled(scene: bpy.types.Scene, passes: Sequence[str]) -> Iterator[None]:
    """Enable passes, such as "use_pass_z", in every view layer that renders, while the body runs.

    The sequencer is disabled, because its result has no passes. Only names live through the body,
    no references, because it may last as long as a render.

    Raises
    ------
    LayerError
        No view layer renders.
    """
    names = [layer.name for layer in scene.view_layers if layer.use]
    if not names:
        raise LayerError(
            "No view layer is rendered; enable Use for Rendering in View Layer Properties."
        )
    scene_name, sequencer = scene.name, scene.render.use_sequencer
    switched = [
        (name, each)
        for name in names
        for each in passes
        if not getattr(scene.view_layers[name], each)
    ]
    scene.render.use_sequencer = False
    for name, each in switched:
        setattr(scene.view_layers[name], each, True)
    try:
        yield
    finally:
        scene_now: bpy.types.Scene | None = bpy.data.scenes.get(scene_name)
        if scene_now is not None:
            scene_now.render.use_sequencer = sequencer
            for name, each in switched:
                if name in scene_now.view_layers:
                    setattr(scene_now.view_layers[name], each, False)
