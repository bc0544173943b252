"""Markers, names, and lines of sight of the picks, and the text beside the cursor."""
