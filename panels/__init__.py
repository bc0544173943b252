"""The panels: they draw, and fill in the operators' properties."""
