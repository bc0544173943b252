"""Every branch on Blender's version, with the version it may go with."""

from __future__ import annotations

import bpy

# Goes with Blender 4.2: Cycles' commit 5b3fcb218 made the cube face's directions unit vectors.
CUBE_FACE_BENDS_STEREO = bpy.app.version < (4, 3)
"""Spherical stereo of a cube face converges and merges elsewhere in each pixel."""
