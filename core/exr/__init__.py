"""OpenEXR files: their headers, layers, passes, and pixels."""
