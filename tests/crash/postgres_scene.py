"""A scene on a PostgreSQL server of its own: what is seen is asked of it directly, past the bots' own roads."""

import asyncio
import secrets
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg.rows import dict_row

from playground.loopback import free_port
from playground.postgres import PrivatePostgres, private_postgres
from storage.erasure_key import ErasureKey
from storage.postgres import postgres_snapshot
from storage.tx import Tx
from tests.crash.modes import Mode
from tests.crash.roads import Road, open_roads
from tests.crash.scene import Row, Scene, open_scene

FRESH = 0.15
"""Seconds for which rows need not be asked for again: all runs share one event loop."""
LEASES = """
SELECT name, epoch, holder, extract(epoch FROM since)::float8 AS since, extract(epoch FROM until)::float8 AS until
FROM leases WHERE name = 'key:1'
"""


@dataclass(slots=True, kw_only=True)
class Term:
    """For how long one process held the lease, by the database's clock (Unix seconds)."""

    holder: str
    since: float
    until: float


@dataclass(slots=True, kw_only=True)
class PostgresScene(Scene):
    """Two processes' world, in which leases are ``haste`` times shorter than usual; ``terms`` has who held the lease of the provider's key, by its epoch."""

    server: PrivatePostgres
    database: str
    roads: Sequence[Road]
    """To PostgreSQL, one for each process."""
    webhooks: Road
    webhook_ports: tuple[int, int]
    haste: float
    secret: str = field(default_factory=lambda: secrets.token_hex(32))
    terms: dict[int, Term] = field(default_factory=dict)
    """The processes that were stopped when they were about to send a paid request."""
    _connection: psycopg.Connection[Row] | None = None
    _known: dict[str, list[Row]] = field(default_factory=dict)
    _asked: dict[str, float] = field(default_factory=dict)

    @property
    def orders(self) -> Path:
        return self.folder / "orders"

    def settings_of(self, number: int) -> dict[str, str]:
        """Return the settings of one of the processes, which has a road of its own to the database."""
        own = f"127.0.0.1:{self.webhook_ports[number]}"
        return {
            **self.settings(),
            "DATABASE_URL": self.server.url(self.database, port=self.roads[number].port),
            "ORDERS": str(self.orders),
            "ERASURE_SECRET": self.secret,
            "WEBHOOK_LISTEN": own,
            "HASTE": str(self.haste) if self.haste != 1 else "",
        }

    def query(self, sql: str) -> list[Row]:
        """Ask the database, not too often: what it said last, while that is new or it cannot be asked."""
        now = time.monotonic()
        if now < self._asked.get(sql, 0.0) + FRESH:
            return self._known.get(sql, [])
        self._asked[sql] = now
        try:
            if self._connection is None or self._connection.closed:
                url = self.server.url(self.database)
                self._connection = psycopg.connect(
                    url, autocommit=True, row_factory=dict_row, connect_timeout=2
                )
            self._known[sql] = self._connection.execute(sql).fetchall()
        except psycopg.Error:
            if self._connection is not None:
                self._connection.close()
        return self._known.get(sql, [])

    def look_at_leases(self) -> None:
        """Note who holds the lease, and until when."""
        for row in self.query(LEASES):
            self.terms[row["epoch"]] = Term(holder=row["holder"], since=row["since"], until=row["until"])

    def late_posts(self) -> list[str]:
        """Return the paid requests, as the provider has them, whose sender held no lease when they came."""
        self.look_at_leases()
        late: list[str] = []
        for post in self.posts():
            at, sender = post["at"] / 1000, f"/{post['agent']}/"
            held = [term for term in self.terms.values() if sender in term.holder]
            if not any(term.since <= at <= term.until for term in held):
                late.append(f"process {post['agent']} sent {post['body']!r} at {at:.3f}; it held {held}")
        return late

    def snapshots(self) -> AbstractContextManager[Tx]:
        return postgres_snapshot(self.server.url(self.database), key=ErasureKey(self.data, self.secret))

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()


@asynccontextmanager
async def _server() -> AsyncGenerator[PrivatePostgres]:
    """Run a server; other scenes go on while it is made, and while it ends."""
    opening = private_postgres()
    server = await asyncio.to_thread(opening.__enter__)
    try:
        yield server
    finally:
        await asyncio.to_thread(opening.__exit__, None, None, None)


@asynccontextmanager
async def open_postgres_scene(
    folder: Path, mode: Mode, *, haste: float = 1.0
) -> AsyncGenerator[PostgresScene]:
    """Open stand-ins and a server that nothing has happened on."""
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(_server())
        ports = (free_port(), free_port())
        one, other, webhooks = await stack.enter_async_context(open_roads(server.port, server.port, ports[0]))
        database = await asyncio.to_thread(server.new_database)
        scene = await stack.enter_async_context(
            open_scene(
                folder,
                mode,
                webhook_port=webhooks.port,
                kind=PostgresScene,
                server=server,
                roads=(one, other),
                database=database.rpartition("/")[2],
                webhooks=webhooks,
                webhook_ports=ports,
                haste=haste,
                patience=180.0 / haste,
                look_every=0.4,
                glance=0.1,
            )
        )
        stack.callback(scene.close)
        yield scene
