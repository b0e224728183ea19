"""What each page asks, and what it makes of the answers: one module for each page."""
