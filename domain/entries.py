"""The ledger's entries.

Every entry says by how much it changes two figures of its member: what is *held* and what is *spent*,
both in thousandths of a credit:

| kind | held | spent |
| --- | --- | --- |
| reserve | + reserved | 0 |
| raise | + what it costs beyond | 0 |
| charge | - all that is held | + cost |
| release | - all that is held | 0 |
| refund | 0 | - amount |
| adjust | 0 | - amount (a positive correction gives credits back, a negative one takes them) |

So the sum over any set of entries is what that member, server or day has held and spent.
"""

from dataclasses import dataclass
from enum import StrEnum

from domain.job import OPERATOR_KEY


class EntryKind(StrEnum):
    """What an entry records."""

    RESERVE = "reserve"
    RAISE = "raise"
    CHARGE = "charge"
    RELEASE = "release"
    REFUND = "refund"
    ADJUST = "adjust"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of ``entries``; ``at`` is Unix milliseconds, ``held`` and ``spent`` thousandths.

    ``images`` is how many results a charge paid for. ``cause`` says why a release or refund was made. An
    adjust has no job and an empty model; ``moderator_id`` made it by hand: an ``event``, a ``reason``.
    """

    kind: EntryKind
    key_id: int = OPERATOR_KEY
    guild_id: int
    member_id: int
    at: int
    held: int = 0
    spent: int = 0
    images: int = 0
    model: str = ""
    job_id: str | None = None
    cause: str = ""
    reason: str | None = None
    moderator_id: int | None = None
    event: str | None = None
