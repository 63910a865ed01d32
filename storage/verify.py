"""The identities that every database of ours keeps, each as a query that finds the rows which break it."""

from collections.abc import Iterator
from dataclasses import dataclass

from domain.job import HELD, OPEN
from domain.periods import next_month
from storage import rollup as derived
from storage.database import Tx
from storage.holds import listed

_HELD = listed(HELD)
_IS_HELD = f"j.status IN {listed(OPEN)} AND j.status IN {_HELD}"
_HELD_FOR_JOB = (
    "(SELECT SUM(h.held) FROM entries AS h WHERE h.job_id = j.id AND h.kind IN ('raise', 'reserve'))"
)
_HELD_BEFORE = (
    "(SELECT COALESCE(SUM(h.held), 0) FROM entries AS h WHERE h.job_id = e.job_id"
    " AND h.kind IN ('raise', 'reserve') AND h.id < e.id)"
)


@dataclass(frozen=True, slots=True)
class Identity:
    """What must hold, in a sentence, and the query whose rows break it."""

    sentence: str
    query: str
    values: tuple[int, ...] = ()


def _end_of(job: str, kind: str) -> str:
    return f"SELECT 1 FROM entries AS e WHERE e.job_id = {job}.id AND e.kind = '{kind}'"


def _refunds_of(job: str) -> str:
    return f"(SELECT COALESCE(SUM(-spent), 0) FROM entries AS f WHERE f.job_id = {job} AND f.kind = 'refund')"


LEDGER = (
    Identity(
        "An entry belongs to a job, or is a correction",
        "SELECT e.id AS entry, e.kind, e.job_id AS job FROM entries AS e"
        " WHERE e.kind <> 'adjust' AND NOT EXISTS (SELECT 1 FROM jobs AS j WHERE j.id = e.job_id)",
    ),
    Identity(
        "A correction has its reason, unless that was taken away, and everybody in the ledger is somebody",
        "SELECT e.id AS entry, e.kind, e.member, e.moderator, e.reason_id AS reason FROM entries AS e"
        " WHERE NOT EXISTS (SELECT 1 FROM members AS m WHERE m.surrogate = e.member)"
        " OR (e.kind = 'adjust' AND (NOT EXISTS (SELECT 1 FROM members AS m WHERE m.surrogate = e.moderator)"
        " OR NOT EXISTS (SELECT 1 FROM reasons AS r WHERE r.id = e.reason_id)))",
    ),
    Identity(
        "A job reserved what it says, for the member who asked",
        f"SELECT j.id AS job, j.status, j.reserved, j.raised, {_HELD_FOR_JOB} AS held FROM jobs AS j"
        " LEFT JOIN entries AS r ON r.job_id = j.id AND r.kind = 'reserve'"
        " WHERE r.id IS NULL OR r.guild_id <> j.guild_id OR r.member <> j.member"
        f" OR r.model <> j.model OR r.key_id <> j.key_id OR r.held <> j.reserved"
        f" OR {_HELD_FOR_JOB} <> j.reserved + j.raised",
    ),
    Identity(
        "A raise, charge, release or refund follows a reserve of the same member, model and key",
        "SELECT e.id AS entry, e.kind, e.job_id AS job FROM entries AS e"
        " LEFT JOIN entries AS r ON r.job_id = e.job_id AND r.kind = 'reserve'"
        " WHERE e.kind IN ('raise', 'charge', 'release', 'refund') AND (r.id IS NULL OR r.id > e.id"
        " OR r.guild_id <> e.guild_id OR r.member <> e.member OR r.model <> e.model OR r.key_id <> e.key_id)",
    ),
    Identity(
        "A charge or release ends the whole hold",
        f"SELECT e.id AS entry, e.kind, e.job_id AS job, -e.held AS ended, {_HELD_BEFORE} AS held"
        f" FROM entries AS e WHERE e.kind IN ('charge', 'release') AND -e.held <> {_HELD_BEFORE}",
    ),
    Identity(
        "A hold ends once",
        "SELECT e.job_id AS job, e.id AS charge, r.id AS release FROM entries AS e JOIN entries AS r"
        " ON r.job_id = e.job_id AND r.kind = 'release' WHERE e.kind = 'charge'",
    ),
    Identity(
        "Refunds are never above their charge",
        "SELECT f.job_id AS job, SUM(-f.spent) AS refunded, (SELECT c.spent FROM entries AS c"
        " WHERE c.job_id = f.job_id AND c.kind = 'charge') AS charged"
        " FROM entries AS f WHERE f.kind = 'refund' GROUP BY f.job_id HAVING SUM(-f.spent) > COALESCE("
        "(SELECT c.spent FROM entries AS c WHERE c.job_id = f.job_id AND c.kind = 'charge'), 0)",
    ),
)

