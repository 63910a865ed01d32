"""What a server of PostgreSQL must be like is looked at before anything is made in it."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from playground.loopback import free_port
from playground.postgres import PrivatePostgres
from storage.engines.postgres_pooling import require_own_sessions
from storage.engines.postgres_session import connect
from storage.erasure_key import ErasureKey
from storage.errors import Passing, Unusable
from storage.postgres import open_postgres
from storage.postgres_store import postgres_target


@pytest.fixture(params=["LATIN1", "SQL_ASCII"])
def narrow_url(request: pytest.FixtureRequest, postgres: PrivatePostgres) -> Iterator[str]:
    """Return the address of a database whose encoding does not know all that members write."""
    made = f"CREATE DATABASE narrow TEMPLATE template0 ENCODING '{request.param}' LOCALE 'C' LOCALE_PROVIDER libc"
    with psycopg.connect(postgres.url(), autocommit=True) as server:
        server.execute(made)
    url = postgres.url("narrow")
    yield url
    postgres.drop_database(url)


async def test_a_database_that_cannot_hold_all_texts_is_not_begun_with(
    narrow_url: str, tmp_path: Path
) -> None:
    with pytest.raises(Unusable, match=r"encoding (LATIN1|SQL_ASCII), .* --encoding=UTF8") as caught:
        await open_postgres(narrow_url, key=ErasureKey(tmp_path, "secret"))
    assert not isinstance(caught.value, Passing)
    with connect(narrow_url) as link:
        assert link.execute("SELECT to_regclass('versions')").fetchone() == (None,)


def test_nothing_is_moved_to_one_either(narrow_url: str, tmp_path: Path) -> None:
    with (
        postgres_target(narrow_url, ErasureKey(tmp_path, "secret")) as target,
        pytest.raises(Unusable, match=r"encoding (LATIN1|SQL_ASCII), .* --encoding=UTF8"),
    ):
        target.begin("1-1")
    with connect(narrow_url) as link:
        assert link.execute("SELECT to_regclass('moving')").fetchone() == (None,)


POOLER = shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin:" + os.environ.get("PATH", os.defpath))


@contextmanager
def pooled(url: str, *settings: str) -> Iterator[str]:
    """Run PgBouncer before a server, and yield the database's address by way of it."""
    assert POOLER is not None
    there, port = urlsplit(url), free_port()
    known = f"host=127.0.0.1 port={there.port} user={there.username} password={there.password}"
    lines = ["[databases]", f"* = {known}", "[pgbouncer]", "listen_addr = 127.0.0.1", f"listen_port = {port}"]
    with tempfile.TemporaryDirectory(prefix="darkroom-pooler-") as folder:
        told = Path(folder) / "pgbouncer.ini"
        told.write_text("\n".join([*lines, "unix_socket_dir =", "auth_type = any", *settings]))
        # It refuses to run as root.
        user = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None
        for each in (told.parent, told):
            os.chown(each, user or -1, -1)
        with subprocess.Popen([POOLER, str(told)], user=user, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            assert any("process up" in line for line in process.stderr)
            try:
                yield url.replace(f":{there.port}/", f":{port}/")
            finally:
                process.kill()


needs_pooler = pytest.mark.skipif(POOLER is None, reason="needs Debian's pgbouncer")


@needs_pooler
@pytest.mark.parametrize("spread", ["server_round_robin = 0", "server_round_robin = 1"])
async def test_a_pooler_that_lends_sessions_by_transaction_is_found_out(
    postgres_url: str, tmp_path: Path, spread: str
) -> None:
    with pooled(postgres_url, "pool_mode = transaction", spread) as url:
        for busy in range(2):
            with pytest.raises(Unusable, match="pool_mode = session") as caught:
                await open_postgres(url, key=ErasureKey(tmp_path, "secret"))
            assert not isinstance(caught.value, Passing)
            if not busy:
                # From here on it has several sessions to lend.
                links = [psycopg.connect(url) for _ in range(4)]
                for link in links:
                    link.execute("SELECT 1")
                for link in links:
                    link.close()
        with (
            pytest.raises(Unusable, match="pool_mode = session"),
            postgres_target(url, ErasureKey(tmp_path, "secret")),
        ):
            pass


@needs_pooler
async def test_one_that_lends_them_for_as_long_as_a_connection_lasts_is_none_of_these(
    postgres_url: str, tmp_path: Path
) -> None:
    with pooled(postgres_url, "pool_mode = session") as url:
        for _ in range(3):
            opened = await open_postgres(url, key=ErasureKey(tmp_path, "secret"))
            await opened.close()


class Lent:
    """A connection that is lent these sessions, one for each question."""

    def __init__(self, *numbers: int) -> None:
        self._numbers = cycle(numbers)
        self.in_transaction = False

    def execute(self, query: str, **_: Any) -> "Lent":
        self.in_transaction = {"BEGIN READ ONLY": True, "COMMIT": False}.get(query, self.in_transaction)
        return self

    def fetchone(self) -> tuple[int]:
        return (next(self._numbers),)


@pytest.mark.parametrize(("one", "other"), [((1,), (2, 1)), ((1, 1, 3), (2,)), ((1,), (2, 2, 2, 1))])
def test_one_session_that_is_lent_twice_says_enough(one: tuple[int, ...], other: tuple[int, ...]) -> None:
    first: Any = Lent(*one)
    second: Any = Lent(*other)
    with pytest.raises(Unusable):
        require_own_sessions(first, second)
    assert not second.in_transaction
    own: Any = Lent(1)
    require_own_sessions(own, second := Lent(2))  # type: ignore[arg-type]
    assert not second.in_transaction
