"""How large a file may be, and for whom."""

from playground.discord.faults import MEBIBYTE, Faults

TIERS = {0: 10 * MEBIBYTE, 1: 10 * MEBIBYTE, 2: 50 * MEBIBYTE, 3: 100 * MEBIBYTE}
"""Bytes per file by the server's boost tier."""


class UploadLimits:
    """Bytes per file, from the rules and the switches.

    An interaction counts the member's own subscription, the bot's token only the server's boosts.
    """

    def __init__(self, *, faults: Faults) -> None:
        self._faults = faults

    def announced(self) -> int:
        """Return what an interaction says as ``attachment_size_limit``."""
        if self._faults.upload_limit is not None:
            return self._faults.upload_limit
        return max(TIERS[self._faults.premium_tier], self._faults.member_upload_limit)

    def for_interaction(self) -> int:
        """Return what holds for requests with an interaction's token."""
        return self._enforced(self.announced())

    def for_bot(self, *, direct: bool) -> int:
        """Return what holds for requests with the bot's token.

        Parameters
        ----------
        direct
            Whether the file goes to direct messages, where boosts do not count.
        """
        tier = TIERS[0 if direct else self._faults.premium_tier]
        return self._enforced(
            tier if self._faults.upload_limit is None else min(tier, self._faults.upload_limit)
        )

    def _enforced(self, limit: int) -> int:
        hidden = self._faults.unannounced_limit
        return limit if hidden is None else min(limit, hidden)
