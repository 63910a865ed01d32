"""Turns: of several processes on one PostgreSQL database one works, and the others are ready to take over."""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Protocol

from adapters.duty import Duty
from assembly.keeping import require_shared_files, require_unnamed_files
from assembly.outside import Lease
from assembly.quiet import quiet_end
from config.settings import Settings
from domain.clock import Clock, SystemClock
from storage.engines.fence import Fence
from storage.engines.let_in import LetIn
from storage.engines.lock import own_directory
from storage.erasure_check import require_key
from storage.erasure_key import ErasureKey
from storage.errors import Away, LeaseLost, Passing, StorageError, TooNew
from storage.postgres import is_fresh, open_postgres
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
    if await _ready(settings, url, stop) is None:
        return 0
    duty.waits = True
    lease = await _turn(Standby(url), stop)
    duty.waits = False
    if lease is None:
        return 0
    asking = None
    try:
        # Their volume may have gone while we waited.
        if (answered := await _ready(settings, url, stop, lease.fence)) is None:
            return 0
        log.info("%s works from now on.", lease.holder)
        if not answered:
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


async def _ready(
    settings: Settings, url: str, stop: asyncio.Event, fence: Fence | None = None
) -> bool | None:
    """Do as ``_is_ready``; ``None`` if this process is stopped: what is silent keeps nobody who is."""
    given_up = threading.Event()
    ready = asyncio.create_task(_is_ready(settings, url, fence, given_up), name="looks before work")
    stopped = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({ready, stopped}, return_when=asyncio.FIRST_COMPLETED)
    except asyncio.CancelledError:
        ready.cancel()
        raise
    finally:
        stopped.cancel()
        # Where it is done by now, nothing is asked any more.
        given_up.set()
    if not ready.done():
        await asyncio.wait({ready}, timeout=LAST_LOOK)
        # The files' store may be silent for longer, and does not hear of it.
        ready.cancel()
        await asyncio.wait({ready})
        if ready.cancelled():
            return None
    try:
        answered = await ready
    except (Passing, LeaseLost):
        if not stop.is_set():
            raise
        return None
    return None if stop.is_set() else answered


async def _is_ready(settings: Settings, url: str, fence: Fence | None, given_up: threading.Event) -> bool:
    """Make sure that key and files are the database's; ``False``: the files' store does not answer.

    ``fence``: where we hold the leases, and may decide where the files are. ``given_up`` is set once the
    database is not to be waited for any more.
    """
    fresh = partial(is_fresh, url, given_up=given_up)
    key = ErasureKey(settings.data_dir, settings.erasure_secret)
    let_in = LetIn(settings.data_dir, url)
    # No unit is to stay down for what goes by.
    with let_in.asking():
        if fence is None and await fresh():
            await require_unnamed_files(settings, still_fresh=fresh)
        database = await open_postgres(url, key=key, fence=fence, given_up=given_up)
    try:
        let_in.note()
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
            found = bool(await _ready(settings, url, stop, fence))
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
