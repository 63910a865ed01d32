"""A database of the first version, with every kind of row, becomes one of the newest in which all holds."""

import logging
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from accounts.export import export_csv
from accounts.maintenance import maintain
from accounts.verify import verify
from domain.images import Role
from domain.job import HELD, Status
from domain.request import Wish
from jobs import transitions
from storage import events, facts, holds, images, job_rows, learned, members, rollup, usage
from storage.engines import migrate as subject
from storage.engines.schema import differences, scripts
from storage.errors import StorageError, Unusable
from storage.sqlite import open_writer, snapshot
from storage.store import SqliteStore
from tests.storage.old_book import (
    ANN,
    BEN,
    CARD,
    GUILD,
    JOBS,
    MOD,
    MODEL,
    NOON,
    TRIES,
    secret_of,
    write_old_book,
)
from tests.storage.rows import verify_file

pytestmark = pytest.mark.sqlite_only

README = (
    "SELECT member_id, sum(spent) / 1000.0 AS credits, sum(held) / 1000.0 AS held FROM {} GROUP BY member_id"
    " ORDER BY credits DESC"
)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "darkroom.db"
    write_old_book(path)
    return path


@pytest.fixture
def tx(old: Path) -> Iterator[sqlite3.Connection]:
    opened = open_writer(old)
    yield opened
    opened.close()


def test_it_verifies_and_is_the_newest(tx: sqlite3.Connection) -> None:
    assert verify(tx) == []
    assert subject.version_of(tx) == max(scripts())
    assert tx.execute("PRAGMA foreign_key_check").fetchall() == []
    assert tx.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert list(tx.execute("SELECT name FROM sqlite_master WHERE name LIKE 'old%'")) == []


def test_it_has_the_tables_of_a_new_one(tx: sqlite3.Connection) -> None:
    assert differences(tx, max(scripts())) == []


def test_every_job_is_found_under_its_old_name_and_has_one_that_says_nothing(tx: sqlite3.Connection) -> None:
    new = set()
    for old in JOBS:
        job = job_rows.get(tx, old.id)
        assert job is not None
        assert (job.member_id, job.status, job.note, job.deleted) == (
            old.member,
            old.status,
            "n",
            old.deleted,
        )
        assert (job.prompt == "") == old.deleted
        assert job.parent_id == (None if old.parent is None else _id(tx, old.parent))
        assert len(job.id) == 20
        assert job.id.isalnum()
        assert not any(str(each) in job.id for each in (ANN, BEN, CARD))
        new.add(job.id)
    assert len(new) == len(JOBS)


def _id(tx: sqlite3.Connection, old: str) -> str:
    job = job_rows.get(tx, old)
    assert job is not None
    return job.id


def test_each_has_its_pictures_messages_and_secret(tx: sqlite3.Connection) -> None:
    for old in JOBS:
        job_id = _id(tx, old.id)
        assert bool(images.of_job(tx, job_id)) == (not old.deleted)
        named = job_rows.by_secret(tx, secret_of(old))
        assert named is not None
        assert named.id == job_id
        row = tx.execute("SELECT source_count, image_count FROM jobs WHERE id = ?", (job_id,)).fetchone()
        assert row == (0 if old.deleted else 1, 4 if old.count != "{}" else 1)
    assert tx.execute("SELECT count(*) FROM messages").fetchone() == (sum(not old.deleted for old in JOBS),)


def test_every_account_is_what_it_was(old: Path) -> None:
    raw = sqlite3.connect(old)
    before = raw.execute(README.format("entries")).fetchall()
    held = raw.execute("SELECT SUM(held) FROM entries").fetchone()[0]
    spent = raw.execute("SELECT SUM(spent) FROM entries WHERE member_id = ?", (ANN,)).fetchone()[0]
    raw.close()
    tx = open_writer(old)
    after = tx.execute(README.format("ledger")).fetchall()
    # One running job holds now what it is known to cost.
    assert [row[:2] for row in after] == [row[:2] for row in before]
    assert holds.held(tx, guild_id=GUILD).held == held + 36_000
    ann = usage.figures(tx, guild_id=GUILD, stretch=usage.EVER, member_id=ANN)
    assert ann.spent == spent
    kept = tx.execute("SELECT * FROM usage ORDER BY 1, 2, 3, 4, 5").fetchall()
    rollup.rebuild(tx)
    assert tx.execute("SELECT * FROM usage ORDER BY 1, 2, 3, 4, 5").fetchall() == kept
    tx.close()


