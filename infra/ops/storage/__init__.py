"""What the buckets hold, and the deletion of what is no longer needed."""
