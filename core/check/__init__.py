"""Are points where they should be, and if not, which fault explains them."""
