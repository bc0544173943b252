"""Small helpers that several rooms of the core share."""
