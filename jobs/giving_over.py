"""The transition from a job whose model has ended to the one that goes on in its place, if one may."""

from dataclasses import dataclass

from accounts import ledger
from domain.errors import Reason
from domain.job import Job, Origin, Status, new_id
from domain.views import Successor
from jobs.transitions import fail
from storage import images, job_rows, learned, ownership
from storage.tx import Tx


@dataclass(frozen=True, slots=True)
class Seen:
    """A model that was seen dead; ``entry`` is what the catalogue says of it, if that is known."""

    entry: str | None


@dataclass(frozen=True, slots=True)
class GaveOver:
    """A job that ended because its model did, and the one that goes on in its place, if one may."""

    ended: Job
    follow_up: Job | None


def give_over(
    tx: Tx, job_id: str, *, expect: Status, successor: Successor | None, at: int, seen: Seen | None
) -> GaveOver | None:
    """End a job whose model has ended; one that may follow it by itself is accepted with it, once only.

    It may if it asks for the same and costs no more than was reserved: the hold moves, no allowance is
    asked. ``seen``: what there is to learn of the model, if this job's own failure shows that it has ended.
    ``None`` if somebody else moved the job first.
    """
    job = job_rows.get(tx, job_id)
    if job is None or job.status is not expect:
        return None
    if seen is not None:
        submitted = job.submitted_at or job.created_at
        learned.died(tx, job.model, submitted_at=submitted, at=at, entry=seen.entry)
    if successor is None or not follows_by_itself(job, successor):
        ended = fail(tx, job_id, expect=expect, reason=Reason.MODEL_GONE, at=at)
        return None if ended is None else GaveOver(ended, None)
    return _follow(tx, job, _follow_up(job, successor, at=at), at=at)


def _follow(tx: Tx, job: Job, follow_up: Job, *, at: int) -> GaveOver:
    """End a job and accept another in its place: the card and what it shows are the other's from here on."""
    ended = job_rows.move(
        tx,
        job.id,
        expect=job.status,
        to=Status.FAILED,
        failure=Reason.MODEL_GONE,
        ended_at=at,
        card_channel_id=None,
        card_id=None,
        token=None,
        prompt="",
        deleted=True,
        reminded=True,
    )
    ledger.release(tx, job, cause=Reason.MODEL_GONE, at=at)
    job_rows.insert(tx, follow_up)
    images.hand_over(tx, job.id, to=follow_up.id)
    ownership.hand_over(tx, job.id, to=follow_up.id)
    ledger.reserve(tx, follow_up, at=at)
    return GaveOver(ended or job, follow_up)


def follows_by_itself(job: Job, successor: Successor) -> bool:
    """Tell whether a job may go on with another model without asking its member."""
    return job.origin is not Origin.FOLLOW_UP and not successor.lacking and successor.cost <= job.reserved


def _follow_up(job: Job, successor: Successor, *, at: int) -> Job:
    return Job(
        id=new_id(),
        kind=job.kind,
        origin=Origin.FOLLOW_UP,
        guild_id=job.guild_id,
        channel_id=job.channel_id,
        member_id=job.member_id,
        model=successor.model,
        prompt=job.prompt,
        style=job.style,
        options=successor.options,
        status=Status.QUEUED,
        reserved=successor.cost,
        created_at=at,
        key_id=job.key_id,
        source_count=job.source_count,
        role_ids=job.role_ids,
        parent_id=job.id,
        follows=job.id,
        card=job.card,
        sources_ready=job.sources_ready,
        spoiler=job.spoiler,
        prompt_hidden=job.prompt_hidden,
    )
