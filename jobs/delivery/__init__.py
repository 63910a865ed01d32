"""Cards and results to their members, by the first way that works."""
