"""Cameras of the core, made from Blender's camera objects and render settings."""
