"""What a reconstruction takes from the scene, and the objects that it becomes."""
