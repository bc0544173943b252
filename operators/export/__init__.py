"""The operator that exports a reconstruction."""
