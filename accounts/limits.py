"""All that bounds what a job may spend, asked and told in the transaction that accepts it."""

from accounts import allowances, blocks, key_limit, notices
from accounts.allowances import Ceilings
from domain.errors import Reason, Refusal
from domain.job import OPERATOR_KEY, Job
from storage import job_rows
from storage.tx import Tx


def check(tx: Tx, job: Job, *, role_ids: tuple[int, ...], ceilings: Ceilings) -> None:
    """Refuse a new job that goes beyond a limit. ``role_ids`` are its member's.

    Raises
    ------
    Refusal
        The member is blocked, too many of their jobs wait, or an allowance or the key's day is spent.
    """
    blocks.check(tx, guild_id=job.guild_id, member_id=job.member_id, at=job.created_at)
    count = job_rows.count_waiting(tx, job.member_id)
    if ceilings.waiting is not None and count >= ceilings.waiting:
        raise Refusal(Reason.QUEUE_FULL, count=count)
    check_credits(tx, job, amount=job.reserved, role_ids=role_ids, ceilings=ceilings, at=job.created_at)


def check_credits(
    tx: Tx, job: Job, *, amount: int, role_ids: tuple[int, ...], ceilings: Ceilings, at: int
) -> None:
    """Refuse to hold so many more thousandths for a job at a moment.

    Raises
    ------
    Refusal
        An allowance, or what the operator's key may spend within a day, has no room for it.
    """
    allowances.check(
        tx,
        guild_id=job.guild_id,
        member_id=job.member_id,
        role_ids=role_ids,
        amount=amount,
        at=at,
        ceilings=ceilings,
    )
    if job.key_id == OPERATOR_KEY:
        key_limit.check(tx, key_id=job.key_id, amount=amount, limit=ceilings.key, at=at)


def tell(tx: Tx, job: Job, *, role_ids: tuple[int, ...], ceilings: Ceilings) -> None:
    """Have moderators told of limits that a job, just reserved, has nearly used up."""
    notices.due(
        tx,
        guild_id=job.guild_id,
        member_id=job.member_id,
        role_ids=role_ids,
        at=job.created_at,
        ceilings=ceilings,
    )
