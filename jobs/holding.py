"""Holding what a job is known to cost: learned from another job's answer, or from its own."""

from dataclasses import dataclass

from accounts import ledger, limits
from accounts.allowances import Ceilings
from domain.errors import Refusal
from domain.job import Job
from domain.limits import HOUR
from storage import job_rows, learned
from storage.tx import Tx

BELIEVED = 2
"""What costs more than so many times what was expected is not taken for the price until it does so again."""
DOUBTED_FOR = HOUR
"""Milliseconds for which nothing is sent all the same that its member could not pay at that price."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What an image of a job costs by the catalogue (thousandths), and the operator's limits for a raise."""

    each: int
    ceilings: Ceilings


def hold_for_submission(tx: Tx, job: Job, price: Price, *, at: int) -> tuple[Job, bool]:
    """Hold what a queued job is going to cost by now; ``False`` if no limit has room for it.

    Another job's answer may have shown a higher price since this one was accepted, be it one that is doubted.
    """
    known = learned.cost(tx, job.model, job.options)
    doubted = learned.doubted(tx, job.model, job.options, since=at - DOUBTED_FOR)
    each = max(price.each, known or 0, doubted or 0)
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
    if job.cost is not None:
        learn_cost(tx, job, job.cost, at=at)
    beyond = job.known_cost - job.held
    return job if beyond <= 0 else _raise(tx, job, by=beyond, at=at)


def is_beyond_belief(job: Job, cost: int) -> bool:
    """Tell whether a cost (thousandths) is so far above what is held that it may be a mistake."""
    return cost > BELIEVED * job.held


def learn_cost(tx: Tx, job: Job, cost: int, *, at: int) -> None:
    """Remember what a job costs (thousandths) by the provider's own words, where that says something new."""
    each = cost // job.options.images
    if is_beyond_belief(job, cost):
        learned.doubt_cost(tx, job.model, job.options, each=each, at=at)
    elif cost > job.held or learned.says_something(tx, job.model, job.options):
        learned.note_cost(tx, job.model, job.options, each=each)


def _raise(tx: Tx, job: Job, *, by: int, at: int) -> Job:
    ledger.raise_hold(tx, job, by=by, at=at)
    return job_rows.raise_reserved(tx, job.id, by=by) or job
