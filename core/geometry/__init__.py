"""Points, surfaces, normals, and voxels in world space, and measures of them."""
