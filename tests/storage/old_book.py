"""A database of the first version, with every kind of row that its program wrote.

Written by plain SQL, since nothing of the product knows that shape any more; ``0001_start.sql`` made it.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from storage.engines.schema import FOLDER

NOON = 1_789_819_200_000
DAY = 20_715
"""The UTC day of ``NOON``."""
MONTH = 20_697
"""The day on which its month begins."""
GUILD, CHANNEL = 1_000_000_000_000_000_001, 5
ANN, BEN, MOD = 201_000_000_000_000_001, 202_000_000_000_000_002, 203_000_000_000_000_003
MODEL = "gpt-image-1-5-edit"
CARD = 9_000_000_000_000_000_007
"""The card of the first job, on which members put their reaction."""


@dataclass(frozen=True, slots=True)
class OldJob:
    """What is written of a job: its end decides what stands in the ledger."""

    id: str
    status: str
    member: int = ANN
    images: int = 1
    reserved: int = 4_000
    cost: int | None = None
    failure: str | None = None
    refunded: bool = False
    deleted: bool = False
    parent: str | None = None
    count: str = "{}"


INTERACTION = 1_100_000_000_000_000_000
JOBS = (
    OldJob(f"i{INTERACTION + 1}", "done", cost=4_000),
    OldJob(f"i{INTERACTION + 2}", "done", cost=6_500, parent=f"i{INTERACTION + 1}"),
    OldJob(f"i{INTERACTION + 3}", "done", images=3, reserved=16_000, cost=16_000, count='{"count":4}'),
    OldJob(f"i{INTERACTION + 4}", "done", cost=4_000, deleted=True, member=BEN),
    OldJob(f"i{INTERACTION + 5}", "failed", failure="moderated"),
    OldJob(f"i{INTERACTION + 6}", "failed", cost=4_000, failure="result_gone", refunded=True),
    OldJob(f"i{INTERACTION + 7}", "failed", failure="never_answered", member=BEN),
    OldJob(f"i{INTERACTION + 8}", "cancelled", failure="cancelled"),
    OldJob(f"i{INTERACTION + 9}", "queued"),
    OldJob(f"i{INTERACTION + 10}", "submitting"),
    OldJob(f"i{INTERACTION + 11}", "unknown", member=BEN),
    OldJob(f"i{INTERACTION + 12}", "running", cost=4_000),
    OldJob(f"i{INTERACTION + 13}", "running", cost=40_000, member=BEN),
    OldJob(f"i{INTERACTION + 14}", "delivering", cost=4_000),
    OldJob(f"i{INTERACTION + 15}", "failed", failure="model_gone", deleted=True),
    OldJob(f"i{INTERACTION + 15}-2", "done", cost=4_000, parent=f"i{INTERACTION + 15}"),
    OldJob(f"r{CARD}-{MOD}-0", "failed", failure="model_gone", deleted=True, member=MOD),
    OldJob(f"r{CARD}-{MOD}-0-2", "done", cost=4_000, parent=f"r{CARD}-{MOD}-0", member=MOD),
    OldJob(f"r{CARD}-{BEN}-0", "done", cost=4_000, member=BEN, parent=f"i{INTERACTION + 1}"),
    OldJob(f"r{CARD}-{BEN}-1", "done", cost=4_000, member=BEN, parent=f"i{INTERACTION + 1}"),
    OldJob(f"r{CARD}-{ANN}-0", "queued", parent=f"i{INTERACTION + 1}"),
)
CHARGED = {"done", "delivering"}
BY_MOD = f"r{CARD}-{MOD}-0-2"
TRIES = f"r{CARD}-{ANN}-0"
"""The job that tries a model again."""


def secret_of(job: OldJob) -> str:
    """Return the secret of a job's webhook path: like its name at the provider it says nothing of the job."""
    return f"secret {JOBS.index(job)}"


