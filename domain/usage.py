"""What was used: figures of a member, a model or a whole server over some days."""

from dataclasses import dataclass

SERVER = 0
"""The member id under which the rollup keeps a server as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Sums over some days. Credits are thousandths.

    ``jobs`` ended with images or failed (``failures``); what was cancelled does not count. ``spent`` is net:
    what was ``charged`` less what was ``refunded`` (a result was lost) and ``adjusted`` (a moderator gave
    back; negative: took).
    """

    jobs: int = 0
    images: int = 0
    failures: int = 0
    spent: int = 0
    refunded: int = 0
    adjusted: int = 0

    @property
    def charged(self) -> int:
        """What finished jobs cost, before anything was given back; never negative."""
        return self.spent + self.refunded + self.adjusted

    @property
    def at_provider(self) -> int:
        """What the operator paid for, whatever moderators corrected: the measure of the operator's limits."""
        return self.spent + self.adjusted


@dataclass(frozen=True, slots=True, kw_only=True)
class Holds:
    """What open jobs hold: their number and the thousandths reserved for them."""

    jobs: int = 0
    held: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    """The figures of one member or one model among others."""

    key: int | str
    figures: Figures
