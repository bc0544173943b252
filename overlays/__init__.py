"""What is drawn over the editors: markers, names, lines of sight, and the text at the cursor."""
