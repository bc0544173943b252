"""The options of a reconstruction, and the state of its sidebar."""
