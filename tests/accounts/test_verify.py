"""``--verify`` is silent on a sound database and names the rows of a broken one."""

from contextlib import nullcontext
from pathlib import Path

import pytest

from accounts import ledger
from accounts.maintenance import export_personal, maintain, take_for_restored
from accounts.verify import MOST, Finding, verify
from domain.errors import Reason
from domain.job import Status
from storage import job_rows
from storage.engines.lock import locked_directory
from storage.errors import DataDirLocked, Unusable
from storage.files import Files
from storage.store import SqliteStore
from tests.accounts.book import ANN, BEN, GUILD, MOD, OTHER_GUILD, Book
from tests.storage.rows import verify_file


def busy(book: Book) -> None:
    """Thirty jobs of two members in every state, a refund and a correction."""
    for number in range(27):
        book.done(book.job(member=ANN if number % 3 else BEN, images=number % 4 + 1))
        book.at += 7 * 3_600_000
    book.accept()
    book.fail(book.accept(book.job(guild=OTHER_GUILD)), expect=Status.QUEUED)
    job = book.accept()
    book.send(job)
    book.answer(job)
    book.finish(job)
    book.fail(job, expect=Status.DELIVERING, reason=Reason.RESULT_GONE)
    book.run(
        lambda tx: ledger.adjust(
            tx, guild_id=GUILD, member_id=ANN, amount=500, cause="x", moderator_id=MOD, at=book.at
        )
    )


def by_hand(book: Book, statement: str) -> list[Finding]:
    """Change the database as somebody with the sqlite3 program would."""
    book.engine.unguard(book.tx)
    book.tx.execute(statement)
    return [finding for finding in book.verify() if "guards" not in finding.identity]


def test_a_sound_database_is_silent(book: Book) -> None:
    busy(book)
    assert book.verify() == []


@pytest.mark.parametrize("kind", ["reserve", "charge", "release", "refund", "adjust"])
def test_one_deleted_entry_makes_it_speak(book: Book, kind: str) -> None:
    busy(book)
    found = by_hand(
        book, f"DELETE FROM entries WHERE id = (SELECT MAX(id) FROM entries WHERE kind = '{kind}')"
    )
    assert found


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("DELETE FROM entries WHERE kind = 'reserve'", "A job reserved what it says"),
        ("UPDATE entries SET held = 1 WHERE kind = 'reserve' AND id < 3", "A job reserved what it says"),
        (
            "UPDATE entries SET spent = spent + 1 WHERE kind = 'charge'",
            "what the provider took for the images",
        ),
        ("UPDATE entries SET spent = spent - 1 WHERE kind = 'charge'", "A day is the sum of its entries"),
        ("UPDATE entries SET member = 7 WHERE kind = 'charge'", "follows a reserve"),
        ("UPDATE entries SET spent = -90000 WHERE kind = 'refund'", "never above their charge"),
        ("UPDATE entries SET images = 9 WHERE kind = 'charge'", "As many images"),
        ("UPDATE jobs SET status = 'running' WHERE id = 'i1'", "An open job is neither charged"),
        ("UPDATE jobs SET status = 'failed' WHERE id = 'i1'", "released, or refunded whole"),
        ("UPDATE jobs SET status = 'failed' WHERE status = 'queued'", "What is held is what open jobs"),
        (
            "UPDATE jobs SET provider_job_id = NULL WHERE id = 'i1'",
            "A job has a name and a cost at the provider",
        ),
        ("DELETE FROM images WHERE job_id = 'i1'", "As many images"),
        ("UPDATE usage SET spent = spent + 1 WHERE grain = 'month' AND member <> 0", "A month is the sum"),
        ("UPDATE usage SET spent = spent + 1 WHERE grain = 'ever' AND member <> 0", "All time is the sum"),
        ("UPDATE usage SET jobs = jobs + 1 WHERE member = 0", "A server is the sum of its members"),
        ("UPDATE usage SET start = start + 1 WHERE grain = 'month'", "A month begins on its first day"),
        ("UPDATE entries SET held = held + 1 WHERE kind = 'charge'", "ends the whole hold"),
        ("UPDATE entries SET key_id = 2 WHERE kind = 'charge'", "same member, model and key"),
        ("UPDATE entries SET model = 'x' WHERE job_id = 'i1'", "A job reserved what it says"),
        ("UPDATE jobs SET image_count = 9 WHERE image_count = 2", "what the provider took for the images"),
        ("UPDATE jobs SET source_count = 3 WHERE id = 'i1'", "the sources that it was accepted with"),
        ("UPDATE jobs SET provider_job_id = 'same' WHERE provider_job_id IS NOT NULL", "Two jobs never"),
        ("UPDATE jobs SET cost = reserved + 1 WHERE status = 'queued'", "not below what it is known to cost"),
        ("UPDATE aliases SET job_id = 'nowhere' WHERE job_id = 'i1'", "names a job leads to one"),
        ("UPDATE jobs SET follows = 'nowhere' WHERE id = 'i1'", "names a job leads to one"),
        ("DELETE FROM reasons", "has a reason of its own"),
        ("DELETE FROM members", "Everybody in the ledger is somebody"),
        ("DELETE FROM usage", "A day is the sum of its entries"),
    ],
)
def test_each_broken_identity_is_named(book: Book, statement: str, sentence: str) -> None:
    busy(book)
    found = by_hand(book, statement)
    assert any(sentence in finding.identity for finding in found), found


