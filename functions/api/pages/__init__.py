"""Pages for people, rendered from the public answers of the API."""
