"""The node groups that the product adds, one a file."""
