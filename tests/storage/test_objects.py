"""Files in an object store: what it says is believed no further than it goes, and no transaction waits for it."""

import hashlib
from collections.abc import Callable, Generator
from pathlib import Path

import pytest
from obstore.store import S3Store

from storage import copies, images, unnamed
from storage.database import Database
from storage.files import Files, Refused, Unreachable, Vanished
from storage.kept import erasures_at, files_at
from storage.objects import PART, ObjectFiles
from tests.storage.rows import an_image, put_job
from tests.storage.s3_standin import BUCKET, S3Standin, s3_standin

DATA = b"data"
SHA = hashlib.sha256(DATA).hexdigest()


@pytest.fixture(scope="module")
def running() -> Generator[S3Standin]:
    with s3_standin() as standin:
        yield standin


@pytest.fixture
def store(running: S3Standin) -> S3Standin:
    running.objects.clear()
    running.asked.clear()
    running.fault, running.silent = None, False
    return running


@pytest.fixture
def files(store: S3Standin, tmp_path: Path) -> Files:
    return made(store, tmp_path / "one")


def made(store: S3Standin, folder: Path, *, limit: int = PART) -> Files:
    files = files_at(f"s3://{BUCKET}/bot", folder, alone=False, s3=store.options, copies=limit)
    files.prepare()
    return files


def keep(files: Files, data: bytes = DATA) -> str:
    arrived, sha256 = files.new_path(), hashlib.sha256(data).hexdigest()
    arrived.write_bytes(data)
    files.keep(arrived, sha256)
    return sha256


def test_a_file_is_on_the_store_below_its_prefix_once_it_is_kept(files: Files, store: S3Standin) -> None:
    keep(files)
    assert {key: stored.body for key, stored in store.objects.items()} == {f"bot/files/{SHA[:2]}/{SHA}": DATA}


def test_a_large_file_goes_and_comes_in_parts(files: Files, store: S3Standin, tmp_path: Path) -> None:
    large = bytes(range(256)) * (2 * PART // 256) + b"end"
    sha256 = keep(files, large)
    assert store.most_parts == 3
    assert made(store, tmp_path / "two").path(sha256).read_bytes() == large


def test_what_was_read_once_is_here_and_a_new_process_asks_anew(
    files: Files, store: S3Standin, tmp_path: Path
) -> None:
    keep(files)
    other = made(store, tmp_path / "two")
    other.path(SHA)
    store.fault = (503, "SlowDown")
    assert other.path(SHA).read_bytes() == DATA
    with pytest.raises(Unreachable):
        made(store, tmp_path / "two").path(SHA)


FAULTS = [
    (403, "AccessDenied"),
    (401, "Unauthorized"),
    (507, "XMinioStorageFull"),
    (404, "NoSuchBucket"),
]
DEEDS: dict[str, Callable[[Files], object]] = {
    "has": lambda files: files.has(SHA),
    "path": lambda files: files.path(SHA),
    "keep": keep,
    "sizes": lambda files: files.sizes(),
    "arrived_before": lambda files: files.arrived_before(0.0),
}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault[1])
def test_a_store_that_fails_is_one_sentence_and_never_taken_for_one_without_the_file(
    files: Files, store: S3Standin, fault: tuple[int, str]
) -> None:
    store.fault = fault
    for name, deed in DEEDS.items():
        with pytest.raises(Unreachable) as caught:
            deed(files)
        assert (caught.value.strerror or "").startswith("The store of FILES_URL "), name
        assert (caught.value.strerror or "").count("\n") == 0
    store.fault = None
    assert not files.has(SHA)


@pytest.mark.parametrize(
    ("fault", "certain"),
    [
        (FAULTS[0], True),
        (FAULTS[1], True),
        (FAULTS[3], True),
        (FAULTS[2], False),
        ((404, "NoSuchKey"), False),
    ],
    ids=str,
)
def test_that_it_refuses_us_is_certain_of_a_bucket_that_is_not_there_and_of_a_key_that_may_not_read(
    files: Files, store: S3Standin, fault: tuple[int, str], certain: bool
) -> None:
    store.fault = fault
    with pytest.raises(Unreachable) as caught:
        files.place()
    assert isinstance(caught.value, Refused) is certain
    # Some say so of what is full, too.
    with pytest.raises(OSError, match=fault[1]) as caught:
        files.require_writable()
    assert not isinstance(caught.value, Refused)


