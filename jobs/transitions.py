"""The transitions of a job that touch money: each is one transaction function, row and ledger together."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from accounts import allowances, balance, blocks, ledger, limits
from accounts.allowances import Ceilings
from domain.errors import Reason, Refusal
from domain.images import Image, Role
from domain.job import HELD, Job, Rung, Status
from domain.request import Event, NewSource
from domain.views import Placed
from jobs.choices import rules
from jobs.holding import Price, hold_for_submission, hold_what_it_costs, learn_cost
from storage import (
    entries,
    erasures,
    events,
    facts,
    forgetting,
    images,
    job_rows,
    learned,
    ownership,
    stale_cards,
    styles,
    takedowns,
    unnamed,
)
from storage.facts import Took
from storage.tx import Tx

UNANSWERED = frozenset({Status.SUBMITTING, Status.UNKNOWN})
TWICE = 2_000
"""Milliseconds within which a member who presses Reroll twice is taken to have meant it once."""


def accept(
    tx: Tx,
    job: Job,
    sources: Sequence[Image],
    *,
    event: Event,
    role_ids: tuple[int, ...],
    ceilings: Ceilings,
    taken: Sequence[NewSource] = (),
    tries: bool = False,
    insists: bool = False,
) -> tuple[Job, bool]:
    """Check all limits, write job, sources and reserve; ``False`` if the event made one before.

    ``taken``: the sources as they were asked for. ``tries``: the job shall show whether its model, which had
    ended, is back.

    Raises
    ------
    Refusal
        The member is blocked, an allowance or the day's credits of the key are spent, too many of their jobs
        wait, the server does not allow it, or a kept source is just being deleted.
    """
    made = events.job_of(tx, event, member_id=job.member_id)
    if made is not None and (earlier := job_rows.get(tx, made)) is not None:
        return earlier, False
    if erasures.is_asked(tx, job.member_id):
        raise Refusal(Reason.BEING_ERASED)
    if not insists and job_rows.has_just_asked(tx, job, within=TWICE):
        raise Refusal(Reason.JUST_ASKED)
    limits.check(tx, job, role_ids=role_ids, ceilings=ceilings)
    job = rules.apply(tx, job, taken)
    if not all(unnamed.claim(tx, source.sha256) for source in sources if source.sha256 is not None):
        raise Refusal(Reason.SOURCES_NOT_KEPT)
    counting = allowances.that_count(tx, guild_id=job.guild_id, role_ids=role_ids)
    job_rows.insert(
        tx,
        job := replace(
            job, source_count=sum(image.role is Role.SOURCE for image in sources), role_ids=counting
        ),
    )
    events.add(tx, event, job)
    images.put(tx, sources)
    ownership.note(tx, job, taken)
    ledger.reserve(tx, job, at=job.created_at)
    if job.style is not None:
        styles.used(tx, job.guild_id, job.style.name, at=job.created_at)
    if tries:
        learned.tried(tx, job.model, job_id=job.id, at=job.created_at)
    limits.tell(tx, job, role_ids=role_ids, ceilings=ceilings)
    return job, True


def fail(tx: Tx, job_id: str, *, expect: Status, reason: Reason, at: int) -> Job | None:
    """End a job without images and release what it held; ``None`` if somebody else moved it first."""
    job = job_rows.move(tx, job_id, expect=expect, to=Status.FAILED, failure=reason, ended_at=at)
    if job is None:
        return None
    if reason is Reason.MODERATED:
        blocks.count_refusal(tx, job, at=at)
    if expect in HELD:
        ledger.release(tx, job, cause=reason, at=at)
    else:
        # Charged, but the files were lost before anybody had them: members pay for images they were given.
        _refund(tx, job, to=0, cause=reason, at=at)
    return job


def lose(tx: Tx, job_id: str, lost: Collection[Image], *, at: int) -> Job | None:
    """Note that files of a job are gone before it was delivered, and give back what those results cost.

    Returns the job, which has failed if no result is left; ``None`` if it has been delivered meanwhile.
    """
    job = job_rows.get(tx, job_id)
    if job is None or job.status is not Status.DELIVERING:
        return None
    images.put(tx, [replace(image, sha256=None) for image in lost])
    results = images.of_job(tx, job_id, Role.RESULT)
    left = sum(image.sha256 is not None for image in results)
    if not left:
        return fail(tx, job_id, expect=Status.DELIVERING, reason=Reason.RESULT_GONE, at=at)
    _refund(tx, job, to=-(-(job.charged or 0) * left // len(results)), cause=Reason.RESULT_GONE, at=at)
    return job_rows.get(tx, job_id)


def _refund(tx: Tx, job: Job, *, to: int, cause: Reason, at: int) -> None:
    """Give back what a job cost beyond ``to`` thousandths, as far as that was not done before."""
    amount = entries.spent_on(tx, [job.id]).get(job.id, 0) - to
    if amount > 0:
        ledger.refund(tx, job, amount=amount, cause=cause, at=at)


def cancel(tx: Tx, job_id: str, *, at: int) -> Job | None:
    """Withdraw a queued job at no cost; ``None`` if it is too late."""
    job = job_rows.move(
        tx, job_id, expect=Status.QUEUED, to=Status.CANCELLED, failure=Reason.CANCELLED, ended_at=at
    )
    if job is not None:
        ledger.release(tx, job, cause=Reason.CANCELLED, at=at)
    return job


def close(tx: Tx, job_id: str) -> None:
    """Note that a job's card shows its end: until then it shows the sources by their addresses."""
    job_rows.close_card(tx, job_id)
    images.wipe_urls(tx, job_id)


