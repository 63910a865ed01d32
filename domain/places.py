"""Where the bot does something on Discord, and what."""

from dataclasses import dataclass
from enum import StrEnum


class Deed(StrEnum):
    """What is done in a place: who may not send may still edit, so each is refused for itself."""

    READ = "read"
    SEND = "send"
    EDIT = "edit"
    REACT = "react"


@dataclass(frozen=True, slots=True)
class Place:
    """A channel of a server; ``channel_id`` 0 is the whole server, ``guild_id`` 0 none or an unknown one."""

    guild_id: int
    channel_id: int
    deed: Deed


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """A place that refused so many times in a row, and the moment until which it is left alone."""

    place: Place
    refusals: int
    until: int
