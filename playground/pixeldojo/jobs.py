"""Jobs: what was asked, when it will be done, how it ended; and what the API says about it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from math import log
from random import Random
from typing import Any

from playground.pixeldojo.books import credits_of
from playground.pixeldojo.catalogue import Json, Model
from playground.pixeldojo.clock import iso, milliseconds
from playground.pixeldojo.faults import Fault

EDIT_MEDIAN = 35.0
GENERATION_MEDIAN = 20.0
SIGMA = 0.4
# The part of its life in which a job counts as waiting.
_WAITING_SHARE = 0.15


def duration(seed: int, number: int, *, edits: bool) -> float:
    """Return how many seconds the n-th job takes: log-normal, median 35 (edits) or 20, sigma 0.4."""
    median = EDIT_MEDIAN if edits else GENERATION_MEDIAN
    return Random(f"{seed}/duration/{number}").lognormvariate(log(median), SIGMA)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job failed, as the provider tells it; the message may quote the prompt.

    ``told``, where it is given, is passed on instead, whatever the shape.
    """

    code: str
    message: str
    told: object = None

    def view(self, shape: str) -> object:
        """Return it in a shape of the switch ``job_error_shape``; ``none`` says nothing."""
        if self.told is not None and shape != "none":
            return self.told
        known = {"code": self.code, "message": self.message}
        return {"string": self.message, "object": known, "list": [known]}.get(shape)


@dataclass(slots=True, eq=False)
class Job:
    """One booked submission. Moments are Unix seconds, spans seconds, cost thousandths of a credit.

    ``outcome`` is empty while it runs, then ``completed``, ``failed``, ``cancelled`` or ``expired``.
    ``ending`` is why it will fail if its model has ended.
    """

    number: int
    id: str
    model: Model
    body: Mapping[str, Any]
    cost: int
    created: float
    seconds: float
    expires: float
    fault: Fault
    ending: Failure | None = None
    edition: int = 0
    outcome: str = ""
    failure: Failure | None = None
    ended: float | None = None
    urls: list[str] = field(default_factory=list[str])
    due: bool = False
    made: list[bytes] | None = None
    timer: asyncio.TimerHandle | None = None

    @property
    def prompt(self) -> str:
        """Return its prompt."""
        return str(self.body["prompt"])

    @property
    def count(self) -> int:
        """Return how many images it was asked for."""
        return self.model.count_of(self.body)

    def status(self, now: float, running_words: list[str], failed_word: str) -> str:
        """Return the word for its state."""
        if self.outcome == "failed":
            return failed_word
        if self.outcome:
            return self.outcome
        return running_words[0 if now - self.created < self.seconds * _WAITING_SHARE else -1]


@dataclass(frozen=True, slots=True)
class Wording:
    """How jobs are told: the words for states and the shapes of results and errors."""

    running_words: list[str]
    failed_word: str
    result_shape: str
    error_shape: str

    def view(self, job: Job, now: float, refunded: int) -> Json:
        """Return a job as ``GET /jobs/{id}`` shows it."""
        view: Json = {
            "jobId": job.id,
            "status": job.status(now, self.running_words, self.failed_word),
            "creditCost": credits_of(job.cost - refunded),
            "expiresAt": iso(job.expires),
        }
        if job.outcome == "completed":
            view |= self._results(job.urls)
        if job.failure is not None and self.error_shape != "none":
            view["error"] = job.failure.view(self.error_shape)
        return view

    def _results(self, urls: list[str]) -> Json:
        if self.result_shape == "objects":
            return {"output": {"images": [{"url": url} for url in urls]}}
        if self.result_shape == "image" and urls:
            return {"output": {"image": urls[0]}}
        if self.result_shape == "assets":
            return {"assets": [{"url": url} for url in urls]}
        return {"output": {"images": urls}}


def listed(view: Json, job: Job, *, whole: bool) -> Json:
    """Return a job as a line of ``GET /jobs``, whose true shape is not public.

    Unless ``whole``, the line says how the job ended, but not with which results or why.
    """
    kept = {name: value for name, value in view.items() if whole or name in {"jobId", "status"}}
    return {**kept, "model": job.model.api_id, "prompt": job.prompt, "createdAt": iso(job.created)}


def overview(job: Job, status: str, now: float) -> Json:
    """Return a job as ``/control/state`` shows it."""
    return {
        "id": job.id,
        "model": job.model.api_id,
        "status": status,
        "prompt": job.prompt,
        "images": job.count,
        "results": job.urls,
        "cost": credits_of(job.cost),
        "seconds_left": 0 if job.outcome else round(max(0.0, job.created + job.seconds - now), 2),
        "failure": None if job.failure is None else job.failure.message,
    }


def book_lines(jobs: Iterable[Job], refunds: Mapping[str, int], status_of: Mapping[str, str]) -> list[Json]:
    """Return every job as a line of ``/control/books``, oldest first."""
    return [
        {
            "job": job.id,
            "cost": credits_of(job.cost),
            "refunded": credits_of(refunds[job.id]),
            "at": milliseconds(job.created),
            "status": status_of[job.id],
            "prompt_sha256": sha256(job.prompt.encode()).hexdigest(),
        }
        for job in jobs
    ]
