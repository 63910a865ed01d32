"""A provider in memory: the methods of the client, its own books, and every way of going wrong."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

from pixeldojo.catalogue import Catalogue, ModelDescription, ModelEntry
from pixeldojo.download import Fetched
from pixeldojo.errors import (
    FetchFailed,
    InvalidKey,
    JobDenied,
    ModelGone,
    OutOfCredits,
    PixelDojoError,
    RateLimited,
    Refused,
    ResultGone,
    Unanswered,
    Unavailable,
    UnreadableReply,
)
from pixeldojo.kinds import Failure, State
from pixeldojo.listed import Echo
from pixeldojo.replies import JobList, JobReply, Submitted
from tests.jobs.drawings import result_bytes
from tests.jobs.kill_points import KillPoints, SimulatedClock

COST = 4_000
MODELS = ("gpt-image-1-5-edit", "gpt-image-2-edit", "gpt-image-1-5", "gpt-image-2")
REFUSALS: dict[str, Callable[[], PixelDojoError]] = {
    "moderated": lambda: Refused(Failure.MODERATION, status=422),
    "bad_input": lambda: Refused(Failure.BAD_INPUT, status=400),
    "no_credits": OutOfCredits,
    "bad_key": lambda: InvalidKey(401),
    "model_gone": ModelGone,
    "unavailable": lambda: Unavailable("nobody there"),
    "rate_limited": lambda: RateLimited(2.0),
    "rate_limited_bare": lambda: RateLimited(None),
}
"""Replies to a submission that take nothing."""
DOUBTS: dict[str, Callable[[], PixelDojoError]] = {
    "html_404": lambda: Unavailable("HTTP 404 without a word of the API"),
    "denied": JobDenied,
    "error_without_a_name": JobDenied,
    "another_jobs": lambda: UnreadableReply("it is about another job"),
}
"""Answers about a job that say no and do not mean it."""
UNTIDY = (*DOUBTS, "completed_without_output", "a_new_word", "a_past_stamp")
OUTCOMES = ("completed", "fewer", "failed", "moderated", "no_images", "vanish", "stuck")
LISTED = 20
"""Jobs on one page of the list."""
LATENCY = 0.2
"""Seconds that a request takes each way."""


@dataclass
class Run:
    """One job in the provider's books: ``cost`` and ``refunded`` are thousandths."""

    id: str
    model: str
    prompt: str
    webhook_url: str | None
    image_urls: tuple[str, ...]
    asked: int
    cost: int
    began: int
    ends: int
    outcome: str
    size: int
    refunded: int = 0
    told: list[str] = field(default_factory=list[str])

    @property
    def images(self) -> int:
        return {"completed": self.asked, "fewer": max(1, self.asked - 1)}.get(self.outcome, 0)

    @property
    def echo(self) -> Echo:
        """What the list says of the request, without its webhook."""
        return Echo(
            model=self.model,
            created_at=self.began,
            prompt=self.prompt,
            sources=self.image_urls,
            count=self.asked,
        )

    @property
    def secret(self) -> str:
        return (self.webhook_url or "").rpartition("/")[2]


