"""How much a member may still spend, asked inside the transaction that reserves it.

Which limits apply to a member, each for its own period (UTC day, week from Monday, month):

- their own allowance; where there is none for that period, the most generous of those that their roles give
  (a role's is each holder's own, ``@everyone`` included);
- the server's, one pot for all;
- the operator's for each member over all servers and for each server a month, whatever managers set.

All of them must have room. Used is what was spent in the running period and what open jobs hold, whenever
they were asked for. Corrections by moderators (*adjust*) count for the server's own allowances but not for
the operator's: nobody can correct a server past those. The operator's for each member also counts for a day
what the provider may have kept of their jobs without images (``storage/beyond.py``): it is theirs to renew,
not to pay.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from domain.allowances import Allowance, Giver, Limit, Standing, TargetKind
from domain.errors import Reason, Refusal
from domain.periods import Period, span_of
from domain.usage import SERVER, Figures
from storage import allowances, entries, holds, usage
from storage.tx import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceilings:
    """The operator's own limits; nobody can go beyond them. ``None`` is no limit.

    Thousandths of a credit: of a ``member`` over all servers and of a ``server`` a month, of the operator's
    ``key`` within 24 hours. ``waiting`` is how many jobs of one member may wait at once.
    """

    member: int | None = None
    server: int | None = None
    key: int | None = None
    waiting: int | None = None

    def limits(self) -> list[Limit]:
        """Return those of a month as limits."""
        givers = ((Giver.OPERATOR_MEMBER, self.member), (Giver.OPERATOR_SERVER, self.server))
        return [
            Limit(giver=giver, period=Period.MONTH, credits=amount)
            for giver, amount in givers
            if amount is not None
        ]


def check(
    tx: Tx,
    *,
    guild_id: int,
    member_id: int,
    role_ids: tuple[int, ...],
    amount: int,
    at: int,
    ceilings: Ceilings,
) -> None:
    """Refuse a reserve of ``amount`` thousandths that goes beyond an allowance.

    Of several that are spent the one that renews last is named: then the member can ask again.

    Raises
    ------
    Refusal
        ``ALLOWANCE_SPENT`` with ``credits`` (asked for), ``left``, ``renews_at``, ``period`` (a word of
        ``Period``) and ``whose`` (a word of ``Giver``), or ``BLOCKED`` with ``blocked`` (a word of
        ``Giver``): an allowance is zero.
    """
    stands = standings(
        tx, guild_id=guild_id, member_id=member_id, role_ids=role_ids, at=at, ceilings=ceilings
    )
    for stand in stands:
        if stand.limit.credits == 0:
            raise Refusal(Reason.BLOCKED, blocked=stand.limit.giver)
    spent = [stand for stand in stands if stand.used + amount > stand.limit.credits]
    if spent:
        worst = max(spent, key=lambda stand: (stand.renews_at, -stand.left))
        raise Refusal(
            Reason.ALLOWANCE_SPENT,
            credits=amount,
            left=worst.left,
            renews_at=worst.renews_at,
            period=worst.limit.period,
            whose=worst.limit.giver,
        )


def standings(
    tx: Tx, *, guild_id: int, member_id: int, role_ids: Sequence[int], at: int, ceilings: Ceilings
) -> list[Standing]:
    """Return how each limit that applies to a member stands at a moment (Unix milliseconds).

    The periods are those of the next entry (``entries.in_order``), whatever the clock says.
    """
    limits = limits_of(tx, guild_id=guild_id, member_id=member_id, role_ids=role_ids, ceilings=ceilings)
    if not limits:
        return []
    at = entries.in_order(tx, at)
    spent = usage.running(tx, guild_id=guild_id, member_ids=[SERVER, member_id], at=at)
    held = {
        of_server: holds.held(tx, guild_id=guild_id, member_id=None if of_server else member_id).held
        for of_server in {limit.of_server for limit in limits if limit.giver is not Giver.OPERATOR_MEMBER}
    }
    return [
        Standing(
            limit=limit,
            span=span_of(limit.period, at),
            used=_used_everywhere(tx, member_id=member_id, at=at)
            if limit.giver is Giver.OPERATOR_MEMBER
            else _used(limit, spent, member_id=member_id) + held[limit.of_server],
        )
        for limit in limits
    ]


def _used(limit: Limit, spent: Mapping[tuple[int, Period], Figures], *, member_id: int) -> int:
    """Return what was spent of a limit of one server in its period."""
    figures = spent[SERVER if limit.of_server else member_id, limit.period]
    return figures.at_provider if limit.of_operator else figures.spent


def _used_everywhere(tx: Tx, *, member_id: int, at: int) -> int:
    """Return what was spent of the operator's limit for each member in all servers, and what is held now."""
    figures = usage.month_everywhere(tx, member_id=member_id, at=at)
    lost = holds.lost_in_a_day(tx, member_id=member_id, at=at)
    return figures.at_provider + holds.held(tx, member_id=member_id).held + lost


def limits_of(
    tx: Tx, *, guild_id: int, member_id: int, role_ids: Sequence[int], ceilings: Ceilings
) -> list[Limit]:
    """Return the limits that apply to a member who has these roles."""
    found = allowances.for_member(tx, guild_id=guild_id, member_id=member_id)
    own = {allowance.period: allowance for allowance in found if allowance.kind is TargetKind.MEMBER}
    # Discord leaves @everyone, whose id is the server's, out of a member's roles.
    by_role = _most_generous(found, {*role_ids, guild_id})
    servers = [allowance for allowance in found if allowance.kind is TargetKind.SERVER]
    chosen = [*(by_role | own).values(), *servers]
    return [*(_limit(allowance, guild_id) for allowance in chosen), *ceilings.limits()]


def that_count(tx: Tx, *, guild_id: int, role_ids: Iterable[int]) -> tuple[int, ...]:
    """Return those of a member's roles that have an allowance."""
    return tuple(sorted(allowances.roles(tx, guild_id=guild_id).intersection(role_ids)))


def _most_generous(found: Iterable[Allowance], role_ids: set[int]) -> dict[Period, Allowance]:
    best: dict[Period, Allowance] = {}
    for allowance in found:
        if allowance.kind is TargetKind.ROLE and allowance.target_id in role_ids:
            rival = best.get(allowance.period)
            if rival is None or allowance.credits > rival.credits:
                best[allowance.period] = allowance
    return best


def _limit(allowance: Allowance, guild_id: int) -> Limit:
    giver = Giver(allowance.kind.value)
    if giver is Giver.ROLE and allowance.target_id == guild_id:
        giver = Giver.EVERYONE
    return Limit(
        giver=giver,
        period=allowance.period,
        credits=allowance.credits,
        role_id=allowance.target_id if giver is Giver.ROLE else None,
    )
