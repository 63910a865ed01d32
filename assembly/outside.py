"""What the work touches, handed over to it: the real things, or a test's own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from domain.clock import Clock
from jobs.delivery.ports import Messenger, Operator
from jobs.prepare import FetchSource
from pictures.work import PictureWork
from pixeldojo.client import PixelDojo
from scheduling.durations import Durations
from scheduling.scheduler import Scheduler
from storage.database import Database
from storage.engines.fence import Fence
from storage.files import Files


class Lease(Protocol):
    """Leave to be the process that works, of several on one database."""

    @property
    def fence(self) -> Fence:
        """What transactions ask for."""
        ...

    def now(self) -> int:
        """Return the moment by the clock that all processes share (Unix milliseconds)."""
        ...

    def is_held(self) -> bool:
        """Tell whether no other process can work yet."""
        ...

    def may_send(self) -> bool:
        """Tell whether a request to the provider may leave now."""
        ...

    def before_the_end(self, *, owed: Callable[[], bool], leave: Callable[[], object]) -> None:
        """Have ``leave`` called where the lease is lost while an answer that was paid for is ``owed``."""
        ...


def is_lost(lease: Lease | None) -> bool:
    """Tell whether a process may work no more; by its own clock that is before another one can."""
    return lease is not None and not lease.is_held()


def always() -> bool:
    """Tell that this process works, where no other one could."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What the work touches.

    Parameters
    ----------
    durations
        What was learned so far.
    may_send
        Whether a request to the provider may leave now: this process is the one that works, and stays it for
        long enough.
    taken_over
        Whether another process may have worked until just now.
    """

    clock: Clock
    database: Database
    files: Files
    pictures: PictureWork
    durations: Durations
    scheduler: Scheduler
    client: PixelDojo
    messenger: Messenger
    operator: Operator
    fetch_source: FetchSource
    may_send: Callable[[], bool] = always
    taken_over: bool = False