def test_a_store_that_cannot_be_reached_or_says_nothing_is_waited_for_no_longer_than_it_may(
    store: S3Standin, tmp_path: Path
) -> None:
    options = {**store.options, "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    closed = files_at(f"s3://{BUCKET}", tmp_path / "one", alone=False, s3=options, copies=PART)
    closed.prepare()
    with pytest.raises(Unreachable):
        closed.has(SHA)
    store.silent = True
    patient = S3Store(
        BUCKET,
        config=store.options,
        client_options={"allow_http": True, "timeout": "1s"},
        retry_config={"max_retries": 0},
    )  # type: ignore[arg-type]
    silent = ObjectFiles(patient, tmp_path / "two", limit=PART)
    with pytest.raises(Unreachable):
        keep(silent)
    store.silent = False


def test_a_start_waits_for_no_store(store: S3Standin, tmp_path: Path) -> None:
    made(store, tmp_path / "one")
    assert store.asked == []


def test_a_copy_that_is_not_what_was_kept_is_not_given_out(
    files: Files, store: S3Standin, tmp_path: Path
) -> None:
    keep(files)
    store.objects[f"bot/files/{SHA[:2]}/{SHA}"].body = b"something else"
    other = made(store, tmp_path / "two")
    with pytest.raises(Unreachable, match="another file"):
        other.path(SHA)
    assert list(other.new_path().parent.iterdir()) == []


def test_copies_go_when_there_are_too_many_the_one_used_least_lately_first(
    store: S3Standin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = made(store, tmp_path / "one", limit=250)
    first, second = (keep(files, name * 100) for name in (b"a", b"b"))
    paths = {sha256: files.path(sha256) for sha256 in (second, first)}
    third = keep(files, b"c" * 100)
    assert all(path.exists() for path in (*paths.values(), files.path(third))), (
        "each may be about to be opened"
    )
    monkeypatch.setattr(copies, "IN_USE", -1.0)
    keep(files, b"d" * 100)
    assert not paths[second].exists()
    assert not paths[first].exists()
    assert files.path(first).read_bytes() == b"a" * 100


async def test_a_transaction_asks_the_store_for_nothing(
    files: Files, store: S3Standin, database: Database, tmp_path: Path
) -> None:
    keep(files)
    later = made(store, tmp_path / "two")
    store.asked.clear()
    await database.run(files.must_have, [SHA, None])
    with pytest.raises(Vanished):
        await database.run(later.must_have, [SHA])
    assert store.asked == []
    assert later.has(SHA)
    await database.run(later.must_have, [SHA])


async def test_what_a_row_names_stays_and_what_is_going_or_gone_is_not_named(
    files: Files, store: S3Standin, database: Database, tmp_path: Path
) -> None:
    keep(files)
    await database.run(put_job)
    await database.run(images.put, [an_image(sha256=SHA)])
    await database.run(made(store, tmp_path / "two").must_have, [SHA])
    await database.run(images.remove, "i1")
    await database.run(unnamed.mark, [SHA], at=0)
    await database.run(unnamed.go, before=1)
    with pytest.raises(Vanished):
        await database.run(files.must_have, [SHA])
    files.drop(SHA)
    await database.run(unnamed.gone, [SHA])
    with pytest.raises(Vanished):
        await database.run(files.must_have, [SHA])
    keep(files)
    await database.run(files.must_have, [SHA])


def test_erasures_are_known_to_all_hosts_and_have_numbers_that_grow(store: S3Standin, tmp_path: Path) -> None:
    record = erasures_at(f"s3://{BUCKET}/bot", tmp_path, s3=store.options)
    assert record.lines() == []
    assert record.add("a" * 64, above=0) == 1
    other = erasures_at(f"s3://{BUCKET}/bot", tmp_path / "two", s3=store.options)
    assert other.add("b" * 64, above=7) == 8
    assert other.add("c" * 64, above=0) == 9
    assert record.lines() == [(1, "a" * 64), (8, "b" * 64), (9, "c" * 64)]
    store.fault = (503, "SlowDown")
    with pytest.raises(Unreachable):
        record.lines()


def test_the_record_of_erasures_stands_beside_files_on_a_shared_volume(tmp_path: Path) -> None:
    shared = f"file://{tmp_path}"
    assert erasures_at(shared, tmp_path / "one", s3={}).add("a" * 64, above=3) == 4
    assert erasures_at(shared, tmp_path / "two", s3={}).add("b" * 64, above=0) == 5
    assert erasures_at(None, tmp_path, s3={}).lines() == [(4, "a" * 64), (5, "b" * 64)]
