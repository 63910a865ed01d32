"""Every process of a database has the key under which its erased members are known, or does not start."""

from pathlib import Path

import pytest

from storage import erasures, facts
from storage.database import Database
from storage.erasure_check import NAME, require_key
from storage.erasure_key import FILE_NAME, ErasureKey
from storage.erasure_record import ErasureFile
from storage.errors import Unusable
from storage.files import Unreachable
from storage.tx import Tx

OURS, ANOTHER = "o" * 32, "a" * 32


@pytest.fixture
def record(tmp_path: Path) -> ErasureFile:
    return ErasureFile(tmp_path)


async def has_key(database: Database, folder: Path, secret: str | None, *, alone: ErasureFile | None) -> bool:
    """Tell whether a process with a secret may start."""
    try:
        await require_key(database, ErasureKey(folder, secret), alone=alone)
    except Unusable:
        return False
    return True


@pytest.mark.parametrize("secret", [ANOTHER, None])
async def test_what_is_said_names_the_key_that_is_wrong_and_holds_none(
    database: Database, tmp_path: Path, secret: str | None
) -> None:
    await require_key(database, ErasureKey(tmp_path, OURS), alone=None)
    with pytest.raises(Unusable, match="set ERASURE_SECRET to that one") as caught:
        await require_key(database, ErasureKey(tmp_path, secret), alone=None)
    said = str(caught.value)
    assert said.startswith("ERASURE_SECRET" if secret else str(tmp_path / FILE_NAME))
    assert OURS not in said
    assert ANOTHER not in said
    assert not (tmp_path / FILE_NAME).exists(), "a key that is missing is to be brought, not made"


async def test_the_first_process_says_which_key_it_is_and_a_host_with_another_does_not_start(
    database: Database, tmp_path: Path
) -> None:
    for secret, may in ((OURS, True), (ANOTHER, False), (None, False), (OURS, True)):
        assert await has_key(database, tmp_path, secret, alone=None) is may


async def test_where_nobody_was_erased_a_single_host_may_have_another_key(
    database: Database, tmp_path: Path, record: ErasureFile
) -> None:
    for secret in (None, OURS, ANOTHER, None):
        assert await has_key(database, tmp_path, secret, alone=record)
    assert not await has_key(database, tmp_path, OURS, alone=None)


async def test_where_somebody_was_erased_it_may_not(
    database: Database, tmp_path: Path, record: ErasureFile
) -> None:
    assert await has_key(database, tmp_path, OURS, alone=record)
    await database.run(facts.set_fact, erasures.CARRIED_OUT, "1")
    assert not await has_key(database, tmp_path, ANOTHER, alone=record)
    assert await has_key(database, tmp_path, OURS, alone=record)


async def test_nor_where_only_the_record_knows_of_whom(
    database: Database, tmp_path: Path, record: ErasureFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup of before, restored on a host that has lost its key."""
    assert await has_key(database, tmp_path, OURS, alone=record)
    with monkeypatch.context() as patched:
        patched.setattr(record, "lines", _silent)
        assert not await has_key(database, tmp_path, ANOTHER, alone=record)
    record.add("0" * 64, above=0)
    assert not await has_key(database, tmp_path, ANOTHER, alone=record)


async def test_what_the_database_holds_is_not_the_key_nor_anybodys_hash(
    database: Database, tmp_path: Path
) -> None:
    key = ErasureKey(tmp_path)
    await require_key(database, key, alone=None)
    word = await database.read(_word)
    assert word == ErasureKey(tmp_path).check_word()
    assert (tmp_path / FILE_NAME).read_text() not in word
    assert word not in {key.hash_of(number) for number in range(100)}


def _word(tx: Tx) -> str:
    return facts.fact(tx, NAME) or ""


def _silent() -> list[tuple[int, str]]:
    raise Unreachable(5, "it says nothing")
