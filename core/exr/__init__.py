"""OpenEXR files: headers, layers, passes, and pixels."""
