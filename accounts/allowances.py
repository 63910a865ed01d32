"""How much a member may still spend, asked inside the transaction that reserves it."""

from dataclasses import dataclass

from storage.database import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceilings:
    """The operator's own limits, thousandths of a credit a month; nobody can go beyond them."""

    member: int | None = None
    server: int | None = None


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

    Raises
    ------
    Refusal
        ``ALLOWANCE_SPENT`` or ``BLOCKED``, with what is left and when it renews.
    """
    raise NotImplementedError
