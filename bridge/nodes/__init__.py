"""The node groups that the extension adds to a .blend."""
