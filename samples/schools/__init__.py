"""A second sample programme: costs of fictional schools, under a method of its own."""
