"""The figures of shards: columns of arrays, and the tables that they make."""
