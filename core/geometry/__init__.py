"""Points, surfaces, and normals in the world, and what can be measured on them."""
