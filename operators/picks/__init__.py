"""The operators that make, edit, import, and export picks."""
