"""A failover: for a moment the address leads to a replica that takes no writes yet."""

import asyncio
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

import psycopg
import pytest

from assembly.endings import ending
from playground.postgres import PrivatePostgres, private_postgres
from storage.engines import postgres_schema
from storage.engines.fence import TRY_AGAIN
from storage.erasure_key import ErasureKey
from storage.errors import Away
from storage.facts import fact, set_fact
from storage.postgres import is_fresh, open_postgres
from storage.postgres_store import PostgresStore, postgres_target
from storage.turns.standby import Standby
from storage.tx import Tx
from tests.crash.proxy import Proxy


@contextmanager
def replica_of(server: PrivatePostgres) -> Iterator[PrivatePostgres]:
    """Run a hot standby of a server."""
    with tempfile.TemporaryDirectory(prefix="darkroom-replica-", ignore_cleanup_errors=True) as folder:
        copy = PrivatePostgres(Path(folder))
        copy._password = server._password
        if copy._user is not None:
            os.chown(folder, copy._user.pw_uid, copy._user.pw_gid)
        options = (f"--pgdata={copy._data}", "--write-recovery-conf", "--checkpoint=fast", "--no-sync")
        copy._run("pg_basebackup", *server._here(), *options)
        try:
            copy.start()
            yield copy
        finally:
            copy.stop()


@pytest.fixture
def servers() -> Iterator[tuple[PrivatePostgres, PrivatePostgres]]:
    with private_postgres() as primary:
        primary.new_database()
        with replica_of(primary) as replica:
            yield primary, replica


@pytest.fixture
def key(tmp_path: Path) -> ErasureKey:
    return ErasureKey(tmp_path, "secret")


def promote(replica: PrivatePostgres) -> None:
    with psycopg.connect(replica.url(), autocommit=True) as link:
        assert link.execute("SELECT pg_promote()").fetchone() == (True,)


def count_up(tx: Tx) -> int:
    value = int(fact(tx, "count") or 0) + 1
    set_fact(tx, "count", str(value))
    return value


async def test_a_start_on_a_replica_ends_with_75_until_it_is_promoted(
    servers: tuple[PrivatePostgres, PrivatePostgres], key: ErasureKey
) -> None:
    primary, replica = servers
    name = "darkroom_1"
    await (await open_postgres(primary.url(name), key=key)).close()
    await asyncio.to_thread(caught_up, primary, replica)
    await asyncio.to_thread(primary.crash)
    with pytest.raises(Away, match=r"^127\.0\.0\.1 is a replica that takes no writes yet\.$") as caught:
        await open_postgres(replica.url(name), key=key)
    told = ending(caught.value, "Darkroom cannot start")
    assert told is not None
    assert told[1] == TRY_AGAIN
    standby = Standby(replica.url(name))
    assert await asyncio.to_thread(standby.look) is None
    await asyncio.to_thread(promote, replica)
    database = await open_postgres(replica.url(name), key=key)
    assert await database.run(count_up) == 1
    await database.close()
    holder = await asyncio.to_thread(standby.look)
    assert holder is not None
    await asyncio.to_thread(holder.close)


async def test_a_look_before_a_start_and_maintenance_say_so_as_well(
    servers: tuple[PrivatePostgres, PrivatePostgres], key: ErasureKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    primary, replica = servers
    url, store = replica.url("darkroom_1"), PostgresStore(replica.url("darkroom_1"), key)
    await (await open_postgres(primary.url("darkroom_1"), key=key)).close()
    await asyncio.to_thread(caught_up, primary, replica)

    def enters(kept: Callable[[], AbstractContextManager[object]]) -> None:
        with kept():
            pass

    asked = (store.snapshot, store.writing, store.resting, partial(postgres_target, url, key))
    for ask in (lambda: is_fresh(url), *(partial(asyncio.to_thread, enters, kept) for kept in asked)):
        # Each is a process of its own, which has compared no schema yet.
        monkeypatch.setattr(postgres_schema, "_made", {})
        with pytest.raises(Away, match=r"^127\.0\.0\.1 is a replica that takes no writes yet\.$"):
            await ask()


async def test_of_two_hosts_the_one_that_takes_writes_is_found_and_the_other_one_once_it_does(
    servers: tuple[PrivatePostgres, PrivatePostgres], key: ErasureKey
) -> None:
    primary, replica = servers
    url = primary.url("darkroom_1").replace("@", f"@127.0.0.1:{replica.port},")
    database = await open_postgres(url, key=key)
    assert await database.run(count_up) == 1
    await asyncio.to_thread(caught_up, primary, replica)
    await asyncio.to_thread(primary.crash)
    with pytest.raises(Away):
        await database.run(count_up)
    with pytest.raises(Away):
        await open_postgres(url, key=key)
    await asyncio.to_thread(promote, replica)
    assert await database.run(count_up) == 2
    await database.close()


async def test_one_at_work_whose_address_is_switched_to_it_waits(
    servers: tuple[PrivatePostgres, PrivatePostgres], key: ErasureKey
) -> None:
    primary, replica = servers
    async with Proxy.to(primary.port) as way:
        database = await open_postgres(primary.url("darkroom_1", port=way.port), key=key)
        assert await database.run(count_up) == 1
        await asyncio.to_thread(caught_up, primary, replica)
        way.lead_to(replica.port)
        await asyncio.to_thread(primary.crash)
        with pytest.raises(Away, match="is a replica that takes no writes yet"):
            await database.run(count_up)
        await asyncio.to_thread(promote, replica)
        assert await database.run(count_up) == 2
        await database.close()


def caught_up(primary: PrivatePostgres, replica: PrivatePostgres) -> None:
    """Wait until a replica has all that its primary has."""
    with psycopg.connect(primary.url(), autocommit=True) as one, psycopg.connect(replica.url()) as other:
        row = one.execute("SELECT pg_current_wal_flush_lsn()::text").fetchone()
        assert row is not None
        while other.execute("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", row).fetchone() != (True,):
            other.rollback()
