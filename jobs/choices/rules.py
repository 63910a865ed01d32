"""A server's rules for what is made there: asked when a job is accepted, and again before it is sent."""

from collections.abc import Sequence
from dataclasses import replace

from domain.errors import Reason, Refusal
from domain.job import Job, Spoiler
from domain.request import NewSource
from domain.words import forbids
from storage import ownership, server_settings
from storage.tx import Tx


def apply(tx: Tx, job: Job, taken: Sequence[NewSource]) -> Job:
    """Return a new job as its server lets it be shown. ``taken`` are its sources as they were asked for.

    Raises
    ------
    Refusal
        Its words are not allowed there.
    """
    chosen = server_settings.of(tx, job.guild_id)
    if (forbidden := _forbidden(chosen.words, job)) is not None:
        raise Refusal(forbidden)
    spoiler = Spoiler.RESULTS if chosen.spoilers else Spoiler.NONE
    if any(source.spoiler or ownership.is_spoiler(tx, source) for source in taken):
        spoiler = Spoiler.ALL
    return replace(job, spoiler=spoiler, prompt_hidden=chosen.prompts_hidden)


def problem(tx: Tx, job: Job) -> Reason | None:
    """Return why a job that waits may not be submitted any more: somebody took back or forbade meanwhile."""
    forbidden = _forbidden(server_settings.of(tx, job.guild_id).words, job)
    return ownership.problem(tx, job) if forbidden is None else forbidden


def _forbidden(words: tuple[str, ...], job: Job) -> Reason | None:
    """Return whose words are not allowed: a member can do nothing about those of a style."""
    if not forbids(words, job.prompt):
        return None
    if job.style is None or forbids(words, job.words) or not forbids(words, job.style.own_in(job.prompt)):
        return Reason.WORDS_NOT_ALLOWED
    return Reason.STYLE_NOT_ALLOWED
