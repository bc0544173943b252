"""Reconstructed geometry, and the camera that saw it, as files that other programs read.

``formats`` lists all of them.
"""
