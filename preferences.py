"""The extension's preferences: how much memory it holds, and the button that frees it."""

from __future__ import annotations

import bpy
from bpy.props import StringProperty

from .bridge.session import entries, held_bytes
from .bridge.units import memory_text


def _get_held_memory(_preferences: bpy.types.AddonPreferences) -> str:
    return memory_text(held_bytes())


def _get_held_details(_preferences: bpy.types.AddonPreferences) -> str:
    """A line for each entry that holds something: title, amount, limit, and when it is dropped."""
    amounts = [(entry.held_bytes(), entry) for entry in entries()]
    amounts.sort(key=lambda amount: amount[0], reverse=True)
    return "\n".join(
        "\t".join((entry.title, memory_text(count), entry.limit, entry.dropped))
        for count, entry in amounts
        if count
    )


class DepthPreferences(bpy.types.AddonPreferences):
    """What Preferences > Add-ons shows for this extension."""

    bl_idname = __package__

    held_memory: StringProperty(get=_get_held_memory, description="Memory that is held now")
    held_details: StringProperty(
        get=_get_held_details,
        description="Lines of what is held, how much, its limit, and when it is dropped",
    )

    def draw(self, context: bpy.types.Context) -> None:
        row = self.layout.row()
        row.label(text=f"Memory in Use: {self.held_memory}")
        row.operator("depth.free_memory", icon="TRASH")
        for line in self.held_details.splitlines():
            title, amount, limit, dropped = line.split("\t")
            column = self.layout.box().column(align=True)
            row = column.row()
            row.label(text=title)
            amount_row = row.row()
            amount_row.alignment = "RIGHT"
            amount_row.label(text=amount)
            below = column.column(align=True)
            below.active = False
            below.scale_y = 0.8
            below.label(text=f"At most: {limit}")
            below.label(text=f"Dropped: {dropped[0].lower()}{dropped[1:]}")


register, unregister = bpy.utils.register_classes_factory((DepthPreferences,))
