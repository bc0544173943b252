"""Picks: points of a render, located in the scene."""
