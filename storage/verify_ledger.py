"""What ``--verify`` checks of the entries: each beside its reserve, its job, and those before it."""

from domain.limits import DAY
from storage.engines.schema import scripts
from storage.entries import SET_BACK
from storage.identities import NEW, Identity

_HELD_FOR_JOB = (
    "(SELECT SUM(h.held) FROM entries AS h WHERE h.job_id = j.id AND h.kind IN ('raise', 'reserve'))"
)
_HELD_BEFORE = (
    "(SELECT COALESCE(SUM(h.held), 0) FROM entries AS h WHERE h.job_id = e.job_id"
    " AND h.kind IN ('raise', 'reserve') AND h.id < e.id)"
)
_CHARGED = "(SELECT c.spent FROM entries AS c WHERE c.job_id = f.job_id AND c.kind = 'charge')"
_KNOWN = "COALESCE(j.cost, j.reserved + j.raised)"
_GIVEN = "CASE WHEN e.images < j.image_count THEN e.images ELSE j.image_count END"
PRICE = (
    f"CASE WHEN j.billed < {_KNOWN} THEN j.billed"
    f" ELSE ({_KNOWN} * {_GIVEN} + j.image_count - 1) / j.image_count END"
)
"""``jobs.transitions.price`` in SQL; also what the first version took, whose ``cost`` was the last word."""

LEDGER = (
    Identity(
        "An entry belongs to a job, or is a correction",
        "SELECT e.id AS entry, e.kind, e.job_id AS job FROM entries AS e"
        " WHERE e.kind <> 'adjust' AND NOT EXISTS (SELECT 1 FROM jobs AS j WHERE j.id = e.job_id)",
    ),
    Identity(
        "A correction is made by somebody, and has a reason of its own, unless that was taken away",
        "SELECT e.id AS entry, e.kind, e.moderator, e.reason_id AS reason, e.model FROM entries AS e"
        " WHERE (e.kind = 'adjust' AND (e.model <> '' OR e.cause <> ''"
        " OR NOT EXISTS (SELECT 1 FROM members AS m WHERE m.surrogate = e.moderator)"
        " OR NOT EXISTS (SELECT 1 FROM reasons AS r WHERE r.id = e.reason_id)))"
        " OR (e.kind <> 'adjust' AND e.moderator IS NOT NULL)"
        " UNION ALL SELECT MAX(e.id), MAX(e.kind), MAX(e.moderator), e.reason_id, MAX(e.model)"
        " FROM entries AS e WHERE e.reason_id IS NOT NULL GROUP BY e.reason_id HAVING count(*) > 1"
        " UNION ALL SELECT NULL, NULL, NULL, r.id, NULL FROM reasons AS r WHERE r.id NOT IN"
        " (SELECT e.reason_id FROM entries AS e WHERE e.reason_id IS NOT NULL)",
    ),
    Identity(
        "Everybody in the ledger is somebody",
        "SELECT e.id AS entry, e.kind, e.member FROM entries AS e"
        " WHERE NOT EXISTS (SELECT 1 FROM members AS m WHERE m.surrogate = e.member)",
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
        "A job is reserved, charged and released once",
        "SELECT e.job_id AS job, e.kind, count(*) AS entries FROM entries AS e WHERE e.kind <> 'adjust'"
        " GROUP BY e.job_id, e.kind, e.nth HAVING count(*) > 1"
        " UNION ALL SELECT e.job_id, e.kind, count(*) FROM entries AS e WHERE e.kind <> 'adjust'"
        " GROUP BY e.job_id, e.kind HAVING MAX(e.nth) > count(*)",
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
        "A charge is what the provider took for the images that came",
        f"SELECT e.id AS entry, j.id AS job, e.spent AS charged, {PRICE} AS price, j.cost, j.billed,"
        " j.image_count AS asked, e.images FROM entries AS e JOIN jobs AS j ON j.id = e.job_id"
        f" WHERE e.kind = 'charge' AND e.spent <> {PRICE}",
    ),
    Identity(
        "A charge is for no more images than were asked for",
        "SELECT e.id AS entry, j.id AS job, j.image_count AS asked, e.images FROM entries AS e"
        f" JOIN jobs AS j ON j.id = e.job_id WHERE e.images > j.image_count AND e.id > {NEW}",
    ),
    Identity(
        "Refunds are never above their charge",
        f"SELECT f.job_id AS job, SUM(-f.spent) AS refunded, {_CHARGED} AS charged FROM entries AS f"
        f" WHERE f.kind = 'refund' GROUP BY f.job_id HAVING SUM(-f.spent) > COALESCE({_CHARGED}, 0)",
    ),
    Identity(
        "A refund follows its charge",
        "SELECT f.id AS entry, f.job_id AS job FROM entries AS f WHERE f.kind = 'refund' AND NOT EXISTS"
        " (SELECT 1 FROM entries AS c WHERE c.job_id = f.job_id AND c.kind = 'charge' AND c.id < f.id)",
    ),
    Identity(
        "A release or refund says why, as its job does",
        "SELECT e.id AS entry, e.job_id AS job, e.kind, e.cause, j.failure FROM entries AS e"
        " JOIN jobs AS j ON j.id = e.job_id WHERE (e.kind = 'release' AND e.cause <> COALESCE(j.failure, ''))"
        " OR (e.kind = 'refund' AND j.status = 'failed' AND e.cause <> j.failure)"
        " OR (e.kind IN ('charge', 'raise', 'reserve') AND e.cause <> '')",
    ),
    Identity(
        "An entry is booked when its job says so, or at the begin of the newest day",
        "SELECT e.id AS entry, j.id AS job, e.kind, e.at, j.created_at AS asked, j.completed_at AS completed,"
        " j.ended_at AS ended FROM entries AS e JOIN jobs AS j ON j.id = e.job_id WHERE"
        f" (e.kind = 'reserve' AND NOT e.at BETWEEN j.created_at AND j.created_at + {SET_BACK})"
        f" OR (e.kind = 'release' AND NOT e.at BETWEEN j.ended_at AND j.ended_at + {SET_BACK})"
        " OR (e.kind = 'charge' AND e.at <> j.completed_at"
        f" AND (e.at < j.completed_at OR e.at % {DAY} <> 0 OR e.at > j.completed_at + {SET_BACK}))",
    ),
    Identity(
        "A day never goes back",
        "SELECT entry, at, before FROM (SELECT id AS entry, at, LAG(at) OVER (ORDER BY id) AS before"
        f" FROM entries) AS ordered WHERE entry > {NEW} AND at < before / {DAY} * {DAY}"
        f" AND before / {DAY} * {DAY} <= at + {SET_BACK}",
    ),
    Identity(
        "A migration is on record, and at an entry that there is",
        "SELECT v.number, v.last_entry FROM versions AS v"
        " WHERE v.last_entry > (SELECT COALESCE(MAX(id), 0) FROM entries)"
        f" OR v.number NOT IN ({', '.join(map(str, scripts()))})"
        f" UNION ALL SELECT MAX(number), count(*) FROM versions HAVING count(*) <> {len(scripts())}",
    ),
)