def test_the_ledger_for_people_shows_members_and_reasons(tx: sqlite3.Connection) -> None:
    rows = tx.execute(
        "SELECT member_id, spent, cause, moderator_id FROM ledger WHERE kind = 'adjust' ORDER BY id"
    ).fetchall()
    assert rows == [(ANN, -500, "Because I say so", MOD), (BEN, 250, "Because I say so", MOD)]


def test_no_snowflake_of_a_member_is_left_but_where_it_can_be_taken_away(tx: sqlite3.Connection) -> None:
    tables = {str(row[0]) for row in tx.execute("SELECT name FROM catalogue WHERE type = 'table'")}
    naming = {
        table
        for table in tables
        if any(str(each) in repr(tx.execute(f"SELECT * FROM {table}").fetchall()) for each in (ANN, BEN, MOD))
    }
    assert naming == {"members", "allowances", "notices", "unreminded"}


def test_files_are_named_by_the_jobs_as_they_are_called_now(tx: sqlite3.Connection) -> None:
    for old in JOBS:
        job_id = _id(tx, old.id)
        results = images.of_job(tx, job_id, Role.RESULT)
        assert [each.name for each in results] == [
            f"darkroom-{job_id}-{place}.png" for place in range(1, len(results) + 1)
        ]
        if not old.deleted:
            assert list(facts.parts_of(tx, job_id)) == [f"results 2 darkroom-{job_id}-2.png:4711"]
    (source,) = images.of_job(tx, _id(tx, JOBS[1].id), Role.SOURCE)
    assert source.name == f"darkroom-r{CARD}-{members.find(tx, MOD)}-0-2-1.png"


def test_a_card_that_was_sent_before_is_known_by_the_name_that_its_job_had(tx: sqlite3.Connection) -> None:
    for old in JOBS:
        job = job_rows.get(tx, old.id)
        assert job is not None
        assert events.names_of(tx, job) == [job.id, old.id]
        assert events.names_of(tx, replace(job, created_at=time.time_ns())) == [job.id]


def test_a_name_that_somebody_made_up_leads_nowhere(tx: sqlite3.Connection) -> None:
    for name in (f"r{CARD}-{10**30}-0", f"r{CARD}-{ANN}-7", f"r{CARD}-1-0", f"r{CARD}--0", "r", ""):
        assert job_rows.get(tx, name) is None


def test_wishes_stand_as_they_stood(tx: sqlite3.Connection) -> None:
    wish = Wish(CARD)
    assert events.job_of(tx, wish, member_id=BEN) == _id(tx, f"r{CARD}-{BEN}-1")
    assert events.job_of(tx, wish, member_id=ANN) == _id(tx, f"r{CARD}-{ANN}-0")
    events.take_back(tx, message_id=CARD, member_id=BEN)
    assert events.job_of(tx, wish, member_id=BEN) is None


def test_follow_ups_are_linked_and_no_wishes(tx: sqlite3.Connection) -> None:
    linked = {old.id for old in JOBS if old.id.endswith("-2")}
    for old in JOBS:
        job = job_rows.get(tx, old.id)
        assert job is not None
        assert job.follows == (job.parent_id if old.id in linked else None)
    assert events.job_of(tx, Wish(CARD), member_id=MOD) == _id(tx, f"r{CARD}-{MOD}-0")
    assert tx.execute("SELECT count(*) FROM wishes").fetchone() == (4,)


def test_what_was_learned_of_models_has_a_table_of_its_own(tx: sqlite3.Connection) -> None:
    known = learned.of(tx, MODEL)
    assert (known.failed, known.tried_by) == (3, _id(tx, TRIES))
    assert learned.of(tx, "another").model == "another"


def test_an_event_of_before_makes_no_second_job(tx: sqlite3.Connection) -> None:
    assert events.job_of(tx, JOBS[0].id, member_id=ANN) == _id(tx, JOBS[0].id)


def test_every_open_job_comes_to_its_end(tx: sqlite3.Connection) -> None:
    for job in job_rows.all_open(tx):
        if job.status in HELD:
            failed = transitions.fail(
                tx, job.id, expect=job.status, reason=transitions.Reason.INTERNAL, at=NOON + 1
            )
            assert failed is not None
            assert failed.status is Status.FAILED
    assert holds.held(tx, guild_id=GUILD).held == 0
    assert verify(tx) == []


