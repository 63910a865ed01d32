"""A PostgreSQL server of one's own, the real one."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from playground import postgres as module
from playground.postgres import PostgresMissing, PrivatePostgres, binaries, private_postgres

LONG = 30.0
DIES = """
import os, signal
from playground.postgres import private_postgres
with private_postgres() as server:
    print(server.url(), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(scope="module")
def server() -> Iterator[PrivatePostgres]:
    try:
        with private_postgres(durable=True) as server:
            yield server
    except PostgresMissing as missing:
        pytest.skip(str(missing))


def _numbers(url: str) -> list[int]:
    with psycopg.connect(url) as connection:
        return [number for (number,) in connection.execute("SELECT number FROM numbers").fetchall()]


def _add(url: str, number: int) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS numbers (number INTEGER)")
        connection.execute("INSERT INTO numbers VALUES (%s)", (number,))


def test_what_was_committed_is_there_after_a_restart_and_after_a_crash(server: PrivatePostgres) -> None:
    url = server.new_database()
    _add(url, 1)
    server.restart()
    _add(url, 2)
    server.crash()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)
    server.start()
    assert _numbers(url) == [1, 2]


def test_a_database_is_a_copy_of_its_template_and_goes_also_while_somebody_uses_it(
    server: PrivatePostgres,
) -> None:
    _add(template := server.new_database(), 7)
    url = server.new_database(template=template.rpartition("/")[2])
    _add(url, 8)
    assert (_numbers(template), _numbers(url)) == ([7], [7, 8])
    with psycopg.connect(url):
        server.drop_database(url)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(url)


def test_without_the_password_nobody_of_this_machine_gets_in(server: PrivatePostgres) -> None:
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.url().replace("@", "x@"))


def test_a_server_ends_with_whoever_started_it() -> None:
    try:
        binaries()
    except PostgresMissing as missing:
        pytest.skip(str(missing))
    with tempfile.TemporaryDirectory(prefix="darkroom-postgres-") as folder:
        Path(folder).chmod(0o711)  # root's server is another user's
        died = subprocess.run(
            [sys.executable, "-c", DIES],
            stdout=subprocess.PIPE,
            env={**os.environ, "TMPDIR": folder},
            check=False,
        )
        assert died.returncode == -signal.SIGKILL
        end = time.monotonic() + LONG
        while _takes_connections(died.stdout.decode().strip()):
            assert time.monotonic() < end, "it still runs"
            time.sleep(0.05)


def _takes_connections(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def test_where_there_is_no_server_one_sentence_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(module, "DEBIAN", tmp_path)
    with pytest.raises(PostgresMissing, match="apt-get install postgresql"), private_postgres():
        pass
