"""The one way from a file or the Render Result to its layers, shot, and camera."""
