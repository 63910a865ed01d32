"""Blocks and pauses: who may not ask for anything new, why, and until when."""

from dataclasses import dataclass
from enum import StrEnum

from domain.limits import DAY, MINUTE

EVERYWHERE, EVERYBODY = 0, 0
"""The server id of a block that counts in all servers, and the member id of one that is about all members."""


SOMEBODY_ERASED = -1
"""The member id of a block of somebody whose data was erased: nobody can tell who that is."""


class Cause(StrEnum):
    """Who blocked."""

    OPERATOR = "operator"
    MANAGER = "manager"
    SAFETY = "safety"
    """The provider's safety check: it refused too many of a member's requests in a row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One row of ``blocks``. Moments are Unix milliseconds; ``until`` ``None``: until it is lifted.

    ``guild_id`` and ``member_id`` say where it counts and for whom: everywhere and for everybody, all new
    work is paused. ``strikes`` is how often in a row the safety check paused a member.
    """

    guild_id: int = EVERYWHERE
    member_id: int = EVERYBODY
    cause: Cause
    reason: str | None = None
    set_by: int | None = None
    since: int
    until: int | None = None
    strikes: int = 0

    @property
    def of_all(self) -> bool:
        """Whether it is about all new work, wherever and whoever asks."""
        return self.guild_id == EVERYWHERE and self.member_id == EVERYBODY


REFUSALS_IN, REFUSALS_BEFORE_A_PAUSE = 10 * MINUTE, 3
"""So many requests of a member refused by the safety check within so many milliseconds pause them."""
FORGIVEN_AFTER = 30 * DAY
"""A pause that ended so long ago makes the next one no longer."""


def pause_of(strikes: int) -> int:
    """Return how long a member's n-th pause in a row is: ten minutes, then twice as long, up to a day."""
    return min(10 * MINUTE * 2 ** (min(strikes, 20) - 1), DAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterRefusal:
    """What a refusal by the safety check means: that another pauses its member, or that they are paused."""

    next_pauses: bool = False
    paused_until: int | None = None
