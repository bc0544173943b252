"""Rays cast into the scene, to compare points with what was rendered."""