def begin_submit(tx: Tx, job_id: str, *, price: Price, at: int) -> Job | None:
    """Commit that the request is about to leave: from here on it is never sent again by itself.

    If it costs more by now than is held for it, so much is held; where no allowance has room for that, the
    job has failed; so it has if what it uses was withdrawn. ``None`` if somebody else moved it first.
    """
    job = job_rows.get(tx, job_id)
    if job is None or job.status is not Status.QUEUED:
        return None
    if (problem := rules.problem(tx, job)) is not None:
        return fail(tx, job_id, expect=Status.QUEUED, reason=problem, at=at)
    job, fits = hold_for_submission(tx, job, price, at=at)
    if not fits:
        return fail(tx, job_id, expect=Status.QUEUED, reason=Reason.PRICE_ROSE, at=at)
    return job_rows.move(
        tx, job_id, expect=Status.QUEUED, to=Status.SUBMITTING, submitted_at=at, secret=secrets.token_hex(16)
    )


def submitted(
    tx: Tx,
    job_id: str,
    *,
    provider_job_id: str,
    cost: int | None,
    remaining: int | None,
    at: int,
    secret: str | None = None,
) -> Job | None:
    """Store the provider's name for a job, before anything else happens (costs are thousandths).

    ``secret`` proves that this is the answer to the job's own request, though another process has parked it
    meanwhile. A name that another job of ours has is nobody's proof: the job is parked then, as if there were
    no answer.
    """
    named = job_rows.by_provider_id(tx, provider_job_id)
    if named is not None and named.id == job_id:
        # It was stored, and the disk said otherwise; or whoever works now has found it.
        return named
    job = _unanswered(tx, job_id, secret)
    if job is None:
        return None
    if named is not None:
        # Nor is its cost this one's.
        cost = None
        job = _park(tx, job)
    else:
        job = job_rows.move(
            tx,
            job_id,
            expect=job.status,
            to=Status.RUNNING,
            provider_job_id=provider_job_id,
            claim=None,
            cost=cost,
        )
        job = None if job is None else hold_what_it_costs(tx, job, at=at)
    if remaining is not None:
        balance.record_reply(tx, job_id=job_id, cost=cost, remaining=remaining, at=at)
    return job


def refused(tx: Tx, job_id: str, *, secret: str | None, reason: Reason, at: int) -> Job | None:
    """End a job that the provider did not take; ``None`` if this is not the answer to its request."""
    job = _unanswered(tx, job_id, secret)
    return None if job is None else fail(tx, job_id, expect=job.status, reason=reason, at=at)


def put_back(tx: Tx, job_id: str, *, secret: str | None) -> Job | None:
    """Let a job wait for its turn again that never reached the provider, or was not accepted.

    Another process may have parked it meanwhile. One that a webhook has named was taken, whatever was heard.
    """
    job = _unanswered(tx, job_id, secret)
    if job is None or job.claim is not None:
        return None
    return job_rows.move(tx, job_id, expect=job.status, to=Status.QUEUED, submitted_at=None, secret=None)


