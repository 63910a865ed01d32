"""The ledger as CSV."""

import csv
import gzip
import io
import tracemalloc
from pathlib import Path

import pytest

from accounts import ledger
from accounts.export import export_csv, export_parts
from accounts.reports import people
from accounts.sheet import FORMULA
from domain.job import Status
from domain.limits import DAY, MIB
from domain.periods import Span, day_of
from storage.errors import Unusable
from storage.export import Selection
from tests.accounts.book import ANN, BEN, GUILD, MOD, OTHER_GUILD, Book

HOSTILE = [
    '=HYPERLINK("x","y")',
    "+1",
    "-1",
    "@SUM(1)",
    "\t=1",
    "\r\n=1",
    " =1",
    "\uff1d1",
    "|cmd",
    'a "b", c\nd',
]


def read(path: Path) -> list[dict[str, str]]:
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def correct(book: Book, cause: str, *, member: int = ANN, amount: int = 500) -> None:
    book.run(
        lambda tx: ledger.adjust(
            tx, guild_id=GUILD, member_id=member, amount=amount, cause=cause, moderator_id=MOD, at=book.at
        )
    )


def test_each_entry_is_a_row_with_its_jobs_facts(book: Book, tmp_path: Path) -> None:
    job = book.done(book.job(images=2))
    target = tmp_path / "ledger.csv"
    assert export_csv(book.snapshot, target) == 2
    reserve, charge = read(target)
    assert (
        reserve["Entry"],
        reserve["Credits reserved"],
        reserve["Credits no longer reserved"],
        reserve["Credits charged"],
    ) == ("reserve", "8", "", "")
    assert (
        charge["Credits reserved"],
        charge["Credits no longer reserved"],
        charge["Credits charged"],
        charge["Images"],
    ) == ("", "8", "8", "2")
    assert charge["Time (UTC)"] == charge["Job asked (UTC)"] == "2026-09-19T12:00:00.000Z"
    assert (charge["Server id"], charge["Member id"], charge["Job"]) == (f"s{GUILD}", f"m{ANN}", job.id)
    assert (charge["Job status"], charge["Job kind"], charge["Job options"]) == (
        "done",
        "edit",
        '{"count":2}',
    )


def test_amounts_add_up_and_are_never_negative(book: Book, tmp_path: Path) -> None:
    job = book.done()
    book.fail(book.accept(), expect=Status.QUEUED)
    book.run(lambda tx: ledger.refund(tx, job, amount=1_250, cause="x", at=book.at))
    correct(book, "taken", amount=-75)
    correct(book, "given", amount=500)
    target = tmp_path / "ledger.csv"
    export_csv(book.snapshot, target)
    rows = read(target)

    def total(column: str) -> float:
        return sum(float(row[column] or 0) for row in rows)

    assert total("Credits reserved") - total("Credits no longer reserved") == 0
    assert total("Credits charged") - total("Credits given back") == pytest.approx(4 - 1.25 + 0.075 - 0.5)
    assert not any(row[column].startswith("-") for row in rows for column in row)


@pytest.mark.parametrize("cause", HOSTILE)
def test_no_cell_can_start_a_formula(book: Book, tmp_path: Path, cause: str) -> None:
    correct(book, cause)
    target = tmp_path / "ledger.csv"
    export_csv(book.snapshot, target)
    (row,) = read(target)
    assert not any(value[:1] in (*FORMULA, "\t", "\r", "\n") for value in row.values())
    assert row["Reason"].lstrip("'") == " ".join(cause.split())


def test_there_is_one_header_row_and_lines_end_as_rfc_4180_says(book: Book, tmp_path: Path) -> None:
    book.done()
    target = tmp_path / "ledger.csv"
    export_csv(book.snapshot, target)
    text = target.read_bytes().decode("utf-8")
    assert text.startswith("\ufeffTime (UTC),Entry,")
    assert text.count("Time (UTC),Entry,") == 1
    assert text.count("\r\n") == text.count("\n") == 3


def test_names_stand_beside_ids_where_they_are_known(book: Book, tmp_path: Path) -> None:
    correct(book, "late")
    correct(book, "late too", member=BEN)
    names = {ANN: "=Ann, the first", MOD: "Mod"}
    made = export_parts(
        book.snapshot, tmp_path, selection=Selection(), name="usage", part_bytes=MIB, names=names
    )
    rows = read(made.paths[0])
    assert [(row["Member id"], row["Member"]) for row in rows] == [
        (f"m{ANN}", "'=Ann, the first"),
        (f"m{BEN}", ""),
    ]
    assert {(row["Moderator id"], row["Moderator"]) for row in rows} == {(f"m{MOD}", "Mod")}


