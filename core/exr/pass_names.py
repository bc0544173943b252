"""What Blender calls passes in files, up to 4.5 and since 5.0: the only place that knows it.

Source: https://developer.blender.org/docs/release_notes/5.0/compositor/
"""

from __future__ import annotations

from typing import NamedTuple

COMBINED = "Combined"
POSITION = "Position"
NORMAL = "Normal"


class PassNames(NamedTuple):
    """What one pass is called in files."""

    until_4_5: str
    since_5_0: str


PASS_NAMES = {
    "combined": PassNames(COMBINED, COMBINED),
    "mist": PassNames("Mist", "Mist"),
    "position": PassNames(POSITION, POSITION),
    "normal": PassNames(NORMAL, NORMAL),
    "vector": PassNames("Vector", "Vector"),
    "uv": PassNames("UV", "UV"),
    "object_index": PassNames("IndexOB", "Object Index"),
    "material_index": PassNames("IndexMA", "Material Index"),
    "diffuse_direct": PassNames("DiffDir", "Diffuse Direct"),
    "diffuse_indirect": PassNames("DiffInd", "Diffuse Indirect"),
    "diffuse_color": PassNames("DiffCol", "Diffuse Color"),
    "glossy_direct": PassNames("GlossDir", "Glossy Direct"),
    "glossy_indirect": PassNames("GlossInd", "Glossy Indirect"),
    "glossy_color": PassNames("GlossCol", "Glossy Color"),
    "transmission_direct": PassNames("TransDir", "Transmission Direct"),
    "transmission_indirect": PassNames("TransInd", "Transmission Indirect"),
    "transmission_color": PassNames("TransCol", "Transmission Color"),
    "volume_direct": PassNames("VolumeDir", "Volume Direct"),
    "volume_indirect": PassNames("VolumeInd", "Volume Indirect"),
    "shadow_catcher": PassNames("Shadow Catcher", "Shadow Catcher"),
    "emit": PassNames("Emit", "Emission"),
    "environment": PassNames("Env", "Environment"),
    "ambient_occlusion": PassNames("AO", "Ambient Occlusion"),
}
"""Names of each pass, by the property ``use_pass_...`` of view layers that enables it."""

CRYPTOMATTE_NAMES = {
    "cryptomatte_object": "CryptoObject",
    "cryptomatte_material": "CryptoMaterial",
    "cryptomatte_asset": "CryptoAsset",
}
"""Name of each Cryptomatte, by the property ``use_pass_...`` of view layers that enables it."""
