"""The points of a preview in the 3D viewports."""