JOBS = (
    Identity(
        "An open job is neither charged nor released",
        f"SELECT j.id AS job, j.status, e.kind FROM jobs AS j JOIN entries AS e ON e.job_id = j.id"
        f" AND e.kind IN ('charge', 'release') WHERE {_IS_HELD}",
    ),
    Identity(
        "A job with images is charged",
        "SELECT j.id AS job, j.status FROM jobs AS j WHERE j.status IN ('delivering', 'done')"
        f" AND NOT EXISTS ({_end_of('j', 'charge')})",
    ),
    Identity(
        "A job that ended without images is released, or refunded whole",
        "SELECT j.id AS job, j.status FROM jobs AS j WHERE j.status IN ('failed', 'cancelled')"
        f" AND NOT EXISTS ({_end_of('j', 'release')}) AND NOT EXISTS ({_end_of('j', 'charge')}"
        f" AND j.status = 'failed' AND e.spent = {_refunds_of('j.id')})",
    ),
    Identity(
        "A charge is never above what the provider took",
        "SELECT j.id AS job, j.cost, j.billed, e.spent AS charged FROM jobs AS j JOIN entries AS e"
        " ON e.job_id = j.id AND e.kind = 'charge' WHERE e.spent > j.cost OR e.spent > j.billed",
    ),
    Identity(
        "What is held for an open job is not below what it is known to cost",
        "SELECT j.id AS job, j.reserved, j.raised, j.cost FROM jobs AS j"
        f" WHERE {_IS_HELD} AND j.cost > j.reserved + j.raised",
    ),
    Identity(
        "A charge is for its job's model, and for fewer images than asked it is in proportion",
        "SELECT e.id AS entry, j.id AS job, j.image_count AS asked, e.images AS charged, e.spent, j.model"
        " FROM jobs AS j JOIN entries AS e ON e.job_id = j.id AND e.kind = 'charge' WHERE e.model <> j.model"
        " OR (e.images < j.image_count AND (j.billed IS NULL OR e.spent <> j.billed)"
        " AND e.spent * j.image_count >= COALESCE(j.cost, j.reserved) * e.images + j.image_count)",
    ),
    Identity(
        "A charged job has the sources that it was accepted with",
        "SELECT j.id AS job, j.kind, j.source_count AS accepted, (SELECT count(*) FROM images AS i"
        " WHERE i.job_id = j.id AND i.role = 'source') AS kept FROM jobs AS j JOIN entries AS e"
        " ON e.job_id = j.id AND e.kind = 'charge' WHERE j.deleted = 0 AND j.source_count <>"
        " (SELECT count(*) FROM images AS i WHERE i.job_id = j.id AND i.role = 'source')",
    ),
    Identity(
        "Two jobs never have one name at the provider",
        "SELECT provider_job_id, count(*) AS jobs FROM jobs WHERE provider_job_id IS NOT NULL"
        " GROUP BY provider_job_id HAVING count(*) > 1",
    ),
    Identity(
        "Another name of a job, a wish or a follow-up leads to a job",
        "SELECT a.alias AS name, a.job_id AS job FROM aliases AS a"
        " WHERE NOT EXISTS (SELECT 1 FROM jobs AS j WHERE j.id = a.job_id)"
        " UNION ALL SELECT 'wish on ' || w.message_id, w.job_id FROM wishes AS w"
        " WHERE NOT EXISTS (SELECT 1 FROM jobs AS j WHERE j.id = w.job_id)"
        " UNION ALL SELECT 'follow-up ' || f.id, f.follows FROM jobs AS f WHERE f.follows IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM jobs AS j WHERE j.id = f.follows)",
    ),
    Identity(
        "A job has a name at the provider from the moment it is taken there",
        "SELECT j.id AS job, j.status, j.provider_job_id FROM jobs AS j WHERE"
        " (j.status IN ('queued', 'submitting', 'unknown', 'cancelled') AND j.provider_job_id IS NOT NULL)"
        " OR (j.status IN ('running', 'delivering', 'done') AND j.provider_job_id IS NULL)",
    ),
    Identity(
        "As many images are kept on record as were charged",
        "SELECT j.id AS job, j.status, e.images AS charged, (SELECT count(*) FROM images AS i"
        " WHERE i.job_id = j.id AND i.role = 'result') AS results FROM jobs AS j JOIN entries AS e"
        " ON e.job_id = j.id AND e.kind = 'charge'"
        " WHERE j.deleted = 0 AND j.status IN ('delivering', 'done') AND e.images <> (SELECT count(*)"
        " FROM images AS i WHERE i.job_id = j.id AND i.role = 'result')",
    ),
    Identity(
        "What is held is what open jobs reserved",
        "SELECT server, member, SUM(held) AS held, SUM(reserved) AS reserved FROM ("
        " SELECT guild_id AS server, member, held, 0 AS reserved FROM entries"
        " UNION ALL SELECT j.guild_id, j.member, 0, j.reserved + j.raised FROM jobs AS j"
        f" WHERE {_IS_HELD}) AS both_sides GROUP BY server, member HAVING SUM(held) <> SUM(reserved)",
    ),
)


