"""Blender's cameras as cameras of the core."""
