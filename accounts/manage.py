"""What managers and moderators change: allowances and corrections."""

from collections.abc import Sequence

from accounts import ledger
from accounts.allowances import Ceilings
from domain.allowances import Allowance, TargetKind
from domain.announcements import Topic, Values
from domain.periods import Period
from domain.reports import Correction
from storage import allowances, announcements, entries, usage
from storage.tx import Tx


def set_allowance(
    tx: Tx, allowance: Allowance, *, guild_id: int, set_by: int, at: int, ceilings: Ceilings
) -> int | None:
    """Set an allowance; return the operator's limit instead if it is above that, and change nothing."""
    ceiling = ceilings.server if allowance.kind is TargetKind.SERVER else ceilings.member
    if ceiling is not None and allowance.credits > ceiling:
        return ceiling
    allowances.put(tx, allowance, guild_id=guild_id, set_by=set_by, at=at)
    return None


def clear_allowance(
    tx: Tx, *, guild_id: int, kind: TargetKind, target_id: int, period: Period | None
) -> list[Allowance]:
    """Remove a target's allowance for a period, or for all of them; return what was removed."""
    return allowances.clear(tx, guild_id=guild_id, kind=kind, target_id=target_id, period=period)


def list_allowances(tx: Tx, *, guild_id: int, limit: int, offset: int) -> tuple[list[Allowance], int]:
    """Return a page of a server's allowances and how many there are."""
    return allowances.page(tx, guild_id=guild_id, limit=limit, offset=offset)


def correct(tx: Tx, correction: Correction, *, guild_id: int, event: str) -> int | None:
    """Correct a member's account, by hand and on record; the same ``event`` corrects once.

    Returns the most that can be given, and changes nothing, if it is more than that: what the member was
    charged this month and was not given back yet.
    """
    if entries.was_asked_for(tx, event):
        return None
    at = entries.in_order(tx, correction.at)
    most = _charged_this_month(tx, guild_id=guild_id, member_id=correction.member_id, at=at)
    if correction.amount > most:
        return most
    ledger.adjust(
        tx,
        guild_id=guild_id,
        member_id=correction.member_id,
        amount=correction.amount,
        cause=correction.cause,
        moderator_id=correction.moderator_id,
        at=at,
        event=event,
    )
    values: Values = {
        "moderator": correction.moderator_id,
        "member": correction.member_id,
        "amount": correction.amount,
        "reason": correction.cause,
    }
    announcements.add(tx, guild_id=guild_id, topic=Topic.CORRECTED, values=values, at=at)
    return None


def _charged_this_month(tx: Tx, *, guild_id: int, member_id: int, at: int) -> int:
    spent = usage.running(tx, guild_id=guild_id, member_ids=[member_id], at=at)
    return max(0, spent[member_id, Period.MONTH].spent)


def corrections(tx: Tx, *, guild_id: int, member_id: int, limit: int = 3) -> Sequence[Correction]:
    """Return the newest corrections of a member's account, newest first."""
    return entries.by_hand(tx, guild_id=guild_id, member_id=member_id, limit=limit)
