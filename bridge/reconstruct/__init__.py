"""Reconstruction: the scene's settings to the pipeline, and its arrays to objects."""
