"""What is done beside the bots on PostgreSQL meets a server that has settings, and a history, of its own."""

import time
from pathlib import Path

import psycopg
import pytest

from storage.engines.postgres_schema import migrate
from storage.erasure_key import ErasureKey
from storage.moving.move import tables
from storage.postgres_store import PostgresStore

SECRET = "what only the hosts know, and nobody guesses"


@pytest.fixture
def url(postgres_url: str) -> str:
    with psycopg.connect(postgres_url, autocommit=True) as made:
        migrate(made)
    return postgres_url


def made(url: str, folder: Path) -> PostgresStore:
    return PostgresStore(url, ErasureKey(folder, SECRET))


def test_a_role_that_may_not_rest_in_a_transaction_moves_all_the_same(url: str, tmp_path: Path) -> None:
    hurried = f"{url}?options=-c%20idle_in_transaction_session_timeout%3D100ms"
    with made(hurried, tmp_path).resting() as source:
        time.sleep(0.5)
        assert [list(source.rows(table)) for table in tables()]
