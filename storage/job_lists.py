"""The list of a member's jobs: which are on it, and in what order. The rows themselves are ``job_rows``'."""

from domain.job import Status
from domain.job_filter import JobFilter
from storage import members
from storage.tx import Tx

PAGED = 1_000
"""Jobs of a member in one server that can be paged through: the newest, so that none reads all of them."""
SEARCHED = 1_000
"""Characters of a prompt that are searched: all jobs of a list have to be read for that."""
_OF_MEMBER = (
    "SELECT id FROM (SELECT id FROM jobs WHERE member = ? AND guild_id = ? AND deleted = 0"
    f" ORDER BY created_at DESC LIMIT {PAGED}) AS here"
    " UNION SELECT id FROM jobs WHERE member = ? AND collected = 0 AND deleted = 0"
)


def of_member(tx: Tx, *, member_id: int, guild_id: int, wanted: JobFilter) -> list[str]:
    """Return one member's jobs in a server, and what waits for them from anywhere; newest first."""
    member = members.find(tx, member_id)
    rows = tx.execute(
        f"SELECT id, status, collected, substr(prompt, 1, {SEARCHED}) FROM jobs WHERE id IN ({_OF_MEMBER})"
        " ORDER BY created_at DESC, id DESC",
        (member, guild_id, member),
    )
    return [
        str(job_id)
        for job_id, status, collected, prompt in rows
        if wanted.wants(Status(status), collected=bool(collected), prompt=prompt)
    ]
