"""Every process of a database has its files in the same place, or does not start."""

from collections.abc import Callable
from pathlib import Path

import pytest
from obstore.store import MemoryStore, ObjectStore

from storage.database import Database
from storage.errors import Unusable
from storage.files import PLACE, Files, Unreachable
from storage.objects import ObjectFiles
from storage.place import require_place

Make = Callable[[str], Files]


@pytest.fixture(params=["disk", "store"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    """Return what makes the files of a place, as a process of any host sees them."""
    stores: dict[str, ObjectStore] = {}

    def make(place: str) -> Files:
        if request.param == "disk":
            return Files(tmp_path / place, alone=False)
        return ObjectFiles(stores.setdefault(place, MemoryStore()), tmp_path, limit=1)

    return make


async def test_the_first_process_decides_and_whoever_has_the_same_place_may_start(
    database: Database, files: Make
) -> None:
    for _ in range(3):
        await require_place(database, files("shared"), where="FILES_URL")
    assert files("shared").sizes() == {}


async def test_a_host_whose_files_are_elsewhere_does_not_start_until_they_are_brought_there(
    database: Database, files: Make
) -> None:
    await require_place(database, files("one"), where="FILES_URL")
    with pytest.raises(
        Unusable, match=r"^s3://two is not where .* write \w+ into its files/place\.$"
    ) as caught:
        await require_place(database, files("two"), where="s3://two")
    files("two").name_place(str(caught.value).split()[-4])
    await require_place(database, files("two"), where="s3://two")


async def test_two_databases_do_not_share_a_place(database: Database, files: Make) -> None:
    files("shared").name_place("of-another-one")
    with pytest.raises(Unusable, match="files of another database, which would be deleted"):
        await require_place(database, files("shared"), where="FILES_URL")
    assert files("shared").place() == "of-another-one"


async def test_a_process_that_ended_before_it_wrote_the_name_is_followed_by_one_that_does(
    database: Database, files: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(Files, "name_place", _ended)
        patched.setattr(ObjectFiles, "name_place", _ended)
        with pytest.raises(KeyboardInterrupt):
            await require_place(database, files("shared"), where="FILES_URL")
    await require_place(database, files("shared"), where="FILES_URL")
    with pytest.raises(Unusable):
        await require_place(database, files("other"), where="FILES_URL")


async def test_a_store_that_does_not_answer_keeps_nobody_from_standing_by(
    database: Database, files: Make, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    made = files("shared")
    monkeypatch.setattr(made, "place", _silent)
    await require_place(database, made, where="FILES_URL")
    assert "is not known: it says nothing" in caplog.text


async def test_a_folder_that_cannot_be_written_is_a_sentence(database: Database, tmp_path: Path) -> None:
    (tmp_path / "files").write_text("no folder")
    with pytest.raises(Unusable, match="cannot be used: Not a directory"):
        await require_place(database, Files(tmp_path, alone=False), where="FILES_URL")


def _ended(*_: object) -> None:
    raise KeyboardInterrupt


def _silent() -> str:
    raise Unreachable(5, "it says nothing")


def test_the_name_stands_beside_the_files(tmp_path: Path) -> None:
    Files(tmp_path).name_place("here")
    assert (tmp_path / "files" / PLACE).read_text() == "here\n"
