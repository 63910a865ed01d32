"""What is said once, in a server's channel for notices or to the operator, of something that happened."""

from dataclasses import dataclass
from enum import StrEnum

TO_OPERATOR = 0
"""The server id of what the operator is told."""
Values = dict[str, str | int]


class Topic(StrEnum):
    """What is announced; the sentences are in ``ui/announcements.py``."""

    PAUSED = "paused"
    """To a server: ``member`` was refused ``count`` times by the safety check and is paused ``until``."""
    REFUSALS = "refusals"
    """To the operator: ``jobs`` of ``members`` were refused on a ``day`` (its first moment)."""
    KEY = "key"
    """To the operator: ``used`` of ``limit`` thousandths within a day."""
    CORRECTED = "corrected"
    """To a server: ``moderator`` gave (above zero) or took an ``amount`` of ``member``, with a ``reason``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """One row of ``announcements``: a topic's sentence with ``values``; ``at`` is Unix milliseconds.

    ``channel_id`` ``None``: the server has chosen no channel any more.
    """

    id: int
    guild_id: int
    channel_id: int | None
    topic: Topic
    values: Values
    at: int

    @property
    def for_operator(self) -> bool:
        """Whether it is the operator who is told."""
        return self.guild_id == TO_OPERATOR
