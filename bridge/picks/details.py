"""What the panel says of a pick."""

from __future__ import annotations

import bpy

from .. import units


def details(pick: bpy.types.PropertyGroup) -> str:
    """A line for each thing to know, its name and value parted by a tab."""
    scene, numbers = pick.id_data, pick.numbers
    edge = ", at an edge" if pick.edge else ""
    lines = [
        ("Pixel", f"{numbers.x:.2f}, {numbers.y:.2f}{edge}"),
        ("Depth", units.length(scene, numbers.depth, 6)),
        ("Uncertainty", f"± {units.length(scene, numbers.uncertainty, 3)}"),
        *zip("XYZ", units.coordinates(scene, numbers.world), strict=True),
    ]
    shot = scene.depth_picks.shot_of(pick)
    if shot is not None:
        image = bpy.path.basename(shot.filepath) or "Render Result"
        lines.append(("Image", " ".join(filter(None, (image, shot.view)))))
        lines.append(("Layer", shot.layer))
        lines.append(("Camera", f"{shot.camera}, frame {shot.frame}"))
    return "\n".join(f"{name}\t{value}" for name, value in lines)
