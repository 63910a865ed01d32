"""What is done beside the bots on PostgreSQL meets a server that has settings, and a history, of its own."""

import re
import time
from pathlib import Path

import psycopg
import pytest

from accounts.maintenance import maintain, take_for_restored
from assembly.endings import UNAVAILABLE
from assembly.status import tell_of_processes
from storage import leases
from storage.engines.let_in import LetIn
from storage.engines.postgres_schema import migrate
from storage.erasure_key import ErasureKey
from storage.errors import DataDirLocked
from storage.moving.move import tables
from storage.postgres_store import PostgresStore
from tests.storage.test_moving import main

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


def set_back(url: str, holder: str) -> None:
    """Leave the leases as a bot does behind which the database's clock is set back for an hour."""
    with psycopg.connect(url, autocommit=True) as link:
        assert leases.take(link, holder)
        leases.show_waiting(link, f"{holder} waiting")
        link.execute("UPDATE leases SET since = since + interval '1 hour', until = until + interval '1 hour'")
        link.execute("UPDATE standbys SET seen = seen + interval '1 hour'")


def test_leases_from_before_the_clock_was_set_back_are_nobodys(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    set_back(url, "gone")
    assert tell_of_processes(url, data_dir=tmp_path) == UNAVAILABLE
    (house, *_, nobody) = capsys.readouterr().out.splitlines()
    assert house == "house: nobody, as of before the database's clock was set back; last gone, epoch 1"
    assert nobody == "Nobody works."
    store = made(url, tmp_path)
    assert take_for_restored(store) == 0
    assert maintain(store, export=None, copy=None, rebuild=True) == 0
    with psycopg.connect(url, autocommit=True) as link:
        assert leases.take(link, "next")
    with pytest.raises(DataDirLocked, match="next works on it"):
        take_for_restored(store)
    assert tell_of_processes(url, data_dir=tmp_path) == 0


@pytest.mark.parametrize("wish", ["--status", "--verify", "--restored", "--move-to"])
def test_a_login_that_is_refused_goes_by_for_maintenance_as_well_on_a_host_that_was_let_in(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wish: str
) -> None:
    wrong = re.sub("(//[^:]*):.*@", r"\1:wrong@", url)
    for name, value in (("DATA_DIR", str(tmp_path)), ("DATABASE_URL", wrong), ("ERASURE_SECRET", SECRET)):
        monkeypatch.setenv(name, value)
    wishes = [wish, f"sqlite://{tmp_path}/new"] if wish == "--move-to" else [wish]
    assert main(wishes) == 78
    LetIn(tmp_path, url).note()
    assert main(wishes) == 75


@pytest.mark.parametrize("wish", ["--status", "--verify"])
def test_an_address_that_cannot_be_read_is_a_sentence_without_it(
    url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    wish: str,
) -> None:
    values = (("DATA_DIR", str(tmp_path)), ("DATABASE_URL", f"{url}?banana=1"), ("ERASURE_SECRET", SECRET))
    for name, value in values:
        monkeypatch.setenv(name, value)
    assert main([wish]) == 78
    said = capsys.readouterr()
    assert "options that PostgreSQL knows" in said.err
    assert "banana" not in said.out + said.err


def test_where_a_move_goes_to_is_another_database(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("DATA_DIR", str(tmp_path)), ("DATABASE_URL", url), ("ERASURE_SECRET", SECRET)):
        monkeypatch.setenv(name, value)
    LetIn(tmp_path, url).note()
    assert main(["--move-to", re.sub("//.*@", "//nobody:wrong@", url)]) == 78
