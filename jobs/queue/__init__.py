"""Whose job is next, when it may leave, and when that will be."""
