"""What the operator's key may spend within 24 hours: checked where a job is accepted, told at 80 %."""

import json

from domain.announcements import TO_OPERATOR, Topic, Values
from domain.errors import Reason, Refusal
from domain.limits import DAY
from storage import announcements, facts, holds
from storage.tx import Tx

TOLD_AT = 80
"""Percent of the limit at which the operator is told, once within 24 hours."""
FACT = "key_limit_told"
"""When that was last, in Unix milliseconds."""


def check(tx: Tx, *, key_id: int, amount: int, limit: int | None, at: int) -> None:
    """Refuse to hold ``amount`` thousandths beyond what a key may spend within 24 hours; tell at 80 %.

    The operator is told in the same transaction in which the amount is then held.

    Raises
    ------
    Refusal
        ``KEY_SPENT`` with ``goes_on``, the moment (Unix milliseconds) from which on there is room for it, or
        ``BEYOND_KEY`` with ``credits`` and ``key_limit``: there never is.
    """
    if limit is None:
        return
    if amount > limit:
        raise Refusal(Reason.BEYOND_KEY, credits=amount, key_limit=limit)
    used = holds.used_in_a_day(tx, key_id=key_id, at=at) + amount
    if used > limit:
        raise Refusal(Reason.KEY_SPENT, goes_on=_room_at(tx, used - limit, key_id=key_id, at=at))
    if used * 100 >= limit * TOLD_AT:
        _tell(tx, used=used, limit=limit, at=at)


def _room_at(tx: Tx, beyond: int, *, key_id: int, at: int) -> int:
    """Return when so much of what was booked is more than a day old; what is held may take a day from now."""
    for booked_at, amount in holds.booked_in_a_day(tx, key_id=key_id, at=at):
        beyond -= amount
        if beyond <= 0:
            return booked_at + DAY
    return at + DAY


def _tell(tx: Tx, *, used: int, limit: int, at: int) -> None:
    last = facts.fact(tx, FACT)
    if last is not None and at - DAY < json.loads(last) <= at:
        return
    facts.set_fact(tx, FACT, json.dumps(at))
    values: Values = {"used": used, "limit": limit}
    announcements.add(tx, guild_id=TO_OPERATOR, topic=Topic.KEY, values=values, at=at)
