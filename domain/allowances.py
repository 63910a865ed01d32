"""Allowances: how many credits a member, a role or a server may spend in a period."""

from dataclasses import dataclass
from enum import StrEnum

from domain.periods import Period, Span


class TargetKind(StrEnum):
    """Whose allowance a manager set."""

    MEMBER = "member"
    ROLE = "role"
    """Each holder has their own."""
    SERVER = "server"
    """One pot for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """One row of ``allowances``: ``credits`` thousandths a ``period``; zero blocks.

    ``target_id`` is the member's or the role's, 0 for the server.
    """

    kind: TargetKind
    target_id: int
    period: Period
    credits: int


class Giver(StrEnum):
    """Who a limit of one member comes from."""

    MEMBER = "member"
    """Their own allowance; for its period it replaces what their roles give."""
    ROLE = "role"
    EVERYONE = "everyone"
    """What everyone in the server has, each: the allowance of the role that Discord gives all of them."""
    SERVER = "server"
    OPERATOR_MEMBER = "operator_member"
    """What the bot's operator allows every member in every server a month."""
    OPERATOR_SERVER = "operator_server"
    """What the bot's operator allows every server a month."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A limit that applies to a member: ``credits`` thousandths a ``period``, from a role if ``role_id``."""

    giver: Giver
    period: Period
    credits: int
    role_id: int | None = None

    @property
    def of_server(self) -> bool:
        """Whether it is one pot for all of the server."""
        return self.giver in {Giver.SERVER, Giver.OPERATOR_SERVER}

    @property
    def of_operator(self) -> bool:
        """Whether the bot's operator set it: corrections by moderators do not widen it."""
        return self.giver in {Giver.OPERATOR_MEMBER, Giver.OPERATOR_SERVER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a limit stands: ``used`` thousandths (held ones included) of it in the running ``span``."""

    limit: Limit
    span: Span
    used: int

    @property
    def left(self) -> int:
        """Thousandths left, never negative."""
        return max(0, self.limit.credits - self.used)

    @property
    def renews_at(self) -> int:
        """When the next period begins, in Unix milliseconds."""
        return self.span.ends_at

    def reached(self, percent: int) -> bool:
        """Tell whether this much of the limit is used; one of zero is a block and reaches nothing."""
        return self.limit.credits > 0 and self.used * 100 >= self.limit.credits * percent
