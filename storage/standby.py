"""Waiting for the leases: a process that is ready to work as soon as no other one does."""

import logging
import os
import re
import secrets
import socket
from collections.abc import Callable

import psycopg

from storage import leases
from storage.leaseholder import Leaseholder, connect, elapsed
from storage.leases import Connection, Held, Waiting
from storage.postgres_session import unusable

log = logging.getLogger(__name__)

SHOW_EVERY = 2.0
"""Seconds between signs of life."""


class Standby:
    """One process that waits. ``look`` blocks: ask it again and again from a thread that may wait."""

    def __init__(self, url: str, *, end: Callable[[int], object] = os._exit) -> None:
        self._url = url
        self._end = end
        self._connection: Connection | None = None
        self._shown = -SHOW_EVERY
        self._seen: str | None = None
        self.name = f"{_host()}/{os.getpid()}/{secrets.token_hex(4)}"
        """What this process is called: its host, its number there, and something that no other one has."""

    def look(self) -> Leaseholder | None:
        """Take the leases if nobody holds them, and begin to renew them; ``None``: it is not our turn.

        Who is waited for is logged when that changes.
        """
        try:
            if self._connection is None or self._connection.closed:
                self._connection = connect(self._url)
            return self._take(self._connection)
        except psycopg.Error as error:
            log.debug("The leases could not be asked for: %s", unusable(error, self._url))
            self._say("the database, which cannot be asked")
            self.close()
            return None

    def close(self) -> None:
        """Wait no more."""
        if self._connection is not None and not self._connection.closed:
            try:
                leases.hide_waiting(self._connection, self.name)
            except psycopg.Error as error:
                why = unusable(error, self._url)
                log.debug("That this process waits no more could not be noted. %s", why)
            self._connection.close()

    def _take(self, connection: Connection) -> Leaseholder | None:
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

    def _say(self, whom: str) -> None:
        # But for the seconds it is the same each time.
        known = whom.partition(",")[0]
        if known != self._seen:
            log.info("%s waits for %s.", self.name, whom)
        self._seen = known


def who_works(url: str) -> tuple[list[Held], list[Waiting]]:
    """Return who holds what, and who waits.

    Raises
    ------
    Unusable
        The database cannot be asked.
    """
    try:
        with connect(url) as connection:
            return leases.standing(connection)
    except psycopg.Error as error:
        raise unusable(error, url) from error


def _host() -> str:
    return re.sub(r"[^A-Za-z0-9.-]", "", socket.gethostname())[:60] or "host"
