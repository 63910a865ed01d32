"""The provider's own books: append-only entries, in thousandths of a credit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from playground.pixeldojo.clock import Clock, milliseconds


def credits_of(thousandths: int) -> int | float:
    """Return thousandths of a credit as the JSON number of credits: 4000 is 4, 4500 is 4.5."""
    whole, rest = divmod(thousandths, 1000)
    return thousandths / 1000 if rest else whole


def thousandths_of(amount: float) -> int:
    """Return a number of credits as thousandths."""
    return round(amount * 1000)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: ``charge`` and ``refund`` of a job, ``spend`` of another user, ``top_up`` of the account."""

    kind: str
    amount: int
    at: float
    job: str | None = None


class Books:
    """The account's balance and every change of it; nothing is ever altered or removed."""

    def __init__(self, *, clock: Clock, balance: int) -> None:
        self._clock = clock
        self._entries: list[Entry] = []
        self._totals: dict[str, list[int]] = {}
        self.balance = 0
        self.top_up(balance)

    def charge(self, job: str, cost: int) -> None:
        """Take the cost of a job, in thousandths."""
        self._write("charge", cost, job)
        self.balance -= cost
        self._totals.setdefault(job, [0, 0])[0] += cost

    def refund(self, job: str) -> int:
        """Give back what a job cost and was not given back yet; return it in thousandths."""
        charged, refunded = self.of(job)
        if charged > refunded:
            self._write("refund", charged - refunded, job)
            self.balance += charged - refunded
            self._totals[job][1] = charged
        return charged - refunded

    def spend(self, amount: int) -> None:
        """Let another user of the key spend thousandths."""
        self._write("spend", amount, None)
        self.balance -= amount

    def top_up(self, amount: int) -> None:
        """Add thousandths to the account; negative to take them away."""
        self._write("top_up", amount, None)
        self.balance += amount

    def of(self, job: str) -> tuple[int, int]:
        """Return what a job was charged and what of it was refunded, in thousandths."""
        charged, refunded = self._totals.get(job, (0, 0))
        return charged, refunded

    def entries(self) -> Iterable[dict[str, object]]:
        """Return all entries, oldest first, amounts in credits, moments in Unix milliseconds."""
        for entry in self._entries:
            yield {
                "kind": entry.kind,
                "job": entry.job,
                "credits": credits_of(entry.amount),
                "at": milliseconds(entry.at),
            }

    def _write(self, kind: str, amount: int, job: str | None) -> None:
        self._entries.append(Entry(kind, amount, self._clock.now(), job))
