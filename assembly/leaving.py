"""The part of the work that has to do with members' data that goes: deletions, and what members may ask."""

from domain.clock import Clock
from jobs.delivery.ports import Messenger
from jobs.delivery.stale import StaleCards
from jobs.delivery.takedowns import Takedowns
from jobs.outside import Outside
from jobs.personal import Personal
from storage.database import Database


class Leaving:
    """Deletions by members, by others, and of members."""

    def __init__(self, *, database: Database, clock: Clock, messenger: Messenger, stale: StaleCards) -> None:
        self._stale = stale
        self.takedowns = Takedowns(database=database, clock=clock, messenger=messenger)
        """Messages that are to be deleted."""
        self.outside = Outside(database=database, clock=clock, went=self.hurry)
        """Cards that somebody else deleted."""
        self.personal = Personal(database=database)
        """What members may ask about what is kept of them."""

    def hurry(self) -> None:
        """Have messages that are to go deleted, and others corrected, now."""
        self.takedowns.hurry()
        self._stale.hurry()
