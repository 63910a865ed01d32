"""Holding what a job is known to cost: learned from another job's answer, or from its own."""

from dataclasses import dataclass

from accounts import ledger, limits
from accounts.allowances import Ceilings
from domain.errors import Refusal
from domain.job import Job
from storage import job_rows, learned
from storage.database import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What an image of a job costs by the catalogue (thousandths), and the operator's limits for a raise."""

    each: int
    ceilings: Ceilings


def hold_for_submission(tx: Tx, job: Job, price: Price, *, at: int) -> tuple[Job, bool]:
    """Hold what a queued job is going to cost by now; ``False`` if no limit has room for it.

    Another job's answer may have shown a higher price since this one was accepted.
    """
    each = max(price.each, learned.cost(tx, job.model, job.options) or 0)
    beyond = each * job.options.images - job.held
    if beyond <= 0:
        return job, True
    fits = _fits(tx, job, beyond=beyond, ceilings=price.ceilings, at=at)
    return _raise(tx, job, by=beyond, at=at), fits


def _fits(tx: Tx, job: Job, *, beyond: int, ceilings: Ceilings, at: int) -> bool:
    try:
        limits.check_credits(tx, job, amount=beyond, role_ids=job.role_ids, ceilings=ceilings, at=at)
    except Refusal:
        return False
    return True


def hold_what_it_costs(tx: Tx, job: Job, *, at: int) -> Job:
    """Hold at least what the provider said of a job that it took: whoever is accepted next finds less left.

    Jobs that wait learn of it when their own turn comes.
    """
    known = learned.cost(tx, job.model, job.options)
    if job.cost is not None and (known is not None or job.cost > job.held):
        learned.note_cost(tx, job.model, job.options, each=job.cost // job.options.images)
    beyond = job.known_cost - job.held
    return job if beyond <= 0 else _raise(tx, job, by=beyond, at=at)


def _raise(tx: Tx, job: Job, *, by: int, at: int) -> Job:
    ledger.raise_hold(tx, job, by=by, at=at)
    return job_rows.raise_reserved(tx, job.id, by=by) or job
