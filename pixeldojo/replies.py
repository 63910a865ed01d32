"""What the provider says about jobs: the reply to a submission, a job's status, the list of jobs."""

import re
from dataclasses import dataclass, field
from typing import Final

from pixeldojo.echoes import Asked
from pixeldojo.errors import JobDenied, UnreadableReply
from pixeldojo.failures import NOTHING, classify_failure
from pixeldojo.kinds import Failure, State
from pixeldojo.listed import Echo, next_page, read_echo
from pixeldojo.refusals import read_asked, submission_error
from pixeldojo.wire import (
    Flaw,
    Json,
    Reply,
    items,
    link,
    member,
    moment,
    read_json,
    skim,
    text,
    thousandths,
    token,
)

MAX_IMAGES: Final = 64
"""Results of one job that are read; the models make at most four."""
MAX_JOBS: Final = 1000
"""Jobs of one list that are read."""

_COMPLETED: Final = frozenset(
    {"completed", "complete", "succeeded", "success", "successful", "done", "finished", "ready"}
)
_NAMES: Final = ("jobId", "job_id", "id")
_FAILED: Final = frozenset({"failed", "error", "cancelled", "canceled"})
_OUT_OF_TIME: Final = frozenset({"expired", "timeout"})
_STATUS_URL = re.compile(r".*/jobs/([^/?#]+)/?")


@dataclass(frozen=True, slots=True)
class Submitted:
    """A submission that the provider took.

    Credits are in thousandths of a credit, ``expires_at`` in Unix milliseconds.
    """

    job_id: str
    credit_cost: int | None = None
    credits_remaining: int | None = None
    expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class JobReply:
    """Where a job is.

    ``images`` are the addresses of its results, in order and without repetition. A failed job has none, a
    completed one may not show them yet; one that is said to be running may already show some. Credits are in
    thousandths of a credit, ``expires_at`` in Unix milliseconds.
    """

    job_id: str
    state: State
    images: tuple[str, ...] = field(default=(), repr=False)
    failure: Failure | None = None
    credit_cost: int | None = None
    credits_remaining: int | None = None
    expires_at: int | None = None
    echo: Echo = field(default_factory=Echo)


def read_submitted(reply: Reply, *, asked: Asked = NOTHING) -> Submitted:
    """Read the reply to a submission; ``asked`` is what it asked for, since errors echo it.

    A job id makes it a success under any status that does not plainly refuse: provider.md's 202 and
    200, but also a 429 or a 5xx, since the job exists and asking about it again is free.

    Raises
    ------
    PixelDojoError
        Every other reply, by `submission_error`.
    """
    if reply.status < 300 or reply.status == 429 or reply.status >= 500:
        submitted = _submitted(reply)
        if submitted is not None:
            return submitted
    raise submission_error(reply, asked=asked)


def _submitted(reply: Reply) -> Submitted | None:
    try:
        told = _job_object(skim(reply.body) if reply.flaw is Flaw.TOO_LONG else read_json(reply.body))
    except UnreadableReply:
        return None
    job_id = _job_id(told)
    if job_id is None:
        return None
    return Submitted(
        job_id=job_id,
        credit_cost=thousandths(member(told, "creditCost", "credit_cost")),
        credits_remaining=thousandths(member(told, "creditsRemaining", "credits_remaining")),
        expires_at=moment(member(told, "expiresAt", "expires_at")),
    )


def read_job(reply: Reply, job_id: str, *, asked: Asked = NOTHING) -> JobReply:
    """Read the reply to a question about one job; ``asked`` is what it was asked for, if that is known.

    Raises
    ------
    JobDenied
        It is an error that does not name the job.
    UnreadableReply
        It is no JSON object, or speaks of another job.
    PixelDojoError
        Every status but 2xx, by `read_asked`.
    """
    told = _job_object(_told_of_job(reply))
    named = _job_id(told)
    status = member(told, "status", "state")
    if named is None and not isinstance(status, str):
        raise UnreadableReply("it is no job")
    if named not in (None, job_id):
        raise UnreadableReply("it is about another job")
    if named is None and _word(told) in _FAILED | _OUT_OF_TIME:
        raise JobDenied
    return _job(told, job_id, asked=asked)