class ModelProvider:
    """PixelDojo's books and moods. ``poke`` is where its webhooks go."""

    def __init__(self, *, clock: SimulatedClock, kill_points: KillPoints) -> None:
        self._clock = clock
        self._kill_points = kill_points
        self._numbers = count(1)
        self.runs: dict[str, Run] = {}
        self.poke: Callable[[str, str | None], Awaitable[bool]] | None = None
        self.observe: Callable[..., None] = lambda **_told: None
        self.may_fetch: Callable[[str], bool] = lambda _url: True
        self.whose: Callable[[str], str] = lambda secret: secret
        """Whose job a secret belongs to, by our books at the moment in which the request arrives."""
        self.made_by: dict[str, str] = {}
        """By run: the job that it was submitted for."""
        self.unreachable: list[str] = []
        """Source addresses that were sent and could not be fetched."""
        self.spoilt: set[str] = set()
        """Runs whose results were asked for when the provider served them no more."""
        # Moods
        self.faults: list[str] = []
        """What befalls the next submissions: a refusal, ``lost_before``, ``lost_after``, ``slow`` or ``ok``."""
        self.doubts: list[str] = []
        """What is said in place of answers about jobs, in turns, for a while."""
        self.doubtful_until = 0
        self.outcomes: list[str] = []
        self.fetch_faults: list[str] = []
        self.seconds = 30.0
        self.size = 100
        self.surcharge = 0
        self.webhooks = "on"
        self.listing = "full"
        self.storm_until = 0
        self.down = False
        self.balance = 10**9

    # The client's methods

    async def submit(self, model: str, body: Mapping[str, Any]) -> Submitted:
        fault = self.faults.pop(0) if self.faults else "ok"
        await self._travel()
        if self.down:
            raise Unavailable("down")
        self._check_storm()
        if fault in REFUSALS:
            error = REFUSALS[fault]()
            self._tell(error)
            raise error
        if fault == "lost_before":
            raise Unanswered("reset")
        run = self._book(model, body)
        self._kill_points.touch()
        await self._travel(20.0 if fault in {"slow", "silence"} else LATENCY)
        if fault in {"lost_after", "silence"}:
            raise Unanswered("no answer")
        return Submitted(job_id=run.id, credit_cost=run.cost, credits_remaining=self.balance)

    async def job(self, job_id: str, *, asked: object = None) -> JobReply:
        await self._ask()
        if job_id not in self.runs or self.runs[job_id].outcome == "vanish":
            raise JobDenied
        return self._doubtful(self._reply(self.runs[job_id]))

    def _doubtful(self, reply: JobReply) -> JobReply:
        """Return an answer, or while there are doubts what an untidy provider says in its place."""
        if not self.doubts or self._clock.true() > self.doubtful_until:
            return reply
        doubt = self.doubts[len(self.runs) % len(self.doubts)]
        self.doubts = [*self.doubts[1:], self.doubts[0]]
        if doubt in DOUBTS:
            raise DOUBTS[doubt]()  # noqa: RSE102 - made anew each time
        if doubt == "completed_without_output":
            return replace(reply, state=State.COMPLETED, images=(), failure=None)
        if doubt == "a_new_word":
            return replace(reply, state=State.RUNNING, failure=None)
        return replace(reply, expires_at=1)

    async def jobs(self, more: str | None = None) -> JobList:
        """Page by page, so many jobs on each, newest first."""
        await self._ask()
        doubtful = bool(self.doubts) and self._clock.true() <= self.doubtful_until
        if self.listing == "unreadable" or doubtful:
            raise UnreadableReply("a shape that nobody knows")
        listed = [self._reply(run) for run in reversed(self.runs.values()) if run.outcome != "vanish"]
        first = int(more or 0)
        after = first + LISTED
        return JobList(listed[first:after], str(after) if after < len(listed) else None)

    async def models(self) -> Catalogue:
        await self._ask()
        return Catalogue(tuple(ModelEntry(api_id=name, name=name, credit_cost=COST) for name in MODELS))

    async def model(self, api_id: str) -> ModelDescription:
        await self._ask()
        return ModelDescription(api_id=api_id, name=api_id, credit_cost=COST)

    async def fetch(self, url: str, path: Path, *, max_bytes: int, seconds: float) -> Fetched:
        fault = self.fetch_faults.pop(0) if self.fetch_faults else "ok"
        await self._travel()
        run_id, _, number = url.rpartition("/")[2].removesuffix(".png").rpartition("-")
        run = self.runs[run_id]
        if self._clock.true() > run.ends + 3_600_000:
            self.spoilt.add(run_id)
            raise ResultGone(404)
        if fault == "gone":
            raise ResultGone(404)
        if fault == "trouble" or self.down:
            raise FetchFailed("cut")
        data = result_bytes(run_id, int(number), size=run.size)
        data = b"<html>" if fault == "not_an_image" else data
        assert len(data) <= max_bytes
        assert seconds > 0
        path.write_bytes(data)
        self._kill_points.touch()
        return Fetched(path=path, size=len(data), sha256="", content_type="image/png")

    # Its inside

    def taken(self) -> int:
        """Return what the provider has kept, in thousandths."""
        return sum(run.cost - run.refunded for run in self.runs.values())

    async def _travel(self, seconds: float = LATENCY) -> None:
        self._kill_points.touch()
        await self._clock.sleep(seconds)
        self._kill_points.touch()

    async def _ask(self) -> None:
        await self._travel()
        if self.down:
            raise Unavailable("down")
        self._check_storm()
        self.observe(limit=None, remaining=None, reset_at=None, retry_after=None, refused=False)

    def _check_storm(self) -> None:
        if self._clock.true() < self.storm_until:
            error = RateLimited(3.0)
            self._tell(error)
            raise error

    def _tell(self, error: PixelDojoError) -> None:
        if isinstance(error, RateLimited):
            self.observe(
                limit=None, remaining=None, reset_at=None, retry_after=error.retry_after, refused=True
            )

    def _book(self, model: str, body: Mapping[str, Any]) -> Run:
        urls = tuple(body.get("image_urls", ()))
        self.unreachable += [url for url in urls if not self.may_fetch(url)]
        asked = int(body.get("num_images", 1))
        now = self._clock.true()
        run = Run(
            id=f"p{next(self._numbers)}",
            model=model,
            prompt=body["prompt"],
            webhook_url=body.get("webhook_url"),
            image_urls=urls,
            asked=asked,
            cost=(COST + self.surcharge) * asked,
            began=now,
            ends=now + round(self.seconds * 1000),
            outcome=self.outcomes.pop(0) if self.outcomes else "completed",
            size=self.size,
        )
        self.balance -= run.cost
        self.runs[run.id] = run
        self.made_by[run.id] = self.whose(run.secret)
        asyncio.get_running_loop().call_later(self.seconds, self._end, run)
        return run

    def _end(self, run: Run) -> None:
        if run.outcome in {"failed", "moderated"}:
            run.refunded = run.cost
            self.balance += run.cost
        if run.outcome == "stuck":
            return
        for delay in {"on": (1.0,), "twice": (1.0, 1.5, 40.0), "late": (90.0,)}.get(self.webhooks, ()):
            asyncio.get_running_loop().call_later(delay, self._call, run)

    def _call(self, run: Run) -> None:
        """Call the webhook, if anybody is there: a dead process misses it."""
        if self.poke is not None and not self._kill_points.dead:
            run.told.append("webhook")
            asyncio.get_running_loop().create_task(self._poke(run), name=f"webhook of {run.id}")

    async def _poke(self, run: Run) -> None:
        assert self.poke is not None
        await self.poke(run.secret, run.id)

    def _reply(self, run: Run) -> JobReply:
        echo = Echo()
        if self.listing == "full":
            echo = replace(run.echo, webhook_url=run.webhook_url)
        elif self.listing == "prompt":
            echo = run.echo
        if run.outcome == "stuck" or self._clock.true() < run.ends:
            return JobReply(job_id=run.id, state=State.RUNNING, echo=echo)
        if run.images:
            urls = tuple(f"https://temp.example/{run.id}-{n}.png" for n in range(1, run.images + 1))
            return JobReply(
                job_id=run.id,
                state=State.COMPLETED,
                images=urls,
                credit_cost=run.cost,
                expires_at=run.ends + 3_600_000,
                echo=echo,
            )
        if run.outcome == "no_images":
            return JobReply(job_id=run.id, state=State.COMPLETED, credit_cost=run.cost, echo=echo)
        why = Failure.MODERATION if run.outcome == "moderated" else Failure.PROVIDER
        return JobReply(job_id=run.id, state=State.FAILED, failure=why, echo=echo)
