"""One connection to PostgreSQL and whole transactions on it: repeated where that is right, and only there.

- What the server refuses because others were in the way (40001, 40P01) is tried again, after longer pauses.
- A connection that is lost before COMMIT was sent left nothing: the transaction is repeated on a new one.
- An answer to COMMIT that was lost is asked for (``pg_xact_status``) before anything is repeated. A server
  that crashed meanwhile may have given the number to another transaction: then only a no counts.
- A lock that is not had in time fails the transaction: others get their turn.
- What cannot be told ends the process: the rows say it to whoever works next.
"""

import math
import random
import secrets
import threading
import time
from collections.abc import Callable
from typing import Any, LiteralString, TypeVar, cast

import psycopg
from psycopg import errors
from psycopg.abc import PQGen

from storage.engines.fence import Fence
from storage.engines.postgres_address import search_of
from storage.engines.postgres_trouble import is_replica, unusable
from storage.engines.postgres_tx import ADAPTERS, PostgresTx, WholeTx
from storage.errors import Away, LeaseLost, RuleBroken, Unusable

T = TypeVar("T")

TRIES = 60
"""Times that a transaction is begun before it is given up: others were in its way each time."""
PAUSE, LONGEST_PAUSE = 0.002, 0.1
"""Seconds before the second try at most, doubled for each further one, and the longest."""
REACHED_WITHIN = 2.0
"""Seconds from the call for which a server that went away is waited for: Discord wants an answer in three."""
LOCK_WAIT, SHORTEST_WAIT = 2.0, 0.1
"""Seconds from the call for which another's lock is waited for, and the least of whoever comes late."""
ASKED_FOR = 10.0
"""Seconds for which the server is asked what became of a COMMIT whose answer was lost."""
LOOK_AGAIN, LOOKED_JUST_NOW = 0.05, 1.0
"""Seconds between looks, and for which the last one counts."""
ANSWERS_WITHIN = 20.0
"""Seconds after which a statement without an answer is given up, whatever the network says of its way."""
HURRIED = (
    "SET client_encoding = 'UTF8'; SET jit = off; SET statement_timeout = '15s';"
    " SET idle_in_transaction_session_timeout = '5s'"
)
"""What a connection of a bot is told first: a stopped process keeps no lock for long."""
UNHURRIED = (
    "SET client_encoding = 'UTF8'; SET statement_timeout = 0; SET cursor_tuple_fraction = 1;"
    " SET idle_in_transaction_session_timeout = 0;"
    # Of PostgreSQL 17.
    " SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'transaction_timeout'"
)
"""What one for a long read, or a migration, is told first. It rests while what it read is written."""
SOCKET: dict[str, Any] = {
    "connect_timeout": 2,
    "keepalives": 1,
    "keepalives_idle": 2,
    "keepalives_interval": 1,
    "keepalives_count": 3,
    "tcp_user_timeout": 5_000,
}
WRITING = ("BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE", "SELECT pg_current_xact_id()::text")
"""How a transaction begins, and what asks for its number."""
READING = ("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "SELECT NULL::text")


class Gone(Exception):
    """The connection was lost, and nothing of the transaction is kept."""


class Link(psycopg.Connection[Any]):
    """A connection on which no answer is waited for without an end.

    Bytes may be swallowed behind a hop that acknowledges them: then no time-out of the socket's fires.
    """

    patience = ANSWERS_WITHIN
    """Seconds for an answer; another thread may shorten it while one is waited for."""
    given_up: threading.Event | None = None
    """Set by another thread once no answer is waited for any more."""

    def wait(self, gen: PQGen[T], *args: Any, **kwargs: Any) -> T:  # noqa: ANN401 - psycopg's own
        """Wait for an answer.

        Raises
        ------
        psycopg.OperationalError
            There was none in time; the connection is closed.
        """
        return super().wait(self._in_time(gen), *args, **kwargs)

    def _in_time(self, gen: PQGen[T]) -> PQGen[T]:
        began = time.monotonic()
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                given_up = self.given_up is not None and self.given_up.is_set()
                if not ready and (given_up or time.monotonic() > began + self.patience):
                    self.pgconn.finish()
                    raise psycopg.OperationalError("the server did not answer in time")
                wanted = gen.send(ready)
        except StopIteration as ended:
            return cast("T", ended.value)


def connect(
    url: str,
    name: str = "darkroom",
    *,
    settings: LiteralString = HURRIED,
    given_up: threading.Event | None = None,
) -> Link:
    """Open a connection in autocommit mode whose statements have ``$1`` …; ``name`` is shown by the server.

    ``given_up`` is set once no answer is waited for any more.

    Raises
    ------
    Away
        The server cannot be reached, or has no such database just now.
    NotLetIn
        It does not accept who we say that we are.
    """
    try:
        link = Link.connect(
            url,
            autocommit=True,
            context=ADAPTERS,
            cursor_factory=psycopg.RawCursor,
            application_name=name,
            **SOCKET,
            **search_of(url),
        )
    except psycopg.Error as error:
        raise unusable(error, url) from error
    # A bot has some hundred statements, each of which it would otherwise have planned again.
    link.prepared_max = 1_000
    link.given_up = given_up
    if settings is not HURRIED:
        link.patience = math.inf
    try:
        link.execute(settings)
    except psycopg.Error as error:
        link.close()
        raise unusable(error, url) from error
    return link


def require_writes(link: Link, url: str) -> None:
    """Refuse a server that copies another one: it may take that one's place in a moment.

    Raises
    ------
    Away
        It is one.
    """
    if link.info.parameter_status("in_hot_standby") == "on":
        raise is_replica(url)


class Session:
    """A connection that is made anew when it was lost, and one transaction after the other on it.

    ``begin`` is ``WRITING`` or ``READING``; ``fence`` is asked in the same breath. ``given_up``: as
    ``connect`` has it.
    """

    def __init__(
        self,
        url: str,
        *,
        begin: tuple[str, str],
        hash_of: Callable[[int], str],
        given_up: threading.Event | None = None,
    ) -> None:
        self._url = url
        self._begin = begin
        self._hash_of = hash_of
        self._given_up = given_up
        self._link: Link | None = None
        self._refused_at, self._refused = -math.inf, ""
        self._life = ""
        # By this name what is left of a lost connection is found and ended: it may hold locks.
        self._name = f"darkroom {secrets.token_hex(8)}"

    def run(self, work: Callable[[PostgresTx], T], *, asked_at: float, fence: Fence | None = None) -> T:
        """Run a transaction to its end (``asked_at``: by the monotonic clock).

        Raises
        ------
        LeaseLost
            The fence is down.
        RuleBroken
            A rule of the schema refused a statement.
        Away
            The server cannot be reached just now, or others were in the way all the time; nothing is kept.
        Unusable
            It cannot do it; nothing is kept.
        """
        for attempt in range(TRIES):
            now = time.monotonic()
            if now > asked_at + REACHED_WITHIN and now < self._refused_at + LOOKED_JUST_NOW:
                # Whoever waited in line for others that could not do it need not try the same.
                raise Away(self._refused)
            try:
                return self._attempt(work, asked_at, fence)
            except (errors.SerializationFailure, errors.DeadlockDetected):
                time.sleep(random.uniform(0, min(PAUSE * 2**attempt, LONGEST_PAUSE)))  # noqa: S311 - a pause
            except RuleBroken as broken:
                # Another may have written the same key in this moment: begun anew, this finds it.
                if attempt or not isinstance(broken.__cause__, errors.UniqueViolation):
                    raise
            except Gone as gone:
                if time.monotonic() > asked_at + REACHED_WITHIN:
                    raise Away(str(gone)) from gone
                time.sleep(LOOK_AGAIN)
            except psycopg.Error as error:
                raise unusable(error, self._url) from error
        raise Away("The database cannot be used just now: too many wrote the same at once.")

    def close(self) -> None:
        """Close the connection."""
        if self._link is not None:
            self._link.close()

    def _attempt(self, work: Callable[[PostgresTx], T], asked_at: float, fence: Fence | None) -> T:
        link, life = self._connected(), self._life
        try:
            number = self._begun(link, asked_at, fence)
            result = work(WholeTx(link, self._hash_of))
        except BaseException as error:
            self._roll_back(link)
            if isinstance(error, psycopg.Error) and link.closed:
                raise Gone(str(unusable(error, self._url))) from error
            raise
        try:
            link.execute("COMMIT", prepare=False)
        except (errors.SerializationFailure, errors.DeadlockDetected):
            raise
        except psycopg.Error as error:
            link.close()
            if number is None or not self._was_committed(number, life, fence):
                raise Gone(str(unusable(error, self._url))) from error
        return result

    def _connected(self) -> Link:
        if self._link is None or self._link.closed:
            try:
                self._link = connect(self._url, self._name, given_up=self._given_up)
                self._end_what_is_left(self._link)
                if self._begin == WRITING:
                    require_writes(self._link, self._url)
                    self._life = _life_of(self._link)
            except (Unusable, psycopg.Error) as error:
                self.close()
                why = error if isinstance(error, Unusable) else unusable(error, self._url)
                self._refused_at, self._refused = time.monotonic(), str(why)
                raise Gone(self._refused) from error
        return self._link

    def _end_what_is_left(self, link: Link) -> None:
        link.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = $1 AND pid <> pg_backend_pid()",
            (self._name,),
        )

    def _begun(self, link: Link, asked_at: float, fence: Fence | None) -> str | None:
        """Begin a transaction and return its number; ``None`` of one that only reads."""
        # Counted from the call: behind others that wait as well, nobody waits once for each.
        wait = min(max(asked_at + LOCK_WAIT - time.monotonic(), SHORTEST_WAIT), LOCK_WAIT)
        begin, number = self._begin
        asked = f"{begin}; SET LOCAL lock_timeout = {wait * 1000:.0f}; {number}"
        if fence is not None:
            asked = f"{asked}; {fence.statement}"
        cursor = link.execute(cast("LiteralString", asked), prepare=False)
        cursor.nextset()
        cursor.nextset()
        row = cursor.fetchone()
        assert row is not None
        if fence is not None:
            cursor.nextset()
            if cursor.fetchone() != (True,):
                fence.lost()
                raise LeaseLost("Another process has taken over the work.")
        return row[0]

    def _roll_back(self, link: Link) -> None:
        try:
            link.execute("ROLLBACK", prepare=False)
        except psycopg.Error:
            # Whatever it was, its end takes the transaction with it.
            link.close()

    def _was_committed(self, number: str, life: str, fence: Fence | None) -> bool:
        """Ask what became of a transaction whose COMMIT was sent in a life of the server.

        Raises
        ------
        LeaseLost, Away
            Nobody says so in time, or can.
        """
        end = time.monotonic() + ASKED_FOR
        trouble = "it was not told what became of a transaction"
        while time.monotonic() < end:
            try:
                row = self._connected().execute("SELECT pg_xact_status($1::text::xid8)", (number,)).fetchone()
            except errors.InvalidParameterValue:
                # It has not come to that number yet: our transaction went with the crash.
                return False
            except (Gone, psycopg.Error) as error:
                trouble = str(error)
            else:
                status = None if row is None else row[0]
                if self._life == life and status in {"committed", "aborted"}:
                    return status == "committed"
                if self._life != life and status != "committed":
                    return False
                if self._life != life:
                    break
            time.sleep(LOOK_AGAIN)
        if fence is None:
            raise Away(trouble)
        fence.lost()
        raise LeaseLost(f"This process ends: {trouble}.")


def _life_of(link: Link) -> str:
    """Return what is another each time that the server has crashed and recovered."""
    link.execute(
        "INSERT INTO lives (id, token) VALUES (1, $1) ON CONFLICT DO NOTHING", (secrets.token_hex(8),)
    )
    row = link.execute("SELECT token FROM lives").fetchone()
    return "" if row is None else str(row[0])
