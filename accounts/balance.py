"""The provider's balance as its replies tell it, and what it says beyond our own charges."""

from storage.database import Tx


def record_reply(tx: Tx, *, job_id: str | None, cost: int | None, remaining: int, at: int) -> int | None:
    """Record ``creditsRemaining`` (thousandths) of one reply; return the drift that it shows, if any."""
    raise NotImplementedError
