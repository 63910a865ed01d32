"""Text from outside, before it is kept; numbers, before they are read."""


def storable(text: str) -> str:
    """Return text without what JSON can carry and not every database takes: half surrogate pairs, NUL."""
    return text.encode("utf-8", "ignore").decode("utf-8").replace("\0", "")


def counted(number: int, word: str) -> str:
    """Say how many there are of something: ``1 job``, ``2,000 jobs``."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"
