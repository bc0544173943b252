"""Depth images: values, precision, and which pixels to use."""