def _told_of_job(reply: Reply) -> Json:
    if reply.flaw is Flaw.TOO_LONG and 200 <= reply.status < 300:
        return skim(reply.body)
    return read_asked(reply, gone=JobDenied())


@dataclass(frozen=True, slots=True)
class JobList:
    """One page of recent jobs; ``more`` is the query of the next page, if there is one."""

    jobs: list[JobReply]
    more: str | None = None


def read_jobs(reply: Reply) -> JobList:
    """Read a page of the list of recent jobs; absence from it proves nothing.

    Raises
    ------
    UnreadableReply
        It is no list, or nothing in it can be read (its shape is not public).
    PixelDojoError
        Every status but 2xx, by `read_asked`.
    """
    told = read_asked(reply, gone=UnreadableReply("there is no list of jobs"))
    listed = told if isinstance(told, list) else member(told, "jobs", "data", "items", "results")
    if not isinstance(listed, list):
        raise UnreadableReply("it is no list of jobs")
    named = [(_job_id(entry), entry) for entry in listed[:MAX_JOBS]]
    jobs = [_job(entry, job_id) for job_id, entry in named if job_id is not None]
    if listed and not jobs:
        raise UnreadableReply("it is no list of jobs")
    return JobList(jobs, next_page(told) if jobs else None)


def _job_object(told: Json) -> Json:
    """Unwrap ``{"job": {…}}`` and ``{"data": {…}}``."""
    inner = member(told, "job", "data")
    return inner if _job_id(told) is None and isinstance(inner, dict) else told


def named_in(body: bytes) -> str | None:
    """Return the job that a webhook's body names; its shape is not public, it may well be unreadable."""
    try:
        return token(member(read_json(body), *_NAMES))
    except UnreadableReply:
        return None


def _job_id(told: Json) -> str | None:
    named = token(member(told, *_NAMES))
    if named is not None:
        return named
    address = member(told, "statusUrl", "status_url")
    last = _STATUS_URL.fullmatch(address) if isinstance(address, str) else None
    return token(last[1]) if last else None


def _job(told: Json, job_id: str, *, asked: Asked = NOTHING) -> JobReply:
    state, images, failure = _outcome(told, asked)
    return JobReply(
        job_id=job_id,
        state=state,
        images=images,
        failure=failure,
        credit_cost=thousandths(member(told, "creditCost", "credit_cost")),
        credits_remaining=thousandths(member(told, "creditsRemaining", "credits_remaining")),
        expires_at=moment(member(told, "expiresAt", "expires_at")),
        echo=read_echo(told),
    )


def _outcome(told: Json, asked: Asked) -> tuple[State, tuple[str, ...], Failure | None]:
    status = _word(told)
    if status in _OUT_OF_TIME:
        # Whatever it says of itself: "took too long" is no word about the input.
        return State.FAILED, (), Failure.PROVIDER
    if status in _FAILED:
        return State.FAILED, (), classify_failure(_error(told), asked=asked)
    return State.COMPLETED if status in _COMPLETED else State.RUNNING, _images(told), None


def _word(told: Json) -> str:
    return text(member(told, "status", "state"), longest=60).strip().lower()


def _error(told: Json) -> Json:
    names = ("error", "errors", "message", "detail", "failureReason", "reason")
    return [member(told, name) for name in names]


def _images(told: Json) -> tuple[str, ...]:
    """Return the results of the first place that has any."""
    output = member(told, "output", "result")
    places = (
        member(output, "images"),
        member(output, "image"),
        member(told, "assets"),
        member(output, "assets"),
        output,
        member(told, "images"),
    )
    # What a job was given is no result of it, wherever it is shown.
    given = frozenset(read_echo(told).sources)
    found = (tuple(url for url in _links(place) if url not in given) for place in places)
    return next((images for images in found if images), ())


def _links(place: Json) -> tuple[str, ...]:
    entries = items(place) or [place]
    links = (link(entry) or link(member(entry, "url")) for entry in entries[:MAX_IMAGES])
    return tuple(dict.fromkeys(address for address in links if address is not None))
