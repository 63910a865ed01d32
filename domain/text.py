"""Text from outside, before it is kept."""


def storable(text: str) -> str:
    """Return text without what JSON can carry and not every database takes: half surrogate pairs, NUL."""
    return text.encode("utf-8", "ignore").decode("utf-8").replace("\0", "")
