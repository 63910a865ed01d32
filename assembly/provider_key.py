"""What is odd about the key of the provider is told at the start, before a member's job finds it out.

That the provider refuses it; that jobs are under way which another key has sent: to this one they may look
gone. A key may be changed on purpose, and a provider may be wrong, so nothing is refused.
"""

import asyncio

from assembly.parts import Parts
from config.settings import Settings
from domain.job import Status
from jobs.delivery.ports import Operator
from pixeldojo.errors import InvalidKey, PixelDojoError
from scheduling.calls import Call
from storage import facts, job_rows
from storage.database import Database
from storage.erasure_key import ErasureKey
from storage.tx import Tx

NAME = "provider_key"
AGAIN = 5.0
"""Seconds until a refusal is doubted: one wrong answer says nothing."""
SENT = (Status.SUBMITTING, Status.UNKNOWN, Status.RUNNING)


async def tell_of_another_key(settings: Settings, database: Database, operator: Operator) -> None:
    """Note which key this process has, and tell the owner if jobs are under way that another one has sent."""
    key = ErasureKey(settings.data_dir, settings.erasure_secret)
    mark = await asyncio.to_thread(key.mark_of, settings.pixeldojo_api_key)
    if sent := await database.run(_sent_by_another, mark):
        await operator.warn("another_key", count=sent)


async def look_at_key(parts: Parts) -> None:
    """Ask for the list of jobs, which needs a key, and tell the owner if it is refused twice with 401."""
    if await _is_refused(parts):
        await parts.clock.sleep(AGAIN)
        if await _is_refused(parts):
            await parts.outside.operator.warn("invalid_key")


async def _is_refused(parts: Parts) -> bool:
    try:
        with await parts.scheduler.permit(Call.LIST):
            await parts.outside.client.jobs()
    except InvalidKey as error:
        # Where 403 stands for a list that an account does not have, jobs may be taken all the same.
        return error.status == 401
    except PixelDojoError:
        # That list is not promised; of trouble the catalogue tells.
        return False
    return False


def _sent_by_another(tx: Tx, mark: str) -> int:
    """Return how many jobs are under way if the key has changed since they were sent; note the key."""
    known = facts.fact(tx, NAME)
    if known == mark:
        return 0
    facts.set_fact(tx, NAME, mark)
    return 0 if known is None else sum(len(job_rows.with_status(tx, status)) for status in SENT)
