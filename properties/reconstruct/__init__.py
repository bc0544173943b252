"""The options of a reconstruction, and the settings of the sidebar."""
