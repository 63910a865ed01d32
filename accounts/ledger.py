"""The five entries that a job's life makes, and the one that people make by hand."""

from domain.entries import Entry, EntryKind
from domain.job import Job
from storage import entries
from storage.tx import Tx


def reserve(tx: Tx, job: Job, *, at: int) -> bool:
    """Hold ``job.reserved`` thousandths; ``False`` if that was done before. ``at`` is Unix milliseconds."""
    return entries.append(tx, _entry(job, EntryKind.RESERVE, at=at, held=job.reserved))


def raise_hold(tx: Tx, job: Job, *, by: int, at: int) -> bool:
    """Hold ``by`` thousandths more than before: a job has turned out to cost so much more."""
    return entries.append(tx, _entry(job, EntryKind.RAISE, at=at, held=by))


def charge(tx: Tx, job: Job, *, amount: int, images: int, at: int) -> bool:
    """End the whole hold and book what ``images`` results cost; ``False`` if that was done before.

    ``amount`` is thousandths and never above what is held.
    """
    return entries.append(
        tx, _entry(job, EntryKind.CHARGE, at=at, held=-job.held, spent=amount, images=images)
    )


def release(tx: Tx, job: Job, *, cause: str, at: int) -> bool:
    """End the whole hold of a job that made no images; ``False`` if that was done before."""
    return entries.append(tx, _entry(job, EntryKind.RELEASE, at=at, held=-job.held, cause=cause))


def refund(tx: Tx, job: Job, *, amount: int, cause: str, at: int) -> bool:
    """Give ``amount`` thousandths of a job's charge back, with a cause."""
    return entries.append(tx, _entry(job, EntryKind.REFUND, at=at, spent=-amount, cause=cause))


def adjust(
    tx: Tx,
    *,
    guild_id: int,
    member_id: int,
    amount: int,
    cause: str,
    moderator_id: int,
    at: int,
    event: str | None = None,
) -> bool:
    """Correct a member's account by hand: a positive ``amount`` gives thousandths back, a negative takes."""
    entry = Entry(
        kind=EntryKind.ADJUST,
        guild_id=guild_id,
        member_id=member_id,
        at=at,
        spent=-amount,
        reason=cause,
        moderator_id=moderator_id,
        event=event,
    )
    return entries.append(tx, entry)


def _entry(
    job: Job,
    kind: EntryKind,
    *,
    at: int,
    held: int = 0,
    spent: int = 0,
    images: int = 0,
    cause: str = "",
) -> Entry:
    return Entry(
        kind=kind,
        key_id=job.key_id,
        guild_id=job.guild_id,
        member_id=job.member_id,
        at=at,
        held=held,
        spent=spent,
        images=images,
        model=job.model,
        job_id=job.id,
        cause=cause,
    )
