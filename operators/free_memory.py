"""Free the memory that the extension keeps for later."""

from __future__ import annotations

import bpy

from ..bridge.redraw import redraw_editors
from ..bridge.session import free_caches
from ..bridge.units import memory_text


class DEPTH_OT_free_memory(bpy.types.Operator):
    """Free the memory that holds what can be read or computed again."""

    bl_idname = "depth.free_memory"
    bl_label = "Free Memory"
    bl_description = (
        "Free the memory that Reconstruct from Depth keeps for later. What is needed again is read "
        "again from the files and renders"
    )

    def execute(self, _context: bpy.types.Context) -> set[str]:
        freed = free_caches()
        redraw_editors()
        self.report({"INFO"}, f"Freed {memory_text(freed)}.")
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory((DEPTH_OT_free_memory,))
