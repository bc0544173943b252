"""The one way from a file or the Render Result to its depth and its camera."""
