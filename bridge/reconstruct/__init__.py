"""What a reconstruction reads from the scene, and the objects that it adds."""
