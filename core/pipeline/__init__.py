"""The pipeline: an OpenEXR file, a camera, and options to finished arrays, without Blender."""
