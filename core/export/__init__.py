"""Reconstructed geometry, and the camera that saw it, to files for other programs.

``formats`` lists all of them.
"""