_KEPT = f"SELECT {derived.COLUMNS} FROM usage"
_SERVERS = (
    f"SELECT guild_id, grain, start, 0 AS member, model, {derived.SUMS}"
    " FROM usage WHERE member <> 0 GROUP BY guild_id, grain, start, model"
)
Sided = tuple[str, tuple[int, ...]]
"""A query and its values."""


def _same(sentence: str, summed: Sided, kept: Sided) -> Iterator[Identity]:
    """Yield two identities: nothing of the one side is missing on the other."""
    for word, (one, values), (other, more) in (("lacks", summed, kept), ("adds", kept, summed)):
        yield Identity(f"{sentence}; the rollup {word}", f"{one} EXCEPT {other}", (*values, *more))


def rollup(tx: Tx) -> Iterator[Identity]:
    """Yield the identities of the rollup: months one by one, since SQL has no calendar that all share."""
    yield from _same(
        "A day is the sum of its entries",
        (derived.from_entries(of_server=False), ()),
        (f"{_KEPT} WHERE grain = 'day' AND member <> 0", ()),
    )
    months = derived.months_with_days(tx)
    for first in months:
        yield from _same(
            "A month is the sum of its days",
            (derived.MONTH_FROM_DAYS, (first, first, next_month(first))),
            (f"{_KEPT} WHERE grain = 'month' AND start = ?", (first,)),
        )
    # Without any day 0 stands in: no list is empty, and no month begins there but January 1970.
    starts = tuple(months) or (0,)
    places = ", ".join("?" * len(starts))
    yield Identity(
        "A month begins on its first day",
        f"{_KEPT} WHERE grain = 'month' AND start NOT IN ({places})",
        starts,
    )
    yield from _same(
        "All time is the sum of its months",
        (derived.EVER_FROM_MONTHS, ()),
        (f"{_KEPT} WHERE grain = 'ever'", ()),
    )
    yield from _same("A server is the sum of its members", (_SERVERS, ()), (f"{_KEPT} WHERE member = 0", ()))


def broken(tx: Tx, identity: Identity) -> Iterator[str]:
    """Yield the rows that break an identity, as ``name=value`` texts."""
    cursor = tx.execute(identity.query, identity.values)
    names = [str(column[0]) for column in cursor.description]
    for row in cursor:
        yield " ".join(f"{name}={value}" for name, value in zip(names, row, strict=True))
