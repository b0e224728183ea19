"""A synthetic benchmarking programme: plainly fictional trusts in the layouts of the real files."""
