"""What the .blend keeps, one feature a file."""
