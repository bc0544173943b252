"""The operators that check a reconstruction, and apply the remedy of a fault."""