def test_balances_and_drifts_name_the_jobs_they_named(tx: sqlite3.Connection) -> None:
    first = _id(tx, JOBS[0].id)
    assert tx.execute("SELECT job_id FROM balances").fetchall() == [(first,), (None,)]
    assert tx.execute("SELECT job_id FROM suspects").fetchall() == [(first,)]
    for table in ("allowances", "notices", "durations", "unreminded", "facts", "notice_channels"):
        assert tx.execute(f"SELECT count(*) FROM {table}").fetchone() == (1,)


def test_whoever_waits_is_told_how_far_it_is(old: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="storage.engines.migrate"):
        open_writer(old).close()
    said = [record.getMessage() for record in caplog.records]
    assert any("version 2: entries" in line for line in said)
    assert any("version 2: clearing up" in line for line in said)
    caplog.clear()
    open_writer(old).close()
    assert caplog.records == []


@pytest.mark.parametrize("rebuild", [False, True])
def test_before_the_migration_it_is_neither_verified_nor_summed_up_but_named(
    old: Path, rebuild: bool
) -> None:
    """So docs/deploy.md says of a copy from before a new version."""
    folder = old.parent
    with pytest.raises(Unusable, match=r"has version 1, this program reads [0-9]+: start the bot"):
        maintain(SqliteStore(folder), export=None, copy=None, rebuild=rebuild)
    open_writer(old).close()
    assert maintain(SqliteStore(folder), export=None, copy=None, rebuild=rebuild) == 0


@pytest.mark.parametrize("after", [1, 30, 60, 90])
def test_a_migration_that_is_broken_off_is_begun_anew(old: Path, after: int) -> None:
    """The power fails after so many statements: nothing is left of it, and the next start does it all."""

    class Interrupted(sqlite3.Connection):
        statements = 0

        def execute(self, sql: str, values: object = (), /) -> sqlite3.Cursor:
            self.statements += 1
            if self.statements == after + 10:
                raise sqlite3.OperationalError("disk I/O error")
            return super().execute(sql, values)  # type: ignore[arg-type]

    interrupted = sqlite3.connect(old, isolation_level=None, factory=Interrupted)
    with pytest.raises(sqlite3.OperationalError, match="disk I/O"):
        subject.migrate(interrupted)
    interrupted.close()
    raw = sqlite3.connect(old)
    assert subject.version_of(raw) == 1
    raw.close()
    tx = open_writer(old)
    assert verify(tx) == []
    tx.close()


def test_a_database_of_a_version_that_was_never_released_gets_a_sentence(old: Path) -> None:
    raw = sqlite3.connect(old)
    raw.execute("ALTER TABLE jobs DROP COLUMN note")
    raw.commit()
    raw.close()
    with pytest.raises(Unusable, match=r"says version 1, but .* never released.*\(jobs was changed\).*\.$"):
        open_writer(old)


def test_a_guard_that_was_taken_away_is_noticed_at_the_start_and_an_own_index_is_not(old: Path) -> None:
    tx = open_writer(old)
    tx.execute("CREATE INDEX own ON jobs (prompt)")
    tx.execute("CREATE TABLE theirs (a UNIQUE)")
    tx.execute("CREATE TRIGGER theirs_too AFTER INSERT ON theirs BEGIN DELETE FROM theirs; END")
    tx.close()
    tx = open_writer(old)
    tx.execute("DROP TRIGGER entries_no_update")
    tx.close()
    with pytest.raises(Unusable, match=r"version [0-9]+.*\(entries_no_update is gone\)"):
        open_writer(old)


@pytest.mark.parametrize(
    "own",
    [
        "CREATE TRIGGER own AFTER INSERT ON entries BEGIN UPDATE jobs SET reserved = 0; END",
        "CREATE UNIQUE INDEX own ON versions (at, number)",
    ],
)
def test_what_somebody_added_to_our_tables_and_may_change_or_refuse_a_row_is_noticed(
    own: str, old: Path
) -> None:
    tx = open_writer(old)
    tx.execute(own)
    tx.close()
    assert [str(each) for each in verify_file(old)] == ["What guards the ledger is there: own was added"]
    with pytest.raises(Unusable, match=r"\(own was added\)"):
        open_writer(old)


def test_a_database_whose_tables_were_changed_is_not_read(old: Path) -> None:
    tx = open_writer(old)
    tx.execute("ALTER TABLE balances DROP COLUMN key_id")
    tx.close()
    for ask in (
        lambda: verify_file(old),
        lambda: export_csv(partial(snapshot, old), old.with_suffix(".csv")),
    ):
        with pytest.raises(Unusable, match=r"\(balances was changed\)"):
            ask()


