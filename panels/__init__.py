"""The panels: they draw, and hand settings to operators; they compute and load nothing."""
