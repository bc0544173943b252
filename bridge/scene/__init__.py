"""Objects, meshes, attributes, and materials from arrays, and back."""
