"""Lenses and cameras: from pixels to rays and back."""
