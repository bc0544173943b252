"""Checks: whether points lie on the scene that was rendered."""
