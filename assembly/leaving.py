"""The part of the work that has to do with members' data that goes: deletions, and what members may ask."""

from collections.abc import Callable

from assembly.keeping import kept_erasures
from config.settings import Settings
from domain.clock import Clock
from domain.job import Job
from jobs.delivery.ports import Messenger
from jobs.delivery.stale import StaleCards
from jobs.delivery.takedowns import Takedowns
from jobs.keeping.erasure import Eraser
from jobs.keeping.outside import Outside
from jobs.keeping.personal import Personal
from jobs.keeping.retention import Retention
from storage.database import Database
from storage.erasure_key import ErasureKey
from storage.files import Files


class Leaving:
    """Deletions by members, by others, and of members."""

    def __init__(
        self,
        settings: Settings,
        *,
        database: Database,
        clock: Clock,
        files: Files,
        still_at_work: Callable[[], bool],
        messenger: Messenger,
        stale: StaleCards,
        withdrawn: Callable[[Job], None],
    ) -> None:
        self._stale = stale
        self.takedowns = Takedowns(database=database, clock=clock, messenger=messenger)
        """Messages that are to be deleted."""
        self.outside = Outside(database=database, clock=clock, went=self.hurry)
        """Cards that somebody else deleted."""
        self.retention = Retention(
            database=database,
            clock=clock,
            files=files,
            still_at_work=still_at_work,
            days=settings.retention_days,
            limit=settings.storage_limit,
        )
        """What is kept and for how long."""
        self.eraser = Eraser(
            database=database,
            clock=clock,
            key=ErasureKey(settings.data_dir, settings.erasure_secret),
            record=kept_erasures(settings),
            withdrawn=withdrawn,
            went=self.hurry,
            drop_files=self.retention.drop_marked,
        )
        """Members who are to be erased."""
        self.personal = Personal(database=database, clock=clock, files=files, eraser=self.eraser)
        """What members may ask about what is kept of them."""

    def hurry(self) -> None:
        """Have messages that are to go deleted, and others corrected, now."""
        self.takedowns.hurry()
        self._stale.hurry()