def test_a_database_that_does_not_say_its_version_gets_a_sentence(old: Path) -> None:
    tx = open_writer(old)
    for trigger in ("versions_no_delete", "versions_no_update"):
        tx.execute(f"DROP TRIGGER {trigger}")
    tx.execute("DELETE FROM versions")
    for ask in (lambda: open_writer(old), lambda: verify_file(old)):
        with pytest.raises(Unusable, match="does not say which version"):
            ask()
    tx.close()


@pytest.mark.parametrize(
    "made",
    [
        "CREATE TABLE jobs (a)",
        "CREATE TABLE versions (release TEXT)",
        "CREATE TABLE versions (number TEXT); INSERT INTO versions VALUES ('1.0')",
        "CREATE VIEW versions AS SELECT 4 AS number",
        "CREATE TABLE versions (number); INSERT INTO versions VALUES (99)",
        "CREATE TABLE versions (number); INSERT INTO versions VALUES (-3)",
    ],
)
def test_a_database_of_another_program_gets_a_sentence_and_stays_as_it_is(tmp_path: Path, made: str) -> None:
    path = tmp_path / "darkroom.db"
    raw = sqlite3.connect(path)
    raw.executescript(made)
    raw.close()
    before = path.read_bytes()
    said: set[str] = set()
    for ask in (
        lambda: open_writer(path),
        lambda: maintain(SqliteStore(tmp_path), export=None, copy=None, rebuild=False),
        lambda: maintain(SqliteStore(tmp_path), export=None, copy=None, rebuild=True),
        lambda: maintain(SqliteStore(tmp_path), export=tmp_path / "out.csv", copy=None, rebuild=False),
    ):
        with pytest.raises(StorageError) as refused:
            ask()
        said.add(str(refused.value))
    for each in said:
        assert re.search("not one of Darkroom's|does not say|never released|start the newer version", each)
    assert path.read_bytes() == before


def test_a_disk_without_room_is_told_beforehand(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = old.read_bytes()
    _leave_free(monkeypatch, int(len(before) * 3.5) - 1)
    with pytest.raises(Unusable, match=r"takes 1 MB beside darkroom.db, 1 MB are free. Nothing was changed"):
        open_writer(old)
    assert old.read_bytes() == before


def test_what_must_be_free_is_asked_once_before_anything_is_done(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions: list[int] = []

    def disk_usage(_: Path) -> SimpleNamespace:
        with closing(sqlite3.connect(old)) as beside:
            versions.append(subject.version_of(beside))
        return SimpleNamespace(free=int(old.stat().st_size * 3.5))

    monkeypatch.setattr("storage.engines.migrate.shutil.disk_usage", disk_usage)
    open_writer(old).close()
    assert versions == [1]
    assert verify_file(old) == []


def test_a_small_migration_asks_for_no_room(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first_two = {number: file for number, file in scripts().items() if number <= 2}
    with monkeypatch.context() as patch:
        patch.setattr(subject, "scripts", lambda: first_two)
        open_writer(old).close()
    _leave_free(monkeypatch, 0)
    # From the tenth on images may have masks: that table is made anew.
    small = {number: file for number, file in scripts().items() if number < 10}
    with monkeypatch.context() as patch:
        patch.setattr(subject, "scripts", lambda: small)
        subject.migrate(sqlite3.connect(old))
    with pytest.raises(Unusable, match="make room"):
        open_writer(old)


def _leave_free(monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    monkeypatch.setattr("storage.engines.migrate.shutil.disk_usage", lambda _: SimpleNamespace(free=free))


def test_a_disk_that_fills_up_all_the_same_is_told_with_what_to_do(old: Path) -> None:
    raw = sqlite3.connect(old, isolation_level=None)
    raw.execute(f"PRAGMA max_page_count = {raw.execute('PRAGMA page_count').fetchone()[0] + 5}")
    with pytest.raises(
        Unusable, match=r"The disk was full.*database or disk is full.*as it was at version 1: make room"
    ):
        subject.migrate(raw)
    assert subject.version_of(raw) == 1
    raw.close()


def test_it_is_not_rebuilt_before_it_is_of_this_version(old: Path) -> None:
    before = old.read_bytes()
    with pytest.raises(Unusable, match="has version 1, this program reads"):
        maintain(SqliteStore(old.parent), export=None, copy=None, rebuild=True)
    assert old.read_bytes() == before


def test_the_program_of_the_first_version_does_not_take_it_for_its_own(tx: sqlite3.Connection) -> None:
    assert tx.execute("PRAGMA user_version").fetchone()[0] > 1
