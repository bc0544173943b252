"""Lenses and cameras: pixels to rays and back."""
