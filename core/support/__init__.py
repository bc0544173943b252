"""Small tools that several rooms of the core share."""
