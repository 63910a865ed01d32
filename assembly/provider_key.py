"""Whether jobs are under way that another key of the provider has sent: to this one they may look gone.

A key may be changed on purpose, so nothing is refused: the owner is told, while it matters.
"""

import asyncio

from config.settings import Settings
from domain.job import Status
from jobs.delivery.ports import Operator
from storage import facts, job_rows
from storage.database import Database
from storage.erasure_key import ErasureKey
from storage.tx import Tx

NAME = "provider_key"
SENT = (Status.SUBMITTING, Status.UNKNOWN, Status.RUNNING)


async def tell_of_another_key(settings: Settings, database: Database, operator: Operator) -> None:
    """Note which key this process has, and tell the owner if jobs are under way that another one has sent."""
    key = ErasureKey(settings.data_dir, settings.erasure_secret)
    mark = await asyncio.to_thread(key.mark_of, settings.pixeldojo_api_key)
    if sent := await database.run(_sent_by_another, mark):
        await operator.warn("another_key", count=sent)


def _sent_by_another(tx: Tx, mark: str) -> int:
    """Return how many jobs are under way if the key has changed since they were sent; note the key."""
    known = facts.fact(tx, NAME)
    if known == mark:
        return 0
    facts.set_fact(tx, NAME, mark)
    return 0 if known is None else sum(len(job_rows.with_status(tx, status)) for status in SENT)
