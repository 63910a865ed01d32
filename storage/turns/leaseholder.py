"""Leases that a process holds: one thread renews them, and another ends the process when they are over.

Neither needs the event loop. The second one needs no connection either: a renewal that does not return, on a
socket that nobody answers or in a process that was stopped for a while, is one that failed.
"""

import logging
import os
import threading
import time
from collections.abc import Callable

import psycopg

from storage import leases
from storage.engines.fence import TRY_AGAIN, Fence
from storage.engines.postgres_address import search_of
from storage.engines.postgres_session import Link
from storage.engines.postgres_trouble import unusable
from storage.leases import LENGTH

log = logging.getLogger(__name__)

RENEW_EVERY = 2.0
"""Seconds between renewals."""
AGAIN = 0.5
"""Seconds from a renewal that failed to the next one."""
ANSWERS_WITHIN = 4.0
"""Seconds for an answer: a connection that is silent for longer is made anew while there is time."""
STEP = 0.1
"""Seconds between looks at the clock: an alarm would not count the time for which a machine sleeps."""
FOR_A_POST = 3.0
"""Seconds of lease that a request to the provider needs: it is to arrive before a successor asks."""
TO_STORE = 20.0
"""Seconds for which a process without leases may go on to store the answer to a paid request."""
SURE = 0.25
"""Seconds: a renewal that took longer says little of what the database's clock says."""
TO_SPEAK = 0.2
"""Seconds for the last words: a log that nobody reads must not keep a process alive."""


def elapsed() -> float:
    """Return seconds on a clock that goes on while the machine sleeps, or this process is stopped.

    ``time.monotonic`` stands still while a machine sleeps on Linux; on macOS it does not.
    """
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def connect(url: str) -> Link:
    """Open a connection of one's own for leases: they must not wait behind transactions.

    Raises
    ------
    psycopg.Error
        The server cannot be reached.
    """
    connection = Link.connect(
        url,
        autocommit=True,
        connect_timeout=3,
        tcp_user_timeout=4_000,
        keepalives_idle=2,
        keepalives_interval=1,
        keepalives_count=2,
        application_name="darkroom: leases",
        **search_of(url),
    )
    connection.patience = ANSWERS_WITHIN
    connection.execute("SET statement_timeout = 4000")
    return connection


class Leaseholder:
    """Holds the leases that this process has just taken, over the connection on which it did.

    Parameters
    ----------
    asked
        When they were asked for, by ``elapsed``: the answer may have been long on its way.
    told
        What the database's clock said then (Unix milliseconds).
    end
        Ends the process. A test hands over one of its own.
    """

    def __init__(
        self,
        url: str,
        *,
        holder: str,
        connection: Link,
        asked: float,
        told: int,
        end: Callable[[int], object] = os._exit,
    ) -> None:
        self._url = url
        self._connection = connection
        self._end = end
        self._until = asked + LENGTH
        self._moment = told - asked * 1000
        self._over = threading.Event()
        self._let_go = threading.Event()
        self._owed: Callable[[], bool] = _nothing
        self._leave: Callable[[], object] = _nothing
        self.holder = holder
        self.fence = Fence(leases.held_statement(holder), self._over.set)
        self._threads = [
            threading.Thread(target=work, name=name, daemon=True)
            for name, work in (("leases", self._renew), ("the watch over leases", self._watch))
        ]

    def begin(self) -> None:
        """Begin to renew and to watch."""
        for thread in self._threads:
            thread.start()

    def left(self) -> float:
        """Return for how many seconds the leases are held for certain, by this machine's clock."""
        return 0.0 if self._over.is_set() else self._until - elapsed()

    def is_held(self) -> bool:
        """Tell whether no other process can work yet."""
        return self.left() > 0

    def now(self) -> int:
        """Return the moment by the database's clock, which all processes share (Unix milliseconds).

        It is late by what the last renewal took, at most: ``SURE`` seconds.
        """
        return round(self._moment + elapsed() * 1000)

    def may_send(self) -> bool:
        """Tell whether a request to the provider may leave now."""
        return self.left() >= FOR_A_POST

    def before_the_end(self, *, owed: Callable[[], bool], leave: Callable[[], object]) -> None:
        """Have ``leave`` called at the loss if an answer that was paid for is ``owed``: it is stored first.

        Both are called from another thread.
        """
        self._owed, self._leave = owed, leave

    def close(self) -> None:
        """Give the leases back, once nothing is done any more that needs them."""
        self._let_go.set()
        for thread in self._threads:
            thread.join(LENGTH)
        if not self._over.is_set() and not any(thread.is_alive() for thread in self._threads):
            self._give_back()
        self._connection.close()

    def _give_back(self) -> None:
        for last in (False, True):
            try:
                leases.give_back(self._connected(), self.holder)
                break
            except psycopg.Error as error:
                # It may be this connection only.
                self._connection.close()
                if last:
                    why = unusable(error, self._url)
                    log.warning("The leases could not be given back, and end by themselves. %s", why)

    def _connected(self) -> Link:
        if self._connection.closed:
            self._connection = connect(self._url)
        return self._connection

    def _renew(self) -> None:
        pause = RENEW_EVERY
        while not self._let_go.wait(pause) and not self._over.is_set():
            pause = self._renewed()
        if self._over.is_set():
            # A renewal may have come through unheard, or too late: until it ends nobody could work. What left
            # just before is to arrive first.
            self._let_go.wait(min(FOR_A_POST, self._until - elapsed()))
            self._give_back()

    def _renewed(self) -> float:
        """Renew the leases; return for how many seconds to wait then."""
        asked = elapsed()
        try:
            told = leases.renew(self._connected(), self.holder)
        except psycopg.Error as error:
            if not self._over.is_set():
                why = unusable(error, self._url)
                log.warning("The leases could not be renewed, with %.1f s left. %s", self.left(), why)
            self._connection.close()
            return AGAIN
        if told is None:
            self._over.set()
        if told is None or self._over.is_set():
            return 0.0
        self._until = asked + LENGTH
        if elapsed() - asked < SURE:
            self._moment = told - asked * 1000
        return RENEW_EVERY

    def _watch(self) -> None:
        """End the process as soon as its leases are over: another may work by now."""
        while self.left() > 0:
            if self._let_go.wait(0) or self._over.wait(min(STEP, self.left())):
                break
        if self._let_go.is_set():
            return
        self._over.set()
        words = "The leases are over: another process may work by now, this one ends."
        speaking = threading.Thread(target=log.critical, args=(words,), daemon=True)
        speaking.start()
        speaking.join(TO_SPEAK)
        if self._owed():
            self._leave()
            end = elapsed() + TO_STORE
            while self._owed() and elapsed() < end:
                time.sleep(STEP)
        self._end(TRY_AGAIN)


def _nothing() -> bool:
    return False