def _unanswered(tx: Tx, job_id: str, secret: str | None) -> Job | None:
    """Return a job whose request is not answered yet; without its ``secret``, only one that nobody parked."""
    job = job_rows.get(tx, job_id)
    if job is None or job.status not in UNANSWERED or (secret is not None and job.secret != secret):
        return None
    return job if secret is not None or job.status is Status.SUBMITTING else None


def _park(tx: Tx, job: Job) -> Job | None:
    if job.status is Status.UNKNOWN:
        return job
    return job_rows.move(tx, job.id, expect=Status.SUBMITTING, to=Status.UNKNOWN)


def claim(tx: Tx, secret: str, provider_job_id: str | None) -> Job | None:
    """Return the job whose webhook path this is, and note what the provider is said to call it.

    That matters while its submission is not answered, and must outlive a crash: nobody may say it again.
    """
    job = job_rows.by_secret(tx, secret)
    if job is None or provider_job_id is None or job.status not in UNANSWERED:
        return job
    if provider_job_id == job.claim:
        return job
    return job_rows.note_claim(tx, job.id, provider_job_id=provider_job_id)


def named(tx: Tx, job_id: str, *, provider_job_id: str, cost: int | None, at: int) -> Job | None:
    """Take up an unknown job that the provider knows under this name."""
    if job_rows.by_provider_id(tx, provider_job_id) is not None:
        return None
    job = job_rows.move(
        tx,
        job_id,
        expect=Status.UNKNOWN,
        to=Status.RUNNING,
        provider_job_id=provider_job_id,
        claim=None,
        cost=cost,
    )
    return None if job is None else hold_what_it_costs(tx, job, at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A job whose results, at most as many as ``asked``, are on disk.

    ``cost`` is the provider's for all that was asked, thousandths.
    """

    results: tuple[Image, ...]
    cost: int | None
    asked: int


def price(job: Job, finished: Finished) -> int:
    """Return what a member pays, in thousandths.

    A cost at the end that is below what the job was taken for is taken as it is; otherwise the earlier cost
    counts, in proportion to the images given. One above it is the operator's to look at (drift).
    """
    known = job.known_cost
    if finished.cost is not None and finished.cost < known:
        return finished.cost
    return -(-known * len(finished.results) // finished.asked)


def finish(tx: Tx, job_id: str, finished: Finished, *, took: Took | None, at: int) -> Job | None:
    """Charge a job whose images are on disk and hand it to delivery; ``None`` if somebody else did."""
    job = job_rows.get(tx, job_id)
    if job is None or job.status is not Status.RUNNING:
        return None
    amount = price(job, finished)
    job_rows.move(
        tx,
        job_id,
        expect=Status.RUNNING,
        to=Status.DELIVERING,
        completed_at=at,
        billed=finished.cost,
    )
    ledger.charge(tx, job, amount=amount, images=len(finished.results), at=at)
    if job.cost is None and finished.cost is not None:
        learn_cost(tx, job, finished.cost, at=at)
    learned.answered(tx, job.model, submitted_at=job.submitted_at or job.created_at, at=at)
    images.put(tx, finished.results)
    images.wipe_urls(tx, job_id)
    if took is not None:
        facts.add_duration(tx, took)
    return job_rows.get(tx, job_id)


def delivered(
    tx: Tx, job_id: str, *, rung: Rung, placed: Placed | None, note: str | None, collected: bool, at: int
) -> Job | None:
    """Note that a job has reached its member, or waits under /jobs (``placed`` is ``None``)."""
    job = job_rows.get(tx, job_id)
    if job is not None and job.hidden and placed is not None and placed.channel_id == job.channel_id:
        # Hidden while it was on its way there: it goes again, and waits for its member alone.
        takedowns.add(tx, [(placed.channel_id, placed.message_id)], at=at)
        forgetting.take_down_in_public(tx, job, at=at)
        job, rung, placed, collected = forgetting.hide(tx, job_id), Rung.KEPT, None, False
    if placed is None and job is not None:
        # Its card, where there is one, is to say where the result is, as soon as it can be edited.
        stale_cards.add(tx, job, place=job.card.place, at=at)
    if placed is not None:
        job_rows.place_card(
            tx, job_id, channel_id=placed.channel_id, message_id=placed.message_id, by_new_message=False
        )
    return job_rows.move(
        tx,
        job_id,
        expect=Status.DELIVERING,
        to=Status.DONE,
        rung=rung,
        ended_at=at,
        note=note,
        collected=collected,
        token=None,
    )
