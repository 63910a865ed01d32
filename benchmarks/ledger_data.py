"""A ledger as a busy server leaves it: years of entries, thousands of members, one with a fifth of all.

Made in the shape of the first version, as its program left it, and then brought to the newest by the product's
own migration, whose time and memory are told.
"""

import multiprocessing
import random
import resource
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from domain.limits import DAY, SECOND
from domain.periods import next_month
from storage import rollup
from storage.engines.schema import FOLDER
from storage.sqlite import open_writer

GUILD = 1_000_000_000_000_000_001
MEMBERS = 5_000
HEAVY = 200_000_000_000_000_000
"""The member with a fifth of all entries; the others' ids follow."""
DAYS = 3 * 365
MODELS = ("gpt-image-1-5-edit", "gpt-image-2-edit", "gpt-image-1-5", "gpt-image-2")
COSTS = {"gpt-image-1-5-edit": 4_000, "gpt-image-2-edit": 5_000, "gpt-image-1-5": 4_000, "gpt-image-2": 5_000}
NOW = 1_788_220_800_000 + 18 * DAY + DAY // 2
"""The moment at which the data end: noon of 19 September 2026 UTC, in Unix milliseconds."""
OPEN_JOBS = 40
BATCH = 50_000


@dataclass(frozen=True, slots=True)
class Sizes:
    """Rows, the bytes that tables with their indexes take, and what the migration took.

    That is seconds, those of them on a processor (``busy``), and megabytes of memory at most.
    """

    entries: int
    entry_bytes: int
    rollup_rows: int
    rollup_bytes: int
    file_bytes: int
    migrated_in: float
    busy: float
    memory: float


@dataclass(frozen=True, slots=True)
class _Made:
    """One job of the made-up history; moments are Unix milliseconds, ``cost`` thousandths."""

    id: str
    member_id: int
    model: str
    count: int
    at: int
    ended_at: int
    failed: bool
    cost: int


def make(path: Path, entries: int, seed: int = 1) -> Sizes:
    """Write a database with this many entries, two for each job, migrate it and return its sizes."""
    _make_old(path, entries, seed)
    # In a process of its own, so that its memory can be told.
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        seconds, busy, megabytes = pool.apply(_migrate, (path,))
    tx = open_writer(path)
    try:
        return Sizes(
            entries=_one(tx, "SELECT count(*) FROM entries"),
            entry_bytes=_one(tx, _BYTES.format("entries")),
            rollup_rows=_one(tx, "SELECT count(*) FROM usage"),
            rollup_bytes=_one(tx, _BYTES.format("usage")),
            file_bytes=_one(tx, "SELECT SUM(pgsize) FROM dbstat"),
            migrated_in=seconds,
            busy=busy,
            memory=megabytes,
        )
    finally:
        tx.close()


_BYTES = "SELECT SUM(pgsize) FROM dbstat WHERE name IN (SELECT name FROM catalogue WHERE tbl_name = '{}')"


def _migrate(path: Path) -> tuple[float, float, float]:
    begin, busy = time.perf_counter(), time.process_time()
    open_writer(path).close()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return time.perf_counter() - begin, time.process_time() - busy, memory


