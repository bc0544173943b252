"""The operators that reconstruct, and those that fill in their options."""
