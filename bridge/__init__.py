"""Between Blender and the core, both ways."""
