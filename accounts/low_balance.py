"""Telling the operator, once, that the provider's balance has fallen below a threshold."""

from domain.reports import Balance
from storage import balances, facts
from storage.tx import Tx

FACT = "low_balance"
TOLD, QUIET = "told", "quiet"


def due(tx: Tx, *, threshold: int) -> Balance | None:
    """Return the balance if it is below ``threshold`` thousandths and the operator was not told yet.

    A balance that rose a tenth above the threshold again begins anew, so that one that wavers around it
    is told of once.
    """
    last = balances.last(tx)
    if last is None:
        return None
    told = facts.fact(tx, FACT) == TOLD
    if told and last.remaining >= threshold + threshold // 10:
        facts.set_fact(tx, FACT, QUIET)
    return last if last.remaining < threshold and not told else None


def told(tx: Tx) -> None:
    """Note that the operator was told."""
    facts.set_fact(tx, FACT, TOLD)
