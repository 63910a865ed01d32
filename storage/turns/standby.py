"""Waiting for the leases: a process that is ready to work as soon as no other one does."""

import logging
import math
import os
import re
import secrets
import socket
from collections.abc import Callable

import psycopg

from storage import leases
from storage.engines.postgres_address import address_of
from storage.engines.postgres_session import Link
from storage.engines.postgres_trouble import unusable
from storage.errors import Unusable
from storage.leases import Held, Waiting
from storage.turns.leaseholder import Leaseholder, connect, elapsed

log = logging.getLogger(__name__)

SHOW_EVERY = 2.0
"""Seconds between signs of life."""
LONG, WARN_EVERY = 10.0, 60.0
"""Seconds without an answer of the database's after which that is a warning, and between two of them."""


class Standby:
    """One process that waits. ``look`` blocks: ask it again and again from a thread that may wait."""

    def __init__(self, url: str, *, end: Callable[[int], object] = os._exit) -> None:
        self._url = url
        self._end = end
        self._connection: Link | None = None
        self._shown = -SHOW_EVERY
        self._seen: str | None = None
        self._answered, self._warned = elapsed(), -math.inf
        self.name = f"{_host()}/{os.getpid()}/{secrets.token_hex(4)}"
        """What this process is called: its host, its number there, and something that no other one has."""

    def look(self) -> Leaseholder | None:
        """Take the leases if nobody holds them, and begin to renew them; ``None``: it is not our turn.

        Who is waited for is logged when that changes.
        """
        try:
            if self._connection is None or self._connection.closed:
                self._connection = connect(self._url)
            holder = self._take(self._connection)
        except psycopg.Error as error:
            self._say("the database, which cannot be asked")
            self._warn(unusable(error, self._url))
            self.close()
            return None
        self._answered, self._warned = elapsed(), -math.inf
        return holder

    def hurry(self) -> None:
        """Have a ``look`` that another thread is at give up what is not answered by now."""
        if (connection := self._connection) is not None:
            connection.patience = 0.0

    def close(self) -> None:
        """Wait no more."""
        if self._connection is not None and not self._connection.closed:
            try:
                leases.hide_waiting(self._connection, self.name)
            except psycopg.Error as error:
                why = unusable(error, self._url)
                log.debug("That this process waits no more could not be noted. %s", why)
            self._connection.close()

    def _take(self, connection: Link) -> Leaseholder | None:
        if (other := leases.in_the_way(connection, self.name)) is None:
            taken = leases.take(connection, self.name)
            # A renewal is one statement: it says more exactly what the time is.
            asked = elapsed()
            told = leases.renew(connection, self.name) if taken else None
            if told is not None:
                self._connection = None
                holder = Leaseholder(
                    self._url, holder=self.name, connection=connection, asked=asked, told=told, end=self._end
                )
                holder.begin()
                return holder
        else:
            self._say(f"{other[0]}, which works since {other[1]:.0f} s")
        if elapsed() - self._shown >= SHOW_EVERY:
            leases.show_waiting(connection, self.name)
            self._shown = elapsed()
        return None

    def _warn(self, why: Unusable) -> None:
        """Say why nothing can be asked once that has lasted: somebody may have to mend it."""
        now = elapsed()
        if now >= self._answered + LONG and now >= self._warned + WARN_EVERY:
            lasted = now - self._answered
            log.warning(
                "%s could not ask the database for %.0f s and cannot take over. %s", self.name, lasted, why
            )
            self._warned = now

    def _say(self, whom: str) -> None:
        # But for the seconds it is the same each time.
        known = whom.partition(",")[0]
        if known != self._seen:
            log.info("%s waits for %s.", self.name, whom)
        self._seen = known


def who_works(url: str) -> tuple[list[Held], list[Waiting]]:
    """Return who holds what, and who waits: nobody where no process ever ran.

    Raises
    ------
    Unusable
        The database cannot be asked, or has no address.
    """
    address_of(url)
    try:
        with connect(url) as connection:
            return leases.standing(connection)
    except psycopg.errors.UndefinedTable:
        return [], []
    except psycopg.Error as error:
        raise unusable(error, url) from error


def _host() -> str:
    return re.sub(r"[^A-Za-z0-9.-]", "", socket.gethostname())[:60] or "host"
