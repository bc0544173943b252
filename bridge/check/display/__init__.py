"""How the errors of a check are shown: pictures, an attribute, and its material."""