def test_whoever_was_erased_has_neither_id_nor_name(book: Book, tmp_path: Path) -> None:
    correct(book, "late")
    book.run(lambda tx: tx.execute("UPDATE members SET snowflake = NULL"))
    export_csv(book.snapshot, tmp_path / "ledger.csv")
    [row] = read(tmp_path / "ledger.csv")
    assert [row[column] for column in ("Member id", "Member", "Moderator id", "Moderator")] == [""] * 4


def test_an_export_is_about_its_members_and_moderators(book: Book) -> None:
    correct(book, "late")
    book.done(book.job(member=BEN))
    book.done(book.job(guild=OTHER_GUILD))
    assert set(people(book.tx, Selection(guild_id=GUILD), limit=9)) == {ANN, BEN, MOD}
    assert set(people(book.tx, Selection(guild_id=GUILD, member_id=ANN), limit=9)) == {ANN, MOD}
    assert len(people(book.tx, Selection(guild_id=GUILD), limit=2)) == 2


def test_a_name_that_ends_in_gz_is_gzipped(book: Book, tmp_path: Path) -> None:
    book.done()
    target = tmp_path / "ledger.csv.gz"
    export_csv(book.snapshot, target)
    assert [row["Entry"] for row in read(target)] == ["reserve", "charge"]


def test_an_export_can_be_of_one_server_some_days_and_one_member(book: Book, tmp_path: Path) -> None:
    book.done()
    book.done(book.job(member=BEN))
    book.done(book.job(guild=OTHER_GUILD))
    book.at += DAY
    book.done()
    today = Span(day_of(book.at), day_of(book.at) + 1)
    for selection, rows in [
        (Selection(guild_id=GUILD), 6),
        (Selection(guild_id=GUILD, member_id=ANN), 4),
        (Selection(guild_id=GUILD, member_id=ANN, span=today), 2),
        (Selection(limit=3), 3),
    ]:
        assert export_csv(book.snapshot, tmp_path / "part.csv", selection=selection) == rows


def test_a_short_export_is_one_plain_file(book: Book, tmp_path: Path) -> None:
    book.done()
    made = export_parts(book.snapshot, tmp_path, selection=Selection(), name="usage", part_bytes=MIB)
    assert (made.rows, [path.name for path in made.paths]) == (2, ["usage.csv"])
    assert len(read(made.paths[0])) == 2


def fill(book: Book, rows: int) -> None:
    with book.transaction() as tx:
        first = tx.execute("SELECT COALESCE(MAX(id), 0) + 1 FROM reasons").fetchone()[0]
        tx.executemany(
            "INSERT INTO members (snowflake) SELECT ?"
            " WHERE NOT EXISTS (SELECT 1 FROM members WHERE snowflake = ?)",
            ((ANN + n, ANN + n) for n in range(rows)),
        )
        tx.executemany(
            "INSERT INTO reasons (id, text) VALUES (?, ?)",
            ((first + n, f"cause {n * 7919 % 10_007}") for n in range(rows)),
        )
        tx.executemany(
            "INSERT INTO entries (kind, guild_id, member, model, at, held, spent, reason_id, moderator)"
            " VALUES ('adjust', ?, ?, '', ?, 0, ?, ?, 1)",
            ((GUILD, 1 + n, book.at + n * 977, 1 + n, first + n) for n in range(rows)),
        )


def test_a_long_export_is_gzipped_parts_that_fit_and_hold_every_row_once(book: Book, tmp_path: Path) -> None:
    fill(book, 30_000)
    limit = 750_000
    made = export_parts(book.snapshot, tmp_path, selection=Selection(), name="usage", part_bytes=limit)
    assert [path.name for path in made.paths][:2] == ["usage-1.csv.gz", "usage-2.csv.gz"]
    assert max(path.stat().st_size for path in made.paths) <= limit
    rows = [row for path in made.paths for row in read(path)]
    assert len(rows) == len({row["Member id"] for row in rows}) == made.rows == 30_000


def test_memory_does_not_grow_with_the_ledger(book: Book, tmp_path: Path) -> None:
    def peak() -> int:
        tracemalloc.start()
        export_csv(book.snapshot, tmp_path / "ledger.csv")
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    fill(book, 3_000)
    small = peak()
    fill(book, 4_500)
    assert peak() < small * 1.3


def test_a_file_that_cannot_be_written_is_one_sentence(book: Book, tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="could not be written"):
        export_csv(book.snapshot, tmp_path / "missing" / "ledger.csv")


def test_an_export_that_fails_leaves_no_half_file(book: Book, tmp_path: Path) -> None:
    target = tmp_path / "ledger.csv"
    target.mkdir()
    with pytest.raises(Unusable):
        export_csv(book.snapshot, target)
    assert list(tmp_path.glob("*.part")) == []
