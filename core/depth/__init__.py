"""Depth images: their values and precision, and filters that choose pixels."""
