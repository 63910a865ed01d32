"""What is open, for the operator: jobs, the key's day, blocks."""

from collections import Counter

from accounts import blocks
from accounts.allowances import Ceilings
from domain.job import OPERATOR_KEY
from domain.overview import Overview
from storage import holds, job_rows
from storage.tx import Tx

SERVERS = 10
"""Servers that are named, those with most open jobs."""


def overview(tx: Tx, *, at: int, ceilings: Ceilings) -> Overview:
    """Return what is open at a moment."""
    jobs = job_rows.all_open(tx)
    return Overview(
        statuses=Counter(str(job.status) for job in jobs),
        servers=dict(Counter(job.guild_id for job in jobs).most_common(SERVERS)),
        members=len({job.member_id for job in jobs}),
        held=holds.held(tx).held,
        used=holds.used_in_a_day(tx, key_id=OPERATOR_KEY, at=at),
        limit=ceilings.key,
        blocks=blocks.of_operator(tx, at=at),
    )
