"""Who may not ask: blocks by the operator and by managers, and pauses by the provider's safety check."""

from domain.announcements import TO_OPERATOR, Topic, Values
from domain.blocks import (
    EVERYBODY,
    EVERYWHERE,
    FORGIVEN_AFTER,
    REFUSALS_BEFORE_A_PAUSE,
    REFUSALS_IN,
    AfterRefusal,
    Block,
    Cause,
    pause_of,
)
from domain.errors import Reason, Refusal
from domain.job import Job
from domain.limits import DAY
from domain.periods import day_of
from storage import announcements, blocks, facts, refusals
from storage.tx import Tx

FOR_EVER = 2**62
SUMMED_UP = "refusals_summed_up"
"""The last day whose refusals the operator was told of."""
LISTED = 20
"""Blocks that a list shows, newest first."""


def check(tx: Tx, *, guild_id: int, member_id: int, at: int, new: bool = True) -> None:
    """Refuse a member who may not ask in a server at a moment. Of several blocks the one that lasts speaks.

    Parameters
    ----------
    new
        Whether they ask for something new: what was accepted before a general pause goes on.

    Raises
    ------
    Refusal
        With ``until`` (Unix milliseconds, 0: nobody knows) and ``why`` (may be empty).
    """
    found = blocks.bearing_on(tx, guild_id=guild_id, member_id=member_id, at=at)
    bearing = [block for block in found if new or not block.of_all]
    if bearing:
        worst = max(bearing, key=lambda block: FOR_EVER if block.until is None else block.until)
        raise Refusal(_reason(worst), until=worst.until or 0, why=worst.reason or "")


def _reason(block: Block) -> Reason:
    if block.cause is Cause.SAFETY:
        return Reason.SAFETY_PAUSE
    if block.cause is Cause.MANAGER:
        return Reason.BLOCKED_HERE
    if block.of_all:
        return Reason.PAUSED
    return Reason.SERVER_BLOCKED if block.member_id == EVERYBODY else Reason.MEMBER_BLOCKED


def block(tx: Tx, wanted: Block) -> None:
    """Block somebody, in the place of what the same people said of them before."""
    blocks.put(tx, wanted)


def lift(tx: Tx, *, guild_id: int, member_id: int, by: Cause, at: int) -> list[Block]:
    """End what managers, or the operator, have set; the operator also ends pauses by the safety check."""
    causes = [by] if by is Cause.MANAGER else [by, Cause.SAFETY]
    return blocks.lift(tx, guild_id=guild_id, member_id=member_id, causes=causes, at=at)


def of_server(tx: Tx, *, guild_id: int, at: int) -> list[Block]:
    """Return the newest blocks by a server's managers."""
    return blocks.of_server(tx, guild_id=guild_id, at=at, limit=LISTED)


def of_operator(tx: Tx, *, at: int) -> list[Block]:
    """Return the newest blocks and pauses that no manager has set."""
    return blocks.of_operator(tx, at=at, limit=LISTED)


def count_refusal(tx: Tx, job: Job, *, at: int) -> None:
    """Count a job that the safety check refused; a member's third in ten minutes pauses them everywhere."""
    refusals.note(tx, job_id=job.id, member_id=job.member_id, at=at)
    before = blocks.get(tx, guild_id=EVERYWHERE, member_id=job.member_id, cause=Cause.SAFETY)
    # What led to a pause leads to no other.
    since = max(at - REFUSALS_IN, before.since if before is not None else 0)
    count = refusals.of_member(tx, member_id=job.member_id, since=since, up_to=at)
    if count >= REFUSALS_BEFORE_A_PAUSE:
        _pause(tx, job, before, count=count, at=at)


def _pause(tx: Tx, job: Job, before: Block | None, *, count: int, at: int) -> None:
    ended = before.until if before is not None and before.until is not None else 0
    strikes = before.strikes + 1 if before is not None and at - ended < FORGIVEN_AFTER else 1
    pause = Block(
        member_id=job.member_id,
        cause=Cause.SAFETY,
        since=at,
        until=max(ended, at + pause_of(strikes)),
        strikes=strikes,
    )
    blocks.put(tx, pause)
    announcements.add(
        tx,
        guild_id=job.guild_id,
        topic=Topic.PAUSED,
        values={"member": job.member_id, "count": count, "until": pause.until or 0},
        at=at,
    )


def after_refusal(tx: Tx, job: Job) -> AfterRefusal:
    """Return what a job that the safety check refused means for its member."""
    at = job.ended_at or 0
    found = blocks.get(tx, guild_id=EVERYWHERE, member_id=job.member_id, cause=Cause.SAFETY)
    if found is not None and found.until is not None and found.since <= at < found.until:
        return AfterRefusal(paused_until=found.until)
    count = refusals.of_member(tx, member_id=job.member_id, since=at - REFUSALS_IN, up_to=at)
    return AfterRefusal(next_pauses=count == REFUSALS_BEFORE_A_PAUSE - 1)


def sum_up(tx: Tx, *, at: int) -> None:
    """Have the operator told, once a day, how many jobs were refused on the day before."""
    today = day_of(at)
    last = facts.fact(tx, SUMMED_UP)
    if last is not None and int(last) >= today - 1:
        return
    found = refusals.between(tx, start=(today - 1) * DAY, end=today * DAY)
    if found.jobs:
        values: Values = {"jobs": found.jobs, "members": found.members, "day": (today - 1) * DAY}
        announcements.add(tx, guild_id=TO_OPERATOR, topic=Topic.REFUSALS, values=values, at=at)
    facts.set_fact(tx, SUMMED_UP, str(today - 1))
    refusals.forget(tx, before=(today - 1) * DAY)
