"""What ``--verify`` checks of the jobs: each beside its entries, its images, and its own columns."""

from domain.job import HELD, OPEN
from storage.holds import listed
from storage.identities import NEW, Identity

_IS_HELD = f"j.status IN {listed(OPEN)} AND j.status IN {listed(HELD)}"
_ENDED = listed(("cancelled", "done", "failed"))


def _entry(kind: str) -> str:
    return f"SELECT 1 FROM entries AS e WHERE e.job_id = j.id AND e.kind = '{kind}'"


def _refunds_of(job: str) -> str:
    return f"(SELECT COALESCE(SUM(-spent), 0) FROM entries AS f WHERE f.job_id = {job} AND f.kind = 'refund')"


def _images(role: str, what: str = "count(*)") -> str:
    return f"(SELECT {what} FROM images AS i WHERE i.job_id = j.id AND i.role = '{role}')"


JOBS = (
    Identity(
        "An open job is neither charged nor released",
        f"SELECT j.id AS job, j.status, e.kind FROM jobs AS j JOIN entries AS e ON e.job_id = j.id"
        f" AND e.kind IN ('charge', 'release') WHERE {_IS_HELD}",
    ),
    Identity(
        "A job with images is charged",
        "SELECT j.id AS job, j.status FROM jobs AS j WHERE j.status IN ('delivering', 'done')"
        f" AND NOT EXISTS ({_entry('charge')})",
    ),
    Identity(
        "A job that ended without images is released, or refunded whole",
        "SELECT j.id AS job, j.status FROM jobs AS j WHERE j.status IN ('failed', 'cancelled')"
        f" AND NOT EXISTS ({_entry('release')}) AND NOT EXISTS ({_entry('charge')}"
        f" AND j.status = 'failed' AND e.spent = {_refunds_of('j.id')})",
    ),
    Identity(
        "What is held for an open job is not below what it is known to cost",
        "SELECT j.id AS job, j.reserved, j.raised, j.cost FROM jobs AS j"
        f" WHERE {_IS_HELD} AND j.cost > j.reserved + j.raised",
    ),
    Identity(
        "What is held is what open jobs reserved",
        "SELECT server, member, SUM(held) AS held, SUM(reserved) AS reserved FROM ("
        " SELECT guild_id AS server, member, held, 0 AS reserved FROM entries"
        " UNION ALL SELECT j.guild_id, j.member, 0, j.reserved + j.raised FROM jobs AS j"
        f" WHERE {_IS_HELD}) AS both_sides GROUP BY server, member HAVING SUM(held) <> SUM(reserved)",
    ),
    Identity(
        "A job has a name and a cost at the provider from the moment it is taken there",
        "SELECT j.id AS job, j.status, j.provider_job_id, j.cost, j.billed FROM jobs AS j WHERE"
        " (j.status IN ('queued', 'submitting', 'unknown', 'cancelled') AND j.provider_job_id IS NOT NULL)"
        " OR (j.status IN ('running', 'delivering', 'done') AND j.provider_job_id IS NULL)"
        " OR (j.provider_job_id IS NULL AND j.cost IS NOT NULL)"
        f" OR (j.billed IS NOT NULL AND NOT EXISTS ({_entry('charge')}))",
    ),
    Identity(
        "A job that waits was not sent, and one that was taken was",
        "SELECT j.id AS job, j.status, j.submitted_at AS submitted FROM jobs AS j WHERE"
        " (j.status IN ('cancelled', 'queued') AND j.submitted_at IS NOT NULL) OR (j.submitted_at IS NULL"
        " AND j.status IN ('delivering', 'done', 'running', 'submitting', 'unknown'))",
    ),
    Identity(
        "A job costs what the reply to its submission said",
        "SELECT j.id AS job, j.cost, b.id AS balance, b.cost AS said FROM balances AS b"
        " JOIN jobs AS j ON j.id = b.job_id JOIN entries AS r ON r.job_id = j.id AND r.kind = 'reserve'"
        f" WHERE r.id > {NEW} AND (b.cost <> j.cost OR (b.cost IS NULL) <> (j.cost IS NULL))",
    ),
    Identity(
        "A job says when and why it ended, and when it had its images; then nobody's roles matter",
        "SELECT j.id AS job, j.status, j.completed_at AS completed, j.ended_at AS ended, j.failure,"
        f" j.role_ids AS roles FROM jobs AS j WHERE (j.role_ids <> '' AND NOT ({_IS_HELD}))"
        f" OR (j.status IN {_ENDED}) <> (j.ended_at IS NOT NULL)"
        " OR (j.status IN ('cancelled', 'failed')) <> (j.failure IS NOT NULL)"
        " OR (j.status = 'cancelled' AND j.failure <> 'cancelled')"
        f" OR (j.completed_at IS NOT NULL) <> EXISTS ({_entry('charge')})",
    ),
    Identity(
        "A job asks for as many images as its options say",
        "SELECT j.id AS job, j.image_count AS asked, j.options FROM jobs AS j WHERE j.image_count < 1"
        " OR (j.options LIKE '%\"count\":%' AND j.options NOT LIKE '%\"count\":' || j.image_count || ',%'"
        " AND j.options NOT LIKE '%\"count\":' || j.image_count || '}%')"
        " OR (j.options NOT LIKE '%\"count\":%' AND j.image_count <> 1)",
    ),
    Identity(
        "A job has the sources that it was accepted with",
        f"SELECT j.id AS job, j.kind, j.source_count AS accepted, {_images('source')} AS sources"
        f" FROM jobs AS j WHERE j.deleted = 0 AND (j.source_count <> {_images('source')}"
        f" OR j.source_count <> COALESCE({_images('source', 'MAX(i.position)')}, 0)"
        f" OR (j.kind = 'generate' AND j.source_count <> 0) OR {_images('sheet', 'MAX(i.position)')} > 1"
        f" OR {_images('mask')} > 1 OR (j.kind = 'generate' AND {_images('mask')} > 0))",
    ),
    Identity(
        "As many images are on record as were charged",
        f"SELECT j.id AS job, j.status, COALESCE(e.images, 0) AS charged, {_images('result')} AS results"
        " FROM jobs AS j LEFT JOIN entries AS e ON e.job_id = j.id AND e.kind = 'charge'"
        f" WHERE j.deleted = 0 AND (COALESCE(e.images, 0) <> {_images('result')}"
        f" OR COALESCE(e.images, 0) <> COALESCE({_images('result', 'MAX(i.position)')}, 0))",
    ),
    Identity(
        "A deleted job has ended, and nothing is left of its prompt and images",
        "SELECT j.id AS job, j.status, length(j.prompt) AS prompt, (SELECT count(*) FROM images AS i"
        " WHERE i.job_id = j.id) AS images FROM jobs AS j WHERE j.deleted NOT IN (0, 1)"
        f" OR (j.deleted = 1 AND (j.prompt <> '' OR j.status NOT IN {_ENDED}"
        " OR EXISTS (SELECT 1 FROM images AS i WHERE i.job_id = j.id)))",
    ),
)
