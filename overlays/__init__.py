"""What is drawn over Blender's editors."""