def _make_old(path: Path, entries: int, seed: int) -> None:
    """Write the database of the first version.

    Indexes and triggers are taken away while the rows go in and put back then.
    """
    tx = sqlite3.connect(path, isolation_level=None)
    tx.execute("PRAGMA journal_mode = WAL")
    tx.execute("PRAGMA synchronous = OFF")
    tx.executescript(f"BEGIN;\n{(FOLDER / '0001_start.sql').read_text()}\nPRAGMA user_version = 1;\nCOMMIT;")
    later = _take_away(tx)
    _insert(tx, _JOB, map(_job_row, _history(entries // 2, seed)))
    _insert(tx, _JOB, map(_open_row, range(OPEN_JOBS)))
    _insert(tx, _ENTRY, (row for made in _history(entries // 2, seed) for row in _entry_rows(made)))
    _insert(tx, _ENTRY, map(_reserve_row, range(OPEN_JOBS)))
    _put_back(tx, (sql for _, sql in later))
    tx.execute("BEGIN")
    _sum_up(tx)
    tx.execute("COMMIT")
    tx.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    tx.close()


def _sum_up(tx: sqlite3.Connection) -> None:
    """Write the rollup, whose rows named members by their ids."""
    into = f"INSERT INTO usage ({rollup.COLUMNS}) "
    for of_server in (False, True):
        tx.execute(_old(into + rollup.from_entries(of_server=of_server)))
    for first in rollup.months_with_days(tx):
        tx.execute(_old(into + rollup.MONTH_FROM_DAYS), (first, first, next_month(first)))
    tx.execute(_old(into + rollup.EVER_FROM_MONTHS))


def _old(sql: str) -> str:
    return sql.replace("member", "member_id")


_JOB = (
    "INSERT INTO jobs (id, kind, origin, guild_id, channel_id, member_id, model, prompt, options, status,"
    " reserved, created_at, provider_job_id, secret, submitted_at, ended_at, cost, card_id, card_channel_id,"
    " attachment_limit, reminded, failure)"
    " VALUES (?, 'edit', 'command', ?, 5, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 5, 10485760, 1, ?)"
)
_ENTRY = (
    "INSERT INTO entries (kind, job_id, guild_id, member_id, model, at, held, spent, images, cause)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def _history(jobs: int, seed: int) -> Iterator[_Made]:
    """Yield jobs in the order of time, evenly over the days, one of five by the heavy member."""
    chance = random.Random(seed)
    begin = NOW - DAYS * DAY
    for number in range(jobs):
        at = begin + (NOW - begin) * number // jobs
        member = HEAVY if chance.random() < 0.2 else HEAVY + chance.randrange(1, MEMBERS)
        model = chance.choices(MODELS, (70, 15, 10, 5))[0]
        count = chance.choices((1, 2, 4), (80, 12, 8))[0]
        failed = chance.random() < 0.03
        name = f"i{1_100_000_000_000_000_000 + number * 4_194_304 + number % 4_000_000}"
        ended = at + 20 * SECOND + int(chance.random() * 60_000)
        yield _Made(name, member, model, count, at, ended, failed, COSTS[model] * count)


def _job_row(made: _Made) -> tuple[object, ...]:
    number = made.id[1:]
    return (
        made.id,
        GUILD,
        made.member_id,
        made.model,
        "Make the sky darker and add a few birds above the roof, please.",
        f'{{"count":{made.count}}}',
        "failed" if made.failed else "done",
        made.cost,
        made.at,
        f"job_{number}",
        f"{int(number):032x}",
        made.at + SECOND,
        made.ended_at,
        made.cost,
        int(number) + 7,
        "provider_trouble" if made.failed else None,
    )


def _entry_rows(made: _Made) -> Iterator[tuple[object, ...]]:
    who = (made.id, GUILD, made.member_id, made.model)
    yield ("reserve", *who, made.at, made.cost, 0, 0, "")
    if made.failed:
        yield ("release", *who, made.ended_at, -made.cost, 0, 0, "provider_trouble")
    else:
        yield ("charge", *who, made.ended_at, -made.cost, made.cost, made.count, "")


def _open_row(number: int) -> tuple[object, ...]:
    return (
        f"open{number}",
        GUILD,
        HEAVY + number,
        MODELS[0],
        "Still to be done",
        "{}",
        "queued",
        4_000,
        NOW - number * SECOND,
        *(None,) * 7,
    )


def _reserve_row(number: int) -> tuple[object, ...]:
    at = NOW - number * SECOND
    return ("reserve", f"open{number}", GUILD, HEAVY + number, MODELS[0], at, 4_000, 0, 0, "")


def _insert(tx: sqlite3.Connection, sql: str, rows: Iterator[tuple[object, ...]]) -> None:
    while batch := list(islice(rows, BATCH)):
        tx.execute("BEGIN")
        tx.executemany(sql, batch)
        tx.execute("COMMIT")


def _take_away(tx: sqlite3.Connection) -> list[tuple[str, str]]:
    found = tx.execute(
        "SELECT tbl_name, type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql <> ''"
        " AND tbl_name IN ('jobs', 'entries')"
    ).fetchall()
    for _, kind, name, _ in found:
        tx.execute(f"DROP {kind} {name}")
    return [(str(table), str(sql)) for table, _, _, sql in found]


def _put_back(tx: sqlite3.Connection, statements: Iterator[str]) -> None:
    for sql in statements:
        tx.execute(sql)


def _one(tx: sqlite3.Connection, query: str) -> int:
    return int(tx.execute(query).fetchone()[0])
