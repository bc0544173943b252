"""Files that depth comes in, of any kind: what they hold, and what is refused."""
