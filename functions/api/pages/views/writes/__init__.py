"""Pages that change something, and those that show what a supplier or an operator has changed."""
