"""The pipeline: from an OpenEXR file, a camera, and options to finished arrays."""
