"""Turns: of several processes on one PostgreSQL database one works, and the others are ready to take over."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

from adapters.duty import Duty
from assembly.keeping import require_shared_files
from assembly.outside import Lease
from assembly.quiet import quiet_end
from config.settings import Settings
from domain.clock import Clock, SystemClock
from storage.database import open_database
from storage.engines.fence import Fence
from storage.engines.lock import own_directory
from storage.erasure_check import require_key
from storage.erasure_key import ErasureKey
from storage.errors import Away, LeaseLost, StorageError, TooNew
from storage.turns.leaseholder import Leaseholder
from storage.turns.standby import Standby

log = logging.getLogger("darkroom")

LOOK_EVERY = 0.5
"""Seconds between looks at whether it is our turn."""
ASK_EVERY = 10.0
"""Seconds between two times that a store which does not answer is asked whether it has our files."""
LAST_LOOK = 1.0
"""Seconds for a look to end by itself when this process is stopped: what it has just taken is given back."""


class Work(Protocol):
    """What is done by the process whose turn it is; returns the seconds to stay away for afterwards."""

    def __call__(
        self, settings: Settings, clock: Clock, *, duty: Duty, stop: asyncio.Event, lease: Lease | None
    ) -> Awaitable[int]: ...


class SharedClock(SystemClock):
    """The database's clock: what one process writes another one reads, on a host with another time."""

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now

    def now(self) -> int:
        """Return the moment in Unix milliseconds."""
        return self._now()


async def take_turns(settings: Settings, url: str, *, duty: Duty, stop: asyncio.Event, work: Work) -> int:
    """Wait until no other process works, then work until it is time to stop; return what ``work`` does.

    Raises
    ------
    StorageError
        The database cannot be used.
    """
    own_directory(settings.data_dir)
    # Its tables are there, and of this version, key and files are the same as others', before anybody waits.
    await _is_ready(settings, url)
    duty.waits = True
    lease = await _turn(Standby(url), stop)
    duty.waits = False
    if lease is None:
        return 0
    log.info("%s works from now on.", lease.holder)
    asking = None
    try:
        # Their volume may have gone while we waited.
        if not await _is_ready(settings, url, lease.fence):
            asking = asyncio.create_task(_ask_again(settings, url, lease.fence, stop), name="place of files")
        with quiet_end(lease.is_held):
            pause = await work(settings, SharedClock(lease.now), duty=duty, stop=stop, lease=lease)
        if asking is not None and asking.done():
            await asking
        return pause
    finally:
        if asking is not None:
            asking.cancel()
        # Nothing is done any more that needs it: whoever waits may begin.
        await asyncio.to_thread(lease.close)


async def _is_ready(settings: Settings, url: str, fence: Fence | None = None) -> bool:
    """Make sure that key and files are the database's; ``False``: the files' store does not answer.

    ``fence``: where we hold the leases, and may decide where the files are.
    """
    key = ErasureKey(settings.data_dir, settings.erasure_secret)
    database = await open_database(settings.data_dir, url=url, key=key, fence=fence)
    try:
        await require_key(database, key, alone=None)
        return await require_shared_files(settings, database, decides=fence is not None)
    finally:
        await database.close()


async def _ask_again(settings: Settings, url: str, fence: Fence, stop: asyncio.Event) -> None:
    """Ask until the files' store has answered; stop the work if they are not the database's."""
    found = False
    while not found:
        await asyncio.sleep(ASK_EVERY)
        try:
            found = await _is_ready(settings, url, fence)
        except (Away, LeaseLost, TooNew) as error:
            # Whoever waits may be of a newer version, and have brought the tables to it.
            log.debug("Where the files are could not be asked: %s", error)
        except StorageError:
            stop.set()
            raise


async def _turn(standby: Standby, stop: asyncio.Event) -> Leaseholder | None:
    """Wait for our turn; ``None`` if this process is stopped before."""
    while not stop.is_set():
        if (lease := await _look(standby, stop)) is not None:
            return lease
        try:
            await asyncio.wait_for(stop.wait(), LOOK_EVERY)
        except TimeoutError:
            continue
    await asyncio.to_thread(standby.close)
    return None


async def _look(standby: Standby, stop: asyncio.Event) -> Leaseholder | None:
    """Look whether it is our turn; a database that is silent keeps nobody who is stopped."""
    look = asyncio.create_task(asyncio.to_thread(standby.look))
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({look, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not look.done():
        await asyncio.wait({look}, timeout=LAST_LOOK)
    if not look.done():
        standby.hurry()
    return await look
