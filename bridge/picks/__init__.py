"""Picks in the scene: what they are made on, where they lie, and what they become."""
