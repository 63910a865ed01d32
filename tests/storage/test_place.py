"""Every process of a database has its files in the same place, or does not start."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from obstore.store import MemoryStore, ObjectStore

from storage import facts
from storage.database import Database
from storage.erasure_record import ErasureFile
from storage.errors import Hindered, Unusable
from storage.files import PLACE, Files, Refused, Unreachable
from storage.objects import ObjectFiles
from storage.place import NAME, WRITTEN, is_gone, require_place, require_same_place, require_unnamed
from storage.tx import Tx

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
        await require_place(database, files("shared"), where="FILES_URL", decides=True)
    assert files("shared").sizes() == {}


async def test_a_host_whose_files_are_elsewhere_does_not_start_until_they_are_brought_there(
    database: Database, files: Make
) -> None:
    await require_place(database, files("one"), where="FILES_URL", decides=True)
    with pytest.raises(
        Hindered, match=r"^s3://two is not where .* write \w+ into its files/place\.$"
    ) as caught:
        await require_place(database, files("two"), where="s3://two", decides=True)
    files("two").name_place(str(caught.value).split()[-4])
    await require_place(database, files("two"), where="s3://two", decides=True)


async def test_of_two_first_processes_at_once_with_different_places_the_one_that_works_decides(
    database: Database, files: Make
) -> None:
    one, two = files("one"), files("two")
    for each in (one, two):
        await require_place(database, each, where="FILES_URL", decides=False)
    assert one.place() is two.place() is None
    await require_place(database, one, where="FILES_URL", decides=True)
    for decides in (False, True):
        with pytest.raises(Hindered):
            await require_place(database, two, where="FILES_URL", decides=decides)
    assert two.place() is None


async def test_who_waits_while_the_place_is_named_is_not_told_that_it_is_anothers(
    database: Database, files: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting, looks = files("shared"), iter((None, "here", "here"))
    monkeypatch.setattr(waiting, "place", lambda: next(looks))
    monkeypatch.setattr(waiting, "require_writable", lambda: None)
    real, reads = database.read, 0

    async def read(*args: Any, **kwargs: Any) -> Any:
        nonlocal reads
        reads += 1
        if reads == 2:
            await database.run(facts.set_fact, NAME, "here")
            await database.run(facts.set_fact, WRITTEN, "yes")
        return await real(*args, **kwargs)

    monkeypatch.setattr(database, "read", read)
    assert await require_place(database, waiting, where="FILES_URL", decides=False)


async def test_before_a_database_has_tables_its_files_are_no_others(files: Make) -> None:
    async def fresh() -> bool:
        return True

    async def made_meanwhile() -> bool:
        return False

    await require_unnamed(files("shared"), where="s3://shared", still_fresh=fresh)
    files("shared").name_place("of-another-one")
    with pytest.raises(Hindered, match=r"^The database has no tables, but s3://shared has the files of one"):
        await require_unnamed(files("shared"), where="s3://shared", still_fresh=fresh)
    await require_unnamed(files("shared"), where="s3://shared", still_fresh=made_meanwhile)


async def test_two_databases_do_not_share_a_place(database: Database, files: Make) -> None:
    files("shared").name_place("of-another-one")
    with pytest.raises(Unusable, match="files of another database, which would be deleted"):
        await require_place(database, files("shared"), where="FILES_URL", decides=True)
    assert files("shared").place() == "of-another-one"


async def test_a_process_that_ended_before_it_wrote_the_name_is_followed_by_one_that_does(
    database: Database, files: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(Files, "name_place", _ended)
        patched.setattr(ObjectFiles, "name_place", _ended)
        with pytest.raises(KeyboardInterrupt):
            await require_place(database, files("shared"), where="FILES_URL", decides=True)
    await require_place(database, files("shared"), where="FILES_URL", decides=True)
    with pytest.raises(Unusable):
        await require_place(database, files("other"), where="FILES_URL", decides=True)


async def test_a_place_named_by_a_process_that_ended_before_it_said_so_is_not_a_second_one(
    database: Database, files: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(facts, "set_fact", _ends_before(WRITTEN))
        with pytest.raises(KeyboardInterrupt):
            await require_place(database, files("one"), where="FILES_URL", decides=True)
    assert files("one").place()
    await require_place(database, files("two"), where="FILES_URL", decides=True)
    with pytest.raises(Unusable):
        await require_place(database, files("one"), where="FILES_URL", decides=True)


async def test_files_are_not_called_gone_where_their_place_is_away_or_another(
    database: Database, files: Make, tmp_path: Path
) -> None:
    await require_same_place(database, files("away"))
    await require_place(database, files("shared"), where="FILES_URL", decides=True)
    await require_same_place(database, files("shared"))
    files("other").name_place("of-another-one")
    for place in ("away", "other"):
        with pytest.raises(Unreachable):
            await require_same_place(database, files(place))
    await require_same_place(database, Files(tmp_path / "moved here"))


async def test_what_is_missing_while_its_place_comes_back_is_not_gone(
    database: Database, files: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, sees = files("shared"), iter((False, True))
    await require_place(database, made, where="FILES_URL", decides=True)
    assert await is_gone(database, made, "ab" * 32)
    monkeypatch.setattr(made, "has", lambda _: next(sees))
    assert not await is_gone(database, made, "ab" * 32)


async def test_a_store_that_does_not_answer_keeps_nobody_from_standing_by(
    database: Database, files: Make, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    made = files("shared")
    monkeypatch.setattr(made, "place", _silent)
    assert not await require_place(database, made, where="FILES_URL", decides=True)
    assert "is not known: it says nothing" in caplog.text


async def test_a_folder_that_cannot_be_written_is_a_sentence(database: Database, tmp_path: Path) -> None:
    (tmp_path / "files").write_text("no folder")
    with pytest.raises(Unusable, match="cannot be used: Not a directory"):
        await require_place(database, Files(tmp_path, alone=False), where="FILES_URL", decides=True)


SAID = [errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENXIO, errno.ESTALE, errno.ENOSPC]


@pytest.mark.parametrize("number", SAID)
@pytest.mark.parametrize("what", ["place", "require_writable"])
async def test_whatever_is_said_of_a_place_that_has_served_another_start_may_mend(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str, number: int
) -> None:
    files = Files(tmp_path, alone=False, named=True)
    await require_place(database, files, where="FILES_URL", decides=True)
    with monkeypatch.context() as patched:
        patched.setattr(files, what, _says(number))
        for decides in (False, True):
            with pytest.raises(Hindered, match=f"^FILES_URL cannot be used: {os.strerror(number)}"):
                await require_place(database, files, where="FILES_URL", decides=decides)
    assert await require_place(database, files, where="FILES_URL", decides=False)


async def test_whether_anything_can_be_kept_is_tried_and_leaves_nothing(
    database: Database, files: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, tried = files("shared"), 0

    def counted() -> None:
        nonlocal tried
        tried += 1
        type(made).require_writable(made)

    monkeypatch.setattr(made, "require_writable", counted)
    for number, decides in enumerate((False, True, False)):
        # A place that has no name yet is written by whoever gives it one.
        await require_place(database, made, where="FILES_URL", decides=decides)
        assert tried == number
    assert made.sizes() == {}
    assert made.arrived_before(2**40) == set()


async def test_a_store_that_refuses_what_is_to_be_kept_is_one_that_does_not_answer(
    database: Database, files: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = files("shared")
    await require_place(database, made, where="FILES_URL", decides=True)
    monkeypatch.setattr(made, "require_writable", _silent)
    assert not await require_place(database, made, where="FILES_URL", decides=False)


@pytest.mark.parametrize("decides", [False, True])
async def test_a_host_that_its_store_refuses_does_not_work(
    database: Database, files: Make, monkeypatch: pytest.MonkeyPatch, decides: bool
) -> None:
    def refuses() -> None:
        raise Refused(5, "The store of FILES_URL fails: 404 Not Found, NoSuchBucket.")

    made = files("shared")
    await require_place(database, made, where="FILES_URL", decides=True)
    monkeypatch.setattr(made, "place", refuses)
    with pytest.raises(Hindered, match=r"^s3://one cannot be used: The store .* NoSuchBucket\.$"):
        await require_place(database, made, where="s3://one", decides=decides)


def test_a_volume_of_which_the_system_says_what_lasts_may_be_there_again_at_the_next_start(
    tmp_path: Path,
) -> None:
    Files(tmp_path).name_place("here")
    (tmp_path / "incoming").write_text("in the way")
    with pytest.raises(Hindered, match=f"^{tmp_path} cannot be used: "):
        Files(tmp_path, alone=False, named=True).prepare()
    with pytest.raises(FileExistsError):
        Files(tmp_path).prepare()


@pytest.mark.parametrize("number", SAID)
def test_a_volume_whose_name_cannot_be_read_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    files, record = Files(tmp_path, named=True), ErasureFile(tmp_path, named=True)
    monkeypatch.setattr(Path, "is_file", _says(number))
    for ask in (lambda: files.path("ab" * 32), record.lines):
        with pytest.raises(Unreachable, match=f"^.*{tmp_path} cannot be read: {os.strerror(number)}"):
            ask()


def test_who_was_erased_is_asked_again_where_a_volume_does_not_say(tmp_path: Path) -> None:
    Files(tmp_path).name_place("here")
    (tmp_path / "erasures").mkdir()
    with pytest.raises(Unreachable, match="erasures cannot be read: Is a directory"):
        ErasureFile(tmp_path, named=True).lines()
    with pytest.raises(IsADirectoryError):
        ErasureFile(tmp_path).lines()


def test_where_a_volume_was_nothing_is_kept_deleted_or_called_gone(tmp_path: Path) -> None:
    mount, sha256 = tmp_path / "mount", "ab" * 32
    files, record = Files(mount, alone=False, named=True), ErasureFile(mount, named=True)
    files.name_place("here")
    files.prepare()
    arrived = files.new_path()
    arrived.write_bytes(b"a picture")
    folder = files.new_folder()
    mount.rename(tmp_path / "unmounted")
    mount.mkdir()
    for ask in (
        files.new_path,
        files.new_folder,
        lambda: files.keep(arrived, sha256),
        lambda: files.has(sha256),
        lambda: files.path(sha256),
        lambda: files.drop(sha256),
        record.lines,
        lambda: record.add("0" * 64, above=0),
    ):
        with pytest.raises(Unreachable, match=f"^.*{mount} is not where the files were"):
            ask()
    with pytest.raises(Hindered, match=f"^{mount} is not where the files were: is its volume mounted\\?$"):
        files.prepare()
    files.remove_folder(folder)
    files.discard(arrived)
    assert list(mount.iterdir()) == []
    mount.rmdir()
    (tmp_path / "unmounted").rename(mount)
    assert files.keep(arrived, sha256).read_bytes() == b"a picture"
    files.drop(sha256)
    assert not files.has(sha256)
    assert record.add("0" * 64, above=0) == 1


def _ended(*_: object) -> None:
    raise KeyboardInterrupt


def _ends_before(what: str) -> Callable[..., None]:
    real = facts.set_fact

    def set_fact(tx: Tx, name: str, value: str) -> None:
        if name == what:
            raise KeyboardInterrupt
        real(tx, name, value)

    return set_fact


def _says(number: int) -> Callable[..., None]:
    def say(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    return say


def _silent() -> str:
    raise Unreachable(5, "it says nothing")


def test_the_name_stands_beside_the_files(tmp_path: Path) -> None:
    Files(tmp_path).name_place("here")
    assert (tmp_path / "files" / PLACE).read_text() == "here\n"
