"""Moving: all rows of one engine to the other."""
