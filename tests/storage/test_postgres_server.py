"""What a server of PostgreSQL must be like is looked at before anything is made in it."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from playground.postgres import PrivatePostgres
from storage.engines.postgres_session import connect
from storage.engines.postgres_store import postgres_target
from storage.erasure_key import ErasureKey
from storage.errors import Passing, Unusable
from storage.postgres import open_postgres


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