def write_old_book(path: Path) -> None:
    """Make a database of the first version and fill it."""
    tx = sqlite3.connect(path, isolation_level=None)
    tx.execute("PRAGMA journal_mode = WAL")
    tx.execute("PRAGMA foreign_keys = ON")
    script = (FOLDER / "0001_start.sql").read_text(encoding="utf-8")
    tx.executescript(f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = 1;\nCOMMIT;")
    tx.execute("BEGIN")
    moments = count(NOON)
    for job in JOBS:
        _write(tx, job, moments)
    for member, amount in ((ANN, 500), (BEN, -250)):
        tx.execute(
            "INSERT INTO entries (kind, guild_id, member_id, model, at, held, spent, cause, moderator_id)"
            " VALUES ('adjust', ?, ?, '', ?, 0, ?, 'Because I say so', ?)",
            (GUILD, member, next(moments), -amount, MOD),
        )
    _sum_up(tx)
    _write_the_rest(tx)
    tx.execute("COMMIT")
    tx.close()


def _write(tx: sqlite3.Connection, job: OldJob, moments: Iterator[int]) -> None:
    named = job.status in {"done", "delivering", "running"} or job.refunded
    asked, ended = next(moments), next(moments)
    tx.execute(
        "INSERT INTO jobs (id, kind, origin, guild_id, channel_id, member_id, model, prompt, options, status,"
        " reserved, created_at, parent_id, token, token_expires_at, card_channel_id, card_id, sources_ready,"
        " provider_job_id, secret, submitted_at, cost, failure, attachment_limit, note, deleted, ended_at, completed_at)"
        " VALUES (?, 'edit', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, 10, 'n', ?, ?, ?)",
        (
            job.id,
            "follow_up" if job.id.endswith("-2") else "command",
            *(GUILD, CHANNEL, job.member, MODEL, "" if job.deleted else f"prompt {JOBS.index(job)}"),
            *(job.count, job.status, job.reserved, asked, job.parent, "token", NOON + 1),
            *(
                CHANNEL,
                CARD if job is JOBS[0] else None,
                f"p-{JOBS.index(job)}" if named else None,
                secret_of(job),
            ),
            *(
                None if job.status in {"queued", "cancelled"} else NOON,
                job.cost,
                job.failure,
                int(job.deleted),
            ),
            ended if job.failure or job.status == "done" else None,
            ended if job.status in CHARGED or job.refunded else None,
        ),
    )
    who = (job.id, GUILD, job.member, MODEL)
    entry = (
        "INSERT INTO entries (job_id, guild_id, member_id, model, kind, at, held, spent, images, cause)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    )
    tx.execute(entry, (*who, "reserve", asked, job.reserved, 0, 0, ""))
    if job.status in CHARGED or job.refunded:
        spent = 12_000 if job.images == 3 else job.cost or 0
        tx.execute(entry, (*who, "charge", ended, -job.reserved, spent, job.images, ""))
    elif job.failure:
        tx.execute(entry, (*who, "release", ended, -job.reserved, 0, 0, job.failure))
    if job.refunded:
        tx.execute(entry, (*who, "refund", next(moments), 0, -(job.cost or 0), 0, "result_gone"))
    if not job.deleted:
        _write_images(tx, job)


def _write_images(tx: sqlite3.Connection, job: OldJob) -> None:
    # An edit of a result has a file that is named by another job, and by whoever asked for that.
    source = f"darkroom-{BY_MOD}-1.png" if job is JOBS[1] else "cat.png"
    images = [("source", 1, source), ("sheet", 1, "sources.jpg")]
    if job.status in CHARGED or job.refunded:
        images += [("result", n + 1, f"darkroom-{job.id}-{n + 1}.png") for n in range(job.images)]
    for role, position, name in images:
        kept = None if role == "result" and job.refunded else f"sha of {role} {position} of {JOBS.index(job)}"
        tx.execute(
            "INSERT INTO images (job_id, role, position, name, sha256) VALUES (?, ?, ?, ?, ?)",
            (job.id, role, position, name, kept),
        )
    purpose = f"results 2 darkroom-{job.id}-2.png:4711"
    tx.execute(
        "INSERT INTO messages VALUES (?, ?, ?, ?)", (job.id, 10**18 + JOBS.index(job), CHANNEL, purpose)
    )


def _sum_up(tx: sqlite3.Connection) -> None:
    """Write the rollup as the first version's program kept it."""
    for grain, start in (("day", DAY), ("month", MONTH), ("ever", 0)):
        for member in ("member_id", "0"):
            tx.execute(
                f"INSERT INTO usage SELECT guild_id, '{grain}', {start}, {member}, model,"
                " SUM(kind = 'charge' OR (kind = 'release' AND cause <> 'cancelled')), SUM(images),"
                " SUM(kind = 'release' AND cause <> 'cancelled'), SUM(spent),"
                " SUM(CASE WHEN kind = 'refund' THEN -spent ELSE 0 END),"
                " SUM(CASE WHEN kind = 'adjust' THEN -spent ELSE 0 END) FROM entries"
                " WHERE kind IN ('charge', 'refund', 'adjust') OR (kind = 'release' AND cause <> 'cancelled')"
                f" GROUP BY guild_id, {member if member != '0' else 'guild_id'}, model"
            )


def _write_the_rest(tx: sqlite3.Connection) -> None:
    first = JOBS[0].id
    for statement, values in (
        ("INSERT INTO wishes VALUES (?, ?, 1)", (CARD, BEN)),
        ("INSERT INTO wishes VALUES (?, ?, 0)", (CARD, ANN)),
        ("INSERT INTO allowances VALUES (?, 'member', ?, 'day', 9000, ?, 1)", (GUILD, ANN, MOD)),
        ("INSERT INTO notice_channels VALUES (?, 6)", (GUILD,)),
        ("INSERT INTO notices VALUES (?, ?, 'day', 1, 80, 1, 1, 1, 2, 0)", (GUILD, ANN)),
        ("INSERT INTO balances VALUES (1, 1, ?, 4000, 90000, 1, 3, 0)", (first,)),
        ("INSERT INTO balances VALUES (2, 2, ?, NULL, 80000, 0, NULL, NULL)", (None,)),
        ("INSERT INTO drifts VALUES (1, 1, 2, 6000)", ()),
        ("INSERT INTO suspects VALUES (1, ?)", (first,)),
        ("INSERT INTO durations VALUES (1, ?, 'high', 1, 2, 3, 4)", (MODEL,)),
        ("INSERT INTO unreminded VALUES (?)", (ANN,)),
        ("INSERT INTO facts VALUES ('commands', 'hash')", ()),
        (
            "INSERT INTO facts VALUES (?, ?)",
            (f"model:{MODEL}", f'{{"model":"{MODEL}","failed":3,"tried_by":"{TRIES}"}}'),
        ),
        ("INSERT INTO facts VALUES ('model:another', '{\"model\":\"another\"}')", ()),
    ):
        tx.execute(statement, values)
