"""An answer to COMMIT that is lost, and a server that crashes: the real one, in a test of its own."""

import time
from collections.abc import Callable, Iterator

import psycopg
import pytest

from playground.postgres import PostgresMissing, PrivatePostgres, private_postgres
from storage.engines.fence import Fence
from storage.engines.postgres_schema import migrate
from storage.engines.postgres_session import REACHED_WITHIN, WRITING, Session
from storage.errors import Away, LeaseLost, StorageError
from storage.tx import Tx


@pytest.fixture(scope="module")
def server() -> Iterator[PrivatePostgres]:
    try:
        with private_postgres() as server:
            yield server
    except PostgresMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def url(server: PrivatePostgres) -> Iterator[str]:
    url = server.new_database()
    with psycopg.connect(url, autocommit=True) as connection:
        migrate(connection)
        # Nothing of what follows is written down by itself before it is committed.
        connection.execute("ALTER SYSTEM SET wal_writer_delay = '10s'")
        connection.execute("SELECT pg_reload_conf()")
    yield url
    server.drop_database(url)


@pytest.fixture
def session(url: str) -> Iterator[Session]:
    session = Session(url, begin=WRITING, hash_of=str)
    yield session
    session.close()


def add_fact(tx: Tx, name: str) -> None:
    tx.execute("INSERT INTO facts (name, value) VALUES (?, '1')", (name,))


def facts(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [
            str(name) for (name,) in connection.execute("SELECT name FROM facts ORDER BY name").fetchall()
        ]


def losing(crash: Callable[[], None]) -> Callable[[Tx], None]:
    """Return a transaction at whose first COMMIT the server is not there any more."""
    times: list[int] = []

    def work(tx: Tx) -> None:
        add_fact(tx, "ours")
        times.append(1)
        if len(times) == 1:
            crash()

    return work


def test_a_transaction_that_went_with_a_crash_is_repeated(
    server: PrivatePostgres, session: Session, url: str
) -> None:
    def crash() -> None:
        server.crash()
        server.start()

    session.run(losing(crash), asked_at=1e12)
    assert facts(url) == ["ours"]


@pytest.mark.parametrize("error", [LeaseLost, Away])
def test_another_transaction_that_was_given_the_number_of_a_lost_one_is_not_taken_for_it(
    server: PrivatePostgres, session: Session, url: str, error: type[StorageError]
) -> None:
    def crash() -> None:
        server.crash()
        server.start()
        with psycopg.connect(url, autocommit=True) as other:
            for number in range(50):
                other.execute("INSERT INTO facts (name, value) VALUES (%s, '1')", (f"other {number:02}",))

    told: list[bool] = []
    fence = Fence("SELECT true", lambda: told.append(True)) if error is LeaseLost else None
    with pytest.raises(error):
        session.run(losing(crash), asked_at=1e12, fence=fence)
    assert "ours" not in facts(url)
    assert told == [True] * (fence is not None), "where there is a lease, the process ends"


def test_a_server_that_is_away_is_worth_another_start(server: PrivatePostgres, session: Session) -> None:
    server.stop()
    with pytest.raises(Away):
        session.run(lambda tx: add_fact(tx, "ours"), asked_at=time.monotonic() - REACHED_WITHIN)
    server.start()
