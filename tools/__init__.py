"""The tools in Blender's toolbars."""