def test_the_row_that_breaks_it_is_named(book: Book) -> None:
    job = book.done()
    found = by_hand(book, "DELETE FROM entries WHERE kind = 'charge'")
    assert any(f"job={job.id}" in str(finding) for finding in found)


def test_a_ledger_whose_guards_were_taken_away_is_named(book: Book) -> None:
    book.engine.drop_trigger(book.tx, "entries_no_delete", table="entries")
    assert [str(finding) for finding in verify(book.tx)] == [
        "What guards the ledger is there: entries_no_delete is gone"
    ]


def test_many_broken_rows_are_counted_and_not_all_listed(book: Book) -> None:
    for _ in range(MOST + 5):
        book.done()
    found = by_hand(book, "DELETE FROM entries WHERE kind = 'reserve'")
    reserved = [finding for finding in found if finding.identity.startswith("A job reserved")]
    assert len(reserved) == MOST + 1
    assert reserved[-1].row == "and 5 more rows"


def test_a_missing_database_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="cannot be read"):
        verify_file(tmp_path / "none.db")


def test_a_rollup_that_was_lost_is_summed_up_anew(book: Book, capsys: pytest.CaptureFixture[str]) -> None:
    busy(book)
    kept = book.tx.execute("SELECT * FROM usage ORDER BY 1, 2, 3, 4, 5").fetchall()
    book.tx.execute("DELETE FROM usage")
    assert book.verify()
    book.close()
    store = book.engine.store
    assert maintain(store, export=None, copy=None, rebuild=True) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{store.name}: 30 jobs",
        f"{len(kept):,} rows summed up anew",
    ]
    assert book.verify() == []
    book.reopen()
    assert book.tx.execute("SELECT * FROM usage ORDER BY 1, 2, 3, 4, 5").fetchall() == kept


def test_what_waited_in_a_copy_that_was_put_back_is_not_sent_by_itself(
    book: Book, capsys: pytest.CaptureFixture[str]
) -> None:
    busy(book)
    book.close()
    store = book.engine.store
    for waiting in ("1 waiting job", "0 waiting jobs"):
        assert take_for_restored(store) == 0
        said = capsys.readouterr().out.splitlines()
        assert said[1] == f"{waiting} not sent again, but looked for at the provider"
    assert book.verify() == []
    book.reopen()
    (job,) = job_rows.all_open(book.tx)
    assert (job.status, job.submitted_at) == (Status.UNKNOWN, job.created_at)


@pytest.mark.sqlite_only
def test_a_rollup_is_not_rebuilt_beside_a_bot(book: Book) -> None:
    with locked_directory(book.path.parent), pytest.raises(DataDirLocked):
        maintain(SqliteStore(book.path.parent), export=None, copy=None, rebuild=True)


def test_a_rollup_is_not_rebuilt_where_there_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="cannot be read"):
        maintain(SqliteStore(tmp_path), export=None, copy=None, rebuild=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.sqlite_only
def test_nothing_is_written_over_least_of_all_the_database(book: Book) -> None:
    kept = book.path.read_bytes()
    with pytest.raises(Unusable, match="exists already"):
        maintain(SqliteStore(book.path.parent), export=book.path, copy=None, rebuild=False)
    with pytest.raises(Unusable, match="exists already"):
        export_personal(SqliteStore(book.path.parent), Files(book.path.parent), ANN, book.path)
    assert book.path.read_bytes() == kept


def test_every_command_says_which_database_it_used_and_how_many_jobs_are_in_it(
    book: Book, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    busy(book)
    store = book.engine.store
    assert maintain(store, export=None, copy=None, rebuild=False) == 0
    assert maintain(store, export=tmp_path / "ledger.csv", copy=None, rebuild=False) == 0
    with nullcontext() if book.engine.url is None else pytest.raises(Unusable, match=r"pg_dump .*copy\.db"):
        maintain(store, export=None, copy=tmp_path / "copy.db", rebuild=False)
    said = capsys.readouterr().out.splitlines()
    assert said[0] == f"{store.name}: 30 jobs"
    assert said.count(said[0]) == 3
