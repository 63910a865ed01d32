"""Taking turns: where the files are is asked again once it is our turn, before anything is done."""

import asyncio
import re
import shutil
import threading
import time
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, LiteralString, cast

import psycopg
import pytest

from adapters.duty import Duty
from assembly import turns
from assembly.turns import take_turns
from config.settings import Settings, load_settings
from playground.postgres import PrivatePostgres
from storage import answering
from storage.engines.let_in import LetIn
from storage.engines.lock import own_directory
from storage.engines.postgres_schema import STARTERS, migrate
from storage.engines.postgres_session import Link
from storage.erasure_key import ErasureKey
from storage.errors import Away, Hindered, NotLetIn, Unusable
from storage.files import Files, Refused, Unreachable
from storage.postgres import open_postgres
from storage.turns.leaseholder import Leaseholder
from storage.turns.standby import Standby
from tests.engines import SECRET
from tests.jobs.harness import LONG, until

SOON = 10.0
"""Seconds, generously, for what does not wait for the database: its statements may take fifteen."""


class Host:
    """A process on a host of its own, whose volume is at ``mount``; what is done in its turn is counted."""

    def __init__(self, folder: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(turns, "LOOK_EVERY", 0.05)
        monkeypatch.setattr(turns, "ASK_EVERY", 0.05)
        self.url, self.mount = url, folder / "mount"
        self.duty, self.stop, self.worked = Duty(), asyncio.Event(), 0
        self.settings: Settings = load_settings(
            {
                "DISCORD_TOKEN": "t",
                "PIXELDOJO_API_KEY": "k",
                "ALLOWED_GUILDS": "1",
                "DATA_DIR": str(folder / "data"),
                "DATABASE_URL": url,
                "ERASURE_SECRET": SECRET,
                "FILES_URL": f"file://{self.mount}",
            }
        )

    async def turn(self) -> int:
        return await take_turns(self.settings, self.url, duty=self.duty, stop=self.stop, work=self._work)

    async def _work(self, *_: Any, **__: Any) -> int:
        self.worked += 1
        await self.stop.wait()
        return 0


@pytest.fixture
def host(tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> Host:
    return Host(tmp_path, postgres_url, monkeypatch)


@pytest.fixture
async def waiting(host: Host) -> AsyncIterator[tuple[asyncio.Task[int], Leaseholder]]:
    """The host has worked, and waits for another one which works."""
    first = asyncio.create_task(host.turn())
    await until(lambda: host.worked == 1, what="its turn")
    host.stop.set()
    assert await first == 0
    host.stop.clear()
    other = Standby(host.url, end=lambda _: None).look()
    assert other is not None
    turn = asyncio.create_task(host.turn())
    await until(lambda: host.duty.waits, what="waiting")
    yield turn, other
    host.stop.set()
    other.close()
    await asyncio.wait({turn})


async def test_a_standby_whose_volume_went_away_does_not_work_and_gives_the_leases_back(
    host: Host, waiting: tuple[asyncio.Task[int], Leaseholder]
) -> None:
    turn, other = waiting
    host.mount.rename(host.mount.with_name("unmounted"))
    host.mount.mkdir()
    other.close()
    with pytest.raises(Hindered, match="is not where the files of this database are"):
        await asyncio.wait_for(turn, LONG)
    assert (host.worked, list(host.mount.iterdir())) == (1, [])
    third = Standby(host.url).look()
    assert third is not None
    third.close()


async def test_a_host_that_cannot_write_to_the_volume_neither_works_nor_waits_until_it_can(
    host: Host, waiting: tuple[asyncio.Task[int], Leaseholder]
) -> None:
    turn, other = waiting
    shutil.rmtree(host.mount / "incoming")
    # Nothing can be made below it, whoever asks: what the system says of that is ENOTDIR.
    (host.mount / "incoming").write_text("in the way")
    other.close()
    with pytest.raises(Hindered, match=r"^file://\S+ cannot be used: "):
        await asyncio.wait_for(turn, LONG)
    with pytest.raises(Hindered, match=r"^file://\S+ cannot be used: "):
        await asyncio.wait_for(host.turn(), LONG)
    assert host.worked == 1
    third = Standby(host.url).look()
    assert third is not None
    third.close()
    (host.mount / "incoming").unlink()
    again = asyncio.create_task(host.turn())
    await until(lambda: host.worked == 2, what="its turn")
    host.stop.set()
    assert await asyncio.wait_for(again, LONG) == 0


async def test_a_store_that_does_not_answer_is_asked_again_while_we_work(
    host: Host, waiting: tuple[asyncio.Task[int], Leaseholder], monkeypatch: pytest.MonkeyPatch
) -> None:
    turn, other = waiting
    with monkeypatch.context() as patched:
        patched.setattr(Files, "place", _silent)
        other.close()
        await until(lambda: host.worked == 2, what="its turn")
        Files(host.mount).name_place("of-another-one")
    with pytest.raises(Unusable, match="files of another database"):
        await asyncio.wait_for(turn, LONG)


async def test_one_at_work_whose_store_is_silent_goes_on_when_a_newer_version_has_come(
    host: Host, waiting: tuple[asyncio.Task[int], Leaseholder], monkeypatch: pytest.MonkeyPatch
) -> None:
    turn, other = waiting
    asked: list[None] = []

    def silent(_: Files) -> str:
        asked.append(None)
        raise Unreachable(5, "it says nothing")

    monkeypatch.setattr(Files, "place", silent)
    other.close()
    await until(lambda: host.worked == 2, what="its turn")
    with psycopg.connect(host.url, autocommit=True) as newer:
        newer.execute("INSERT INTO versions (number, at, last_entry) SELECT 99, 0, 0")
    before = len(asked)
    # Ten more looks at the database, none of which gets as far as the store.
    await asyncio.sleep(0.5)
    assert len(asked) <= before + 1
    assert not turn.done()
    host.stop.set()
    assert await asyncio.wait_for(turn, LONG) == 0


async def test_one_whose_store_is_silent_stops_when_it_is_told_to_as_it_starts_and_as_it_takes_over(
    host: Host, waiting: tuple[asyncio.Task[int], Leaseholder], monkeypatch: pytest.MonkeyPatch
) -> None:
    turn, other = waiting
    answer, asked = threading.Event(), list[None]()

    def silent(_: Files) -> None:
        asked.append(None)
        answer.wait(LONG)

    monkeypatch.setattr(answering, "ANSWERS_WITHIN", LONG)
    monkeypatch.setattr(Files, "place", silent)
    try:
        other.close()
        await until(lambda: len(asked) == 1, what="a look at the store")
        starting = asyncio.create_task(host.turn())
        await until(lambda: len(asked) == 2, what="another one's")
        host.stop.set()
        assert await asyncio.wait_for(asyncio.gather(turn, starting), SOON) == [0, 0]
    finally:
        answer.set()
    third = Standby(host.url).look()
    assert third is not None
    third.close()
    assert host.worked == 1


async def test_one_whose_store_refuses_it_just_as_it_is_told_to_stop_has_stopped(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(host.url, autocommit=True) as connection:
        migrate(connection)

    def refuses(_: Files) -> None:
        host.stop.set()
        raise Refused(5, "It does not know this key.")

    monkeypatch.setattr(Files, "place", refuses)
    assert await asyncio.wait_for(host.turn(), SOON) == 0


@contextmanager
def role(host: Host, server: PrivatePostgres) -> Generator[psycopg.Connection[Any]]:
    """Have a host connect as a role of its own; yields the operator's connection, who may lock it out."""
    hba = server._data / "pg_hba.conf"
    rules, url = hba.read_text(), host.url
    with psycopg.connect(url, autocommit=True) as operator:
        operator.execute("CREATE ROLE changing LOGIN SUPERUSER PASSWORD 'before'")
        try:
            host.url = re.sub("//.*@", "//changing:before@", url)
            yield operator
        finally:
            hba.write_text(rules)
            operator.execute("SELECT pg_reload_conf()")
            operator.execute("REASSIGN OWNED BY changing TO CURRENT_USER; DROP ROLE changing")


async def locks_out(operator: psycopg.Connection[Any], server: PrivatePostgres, how: str) -> None:
    if how == "pg_hba.conf":
        hba = server._data / "pg_hba.conf"
        hba.write_text(f"host all changing all reject\n{hba.read_text()}")
        operator.execute("SELECT pg_reload_conf()")
    else:
        operator.execute(cast("LiteralString", how))
    operator.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'changing'")
    refused = "host=127.0.0.1 user=changing password=before"
    await until(lambda: not _connects(f"{refused} port={server.port} dbname=postgres"), what="the lock")


def _connects(to: str) -> bool:
    try:
        psycopg.connect(to).close()
    except psycopg.OperationalError:
        return False
    return True


ways_out = pytest.mark.parametrize(
    "how", ["pg_hba.conf", "ALTER ROLE changing NOLOGIN", "ALTER ROLE changing PASSWORD 'after'"]
)


@ways_out
async def test_a_host_that_was_let_in_once_is_to_be_started_again_whenever_it_is_not(
    host: Host, postgres: PrivatePostgres, how: str
) -> None:
    with role(host, postgres) as operator:
        turn = asyncio.create_task(host.turn())
        await until(lambda: host.worked == 1, what="its turn")
        host.stop.set()
        assert await turn == 0
        host.stop.clear()
        await locks_out(operator, postgres, how)
        with pytest.raises(Away, match="does not let this program in"):
            await asyncio.wait_for(host.turn(), LONG)
    (note,) = (host.settings.data_dir).glob(".let-in*")
    assert "before" not in note.read_text()
    assert note.read_text().strip().isalnum()


@ways_out
async def test_one_that_never_was_is_not(host: Host, postgres: PrivatePostgres, how: str) -> None:
    await (await open_postgres(host.url, key=ErasureKey(host.settings.data_dir, SECRET))).close()
    with role(host, postgres) as operator:
        await locks_out(operator, postgres, how)
        own_directory(host.settings.data_dir)
        another = LetIn(host.settings.data_dir, host.url.replace("changing", "another"))
        another.note()
        assert another.before()
        with pytest.raises(NotLetIn):
            await asyncio.wait_for(host.turn(), LONG)


def test_what_is_noted_of_an_address_is_who_connects_where(tmp_path: Path) -> None:
    LetIn(tmp_path, "postgresql://bot:one@db/darkroom").note()
    assert LetIn(tmp_path, "postgresql://bot:two@db/darkroom?sslmode=require").before()
    for other in ("bot2:one@db/darkroom", "bot:one@db2/darkroom", "bot:one@db/darkroom2"):
        assert not LetIn(tmp_path, f"postgresql://{other}").before()
        LetIn(tmp_path, f"postgresql://{other}").note()
    assert LetIn(tmp_path, "postgresql://bot:one@db/darkroom").before()
    # A disk that is full, or a folder that is gone, keeps nobody from working.
    LetIn(tmp_path / "gone", "postgresql://bot:one@db/darkroom").note()
    assert own_directory(tmp_path) is None


async def test_a_host_with_another_secret_for_erasures_does_not_wait(
    host: Host, waiting: tuple[asyncio.Task[int], Leaseholder]
) -> None:
    host.settings = replace(host.settings, erasure_secret="what another host was given by mistake")
    with pytest.raises(Unusable, match=r"^ERASURE_SECRET does not hold the key .* the same on every host"):
        await asyncio.wait_for(host.turn(), LONG)
    assert host.worked == 1


async def test_one_that_slept_while_its_database_was_moved_does_not_work_and_gives_the_leases_back(
    host: Host, waiting: tuple[asyncio.Task[int], Leaseholder]
) -> None:
    turn, other = waiting
    with psycopg.connect(host.url, autocommit=True) as mover:
        mover.execute('INSERT INTO facts VALUES (\'moved\', \'{"to": "/srv/back/darkroom.db", "at": 0}\')')
    other.close()
    with pytest.raises(
        Unusable, match=r"^This database was moved to /srv/back/darkroom\.db on 1970-01-01 at"
    ):
        await asyncio.wait_for(turn, LONG)
    third = Standby(host.url).look()
    assert third is not None
    third.close()
    assert host.worked == 1


async def test_no_tables_are_made_in_an_empty_database_where_the_files_are_ones_until_the_name_is_deleted(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    Files(host.mount).name_place("of the one that is restored")
    with pytest.raises(
        Hindered, match=r"^The database has no tables, but file://.* delete files/place there\.$"
    ):
        await asyncio.wait_for(host.turn(), LONG)
    with monkeypatch.context() as patched:
        patched.setattr(Files, "place", _silent)
        with pytest.raises(Hindered, match=r"whether file://.* is not known: it says nothing$"):
            await asyncio.wait_for(host.turn(), LONG)
    with psycopg.connect(host.url) as connection:
        (tables,) = connection.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        ).fetchone() or (1,)
    assert (tables, host.worked) == (0, 0)
    (host.mount / "files" / "place").unlink()
    turn = asyncio.create_task(host.turn())
    await until(lambda: host.worked == 1, what="its turn")
    host.stop.set()
    assert await asyncio.wait_for(turn, LONG) == 0


@contextmanager
def locked(url: str, table: LiteralString, mode: LiteralString) -> Generator[None]:
    """Hold a lock of somebody else's."""
    with psycopg.connect(url) as admin:
        admin.execute(f"LOCK TABLE {table} IN {mode} MODE")
        yield


async def test_one_whose_tables_are_locked_as_it_takes_over_ends_and_gives_the_leases_back(
    host: Host, waiting: tuple[asyncio.Task[int], Leaseholder], monkeypatch: pytest.MonkeyPatch
) -> None:
    turn, other = waiting
    monkeypatch.setattr(Link, "patience", 1.0)
    with locked(host.url, "durations", "ACCESS EXCLUSIVE"):
        other.close()
        with pytest.raises(Away, match="did not answer in time"):
            await asyncio.wait_for(turn, LONG)
        third = Standby(host.url).look()
    assert third is not None
    third.close()
    assert host.worked == 1


async def test_one_whose_tables_are_locked_as_it_takes_over_stops_and_gives_the_leases_back(
    host: Host, waiting: tuple[asyncio.Task[int], Leaseholder], monkeypatch: pytest.MonkeyPatch
) -> None:
    turn, other = waiting
    monkeypatch.setattr(Link, "patience", 600.0)
    with locked(host.url, "durations", "ACCESS EXCLUSIVE"):
        other.close()
        await until(lambda: not host.duty.waits, what="the leases")
        host.stop.set()
        assert await asyncio.wait_for(turn, SOON) == 0
        third = Standby(host.url).look()
    assert third is not None
    third.close()
    assert host.worked == 1


@pytest.mark.parametrize(("table", "mode"), [("versions", "ACCESS EXCLUSIVE"), ("facts", "SHARE")])
async def test_a_start_that_waits_for_a_lock_stops_when_it_is_told_to(
    host: Host, monkeypatch: pytest.MonkeyPatch, table: LiteralString, mode: LiteralString
) -> None:
    monkeypatch.setattr(Link, "patience", 600.0)
    with psycopg.connect(host.url, autocommit=True) as connection:
        migrate(connection)
    with locked(host.url, table, mode):
        turn = asyncio.create_task(host.turn())
        await asyncio.to_thread(_somebody_waits, host.url)
        host.stop.set()
        assert await asyncio.wait_for(turn, SOON) == 0
    assert host.worked == 0


async def test_a_migration_that_waits_for_another_one_has_time_and_stops_when_it_is_told_to(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Link, "patience", 0.5)
    with psycopg.connect(host.url, autocommit=True) as other:
        other.execute(cast("LiteralString", f"SELECT pg_advisory_lock({STARTERS})"))
        turn = asyncio.create_task(host.turn())
        await asyncio.to_thread(_somebody_waits, host.url)
        # Three times as long as it would have for anything else.
        assert not (await asyncio.wait({turn}, timeout=1.5))[0]
        host.stop.set()
        assert await asyncio.wait_for(turn, SOON) == 0
    assert host.worked == 0


def _somebody_waits(url: str) -> None:
    end = time.monotonic() + LONG
    with psycopg.connect(url, autocommit=True) as connection:
        while connection.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone() == (0,):
            assert time.monotonic() < end
            time.sleep(0.02)


def _silent(_: Files) -> str:
    raise Unreachable(5, "it says nothing")
