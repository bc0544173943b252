"""Between Blender and the core, in both directions."""
