"""Text from outside, before it is kept."""


def storable(text: str) -> str:
    """Return text without halves of surrogate pairs, which JSON can carry and no database takes."""
    return text.encode("utf-8", "ignore").decode("utf-8")
