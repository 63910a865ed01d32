"""What ``--verify`` checks of whatever names something else: it is there, and it is the right one."""

from domain.usage import SERVER
from storage.identities import Identity


def _lost(table: str, column: str, target: str, key: str) -> str:
    """Return a query for the rows of a table whose column names nothing."""
    return (
        f"SELECT '{table}.{column}' AS place, CAST(t.{column} AS TEXT) AS name FROM {table} AS t"
        f" WHERE t.{column} IS NOT NULL AND NOT EXISTS"
        f" (SELECT 1 FROM {target} AS there WHERE there.{key} = t.{column})"
    )


def _twice(column: str) -> str:
    return (
        f"SELECT '{column}' AS what, {column} AS name, count(*) AS jobs FROM jobs"
        f" WHERE {column} IS NOT NULL GROUP BY {column} HAVING count(*) > 1"
    )


_JOBS = (
    ("aliases", "job_id"),
    ("wishes", "job_id"),
    ("images", "job_id"),
    ("messages", "job_id"),
    ("balances", "job_id"),
    ("suspects", "job_id"),
    ("refusals", "job_id"),
    ("jobs", "parent_id"),
    ("jobs", "follows"),
)
_MEMBERS = (("jobs", "member"), ("wishes", "member"), ("refusals", "member"), ("blocks", "set_by"))
_KEYS = ("jobs", "entries", "balances", "drifts", "learned")

LINKS = (
    Identity(
        "Whatever names a job leads to one",
        " UNION ALL ".join(_lost(table, column, "jobs", "id") for table, column in _JOBS),
    ),
    Identity(
        "Whatever names a member, or a key, leads to one",
        " UNION ALL ".join(
            [
                *(_lost(table, column, "members", "surrogate") for table, column in _MEMBERS),
                *(
                    f"{_lost(table, 'member', 'members', 'surrogate')} AND t.member <> {SERVER}"
                    for table in ("usage", "blocks")
                ),
                *(_lost(table, "key_id", "keys", "id") for table in _KEYS),
                _lost("suspects", "drift_id", "drifts", "id"),
                _lost("balances", "last_entry", "entries", "id") + " AND t.last_entry > 0",
            ]
        ),
    ),
    Identity(
        "A balance is told to the key of its job",
        "SELECT b.id AS balance, b.key_id AS told, j.id AS job, j.key_id AS used FROM balances AS b"
        " JOIN jobs AS j ON j.id = b.job_id WHERE b.key_id <> j.key_id",
    ),
    Identity(
        "Two jobs never have one name at the provider, one secret or one predecessor",
        " UNION ALL ".join(map(_twice, ("provider_job_id", "secret", "follows"))),
    ),
    Identity(
        "A job has one other name, as it was asked for once",
        "SELECT job_id AS job, count(*) AS names FROM aliases GROUP BY job_id HAVING count(*) > 1",
    ),
    Identity(
        "A wish is its member's, and the only one of its job",
        "SELECT w.message_id AS message, w.n, w.job_id AS job, w.member, j.member AS asked FROM wishes AS w"
        " JOIN jobs AS j ON j.id = w.job_id WHERE w.member <> j.member UNION ALL"
        " SELECT MAX(message_id), MAX(n), job_id, MAX(member), count(*) FROM wishes GROUP BY job_id"
        " HAVING count(*) > 1",
    ),
    Identity(
        "No job comes from itself",
        "SELECT id AS job FROM jobs WHERE id = parent_id OR id = follows",
    ),
    Identity(
        "A follow-up takes over for the same member what ended with its model",
        "SELECT f.id AS job, f.origin, f.parent_id AS parent, f.follows, j.status, j.failure, j.member"
        " FROM jobs AS f LEFT JOIN jobs AS j ON j.id = f.follows WHERE (f.origin = 'follow_up') <>"
        " (f.follows IS NOT NULL) OR (f.follows IS NOT NULL AND (COALESCE(f.parent_id, '') <> f.follows"
        " OR j.member <> f.member OR j.guild_id <> f.guild_id OR j.key_id <> f.key_id"
        " OR j.status <> 'failed' OR j.failure <> 'model_gone'))",
    ),
    Identity(
        "A file that is being deleted has no name",
        "SELECT u.sha256 AS file, i.job_id AS job FROM unnamed_files AS u"
        " JOIN images AS i ON i.sha256 = u.sha256 WHERE u.going <> 0",
    ),
)
