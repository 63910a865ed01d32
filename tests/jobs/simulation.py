"""A whole simulation on simulated time: the real work of ``jobs`` between a model provider and a model Discord.

Members ask, the bot works, is killed and starts again on the same SQLite file. Everything in it is decided
by what a test does, so that every run can be repeated.
"""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar

from benchmarks.simclock import SimulatedLoop
from cogs.requests import ask, kept_source
from domain.errors import Refusal
from domain.images import Image, Role
from domain.job import OPEN, Job, Kind, Origin, Status
from domain.limits import MIB, TOKEN_LIFE
from domain.options import Options
from domain.request import Event, NewSource, Request, Wish
from storage import events, images, job_rows
from tests.jobs.kill_points import KillPoints, SimulatedClock, fresh_copy, settle
from tests.jobs.model_messenger import CHANNEL, ModelMessenger, Operator
from tests.jobs.model_provider import ModelProvider
from tests.jobs.process import CDN, Process, Sources

T = TypeVar("T")

GUILD = 10
ANN, BEN, MOD = 101, 102, 103
TICK = 0.05


class Simulation:
    """Everything outside the bot, and the bot while it runs."""

    def __init__(self, directory: Path, *, template: Path, webhooks: bool = True) -> None:
        self.loop = SimulatedLoop()
        self.directory = fresh_copy(template, directory)
        self.clock = SimulatedClock(self.loop)
        self.kill_points = KillPoints()
        self.provider = ModelProvider(clock=self.clock, kill_points=self.kill_points)
        self.messenger = ModelMessenger(clock=self.clock, kill_points=self.kill_points)
        self.sources = Sources(clock=self.clock, kill_points=self.kill_points, messenger=self.messenger)
        self.provider.may_fetch = self.messenger.address_is_good
        self.provider.whose = self._whose
        self.operator = Operator()
        self.webhooks = webhooks
        self.accepted: dict[str, Job] = {}
        """By id: what members were told was accepted."""
        self._events: dict[str, str] = {}
        self.refused: list[Refusal] = []
        self.muffled = False
        """Whether Discord ever kept a card from its member."""
        self.collected: set[str] = set()
        self.lost_files: set[str] = set()
        """Jobs whose kept files a test took away."""
        self.starts = 0
        self._numbers = count(1)
        self._begin()

    # The bot's life

    def _begin(self) -> None:
        self.starts += 1
        self.bot = Process(
            self.directory,
            clock=self.clock,
            kill_points=self.kill_points,
            provider=self.provider,
            messenger=self.messenger,
            sources=self.sources,
            operator=self.operator,
            webhooks=self.webhooks,
        )
        task = self.loop.create_task(self.bot.start())
        self.loop.run_until_complete(_end_of(task, self.kill_points))

    def kill(self) -> None:
        """End the process where it is: nothing gets out any more, everything in memory is gone."""
        self.kill_points.kill()
        self.provider.poke = None
        settle(self.loop)
        self.bot.database.close()

    def crash(self, *, again_after: int | None = None) -> None:
        """Kill the process and start it again; kill that one too after so many touches."""
        self.kill()
        self.kill_points.revive()
        if again_after is not None:
            self.kill_points.kill_after(again_after)
        self._begin()
        if self.kill_points.dead:
            self.crash()

    def stop_and_start(self) -> None:
        """Stop as after SIGTERM, and start again."""
        self.run(self.bot.parts.engine.close())
        self.crash()

    def close(self) -> None:
        self.kill()
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        self.loop.close()

    # Time

    def run(self, work: Coroutine[Any, Any, T]) -> T | None:
        """Do something with the bot; ``None`` if it was killed meanwhile (then it is started again)."""
        task = self.loop.create_task(work)
        self.loop.run_until_complete(_end_of(task, self.kill_points))
        if self.kill_points.dead:
            self.crash()
            return None
        return task.result()

    def pass_time(self, seconds: float) -> None:
        """Let time pass; a bot that is killed on the way is started again at the end."""
        self.loop.run_until_complete(self.clock.sleep(seconds))
        if self.kill_points.dead:
            self.crash()

    def until(self, *statuses: Status, job_id: str, seconds: float = 600.0) -> Job:
        """Let time pass until a job has one of these statuses."""
        for _ in range(round(seconds / TICK)):
            if (job := self.job(job_id)).status in statuses:
                return job
            self.pass_time(TICK)
        raise AssertionError(f"{self.job(job_id)!r} after {seconds} s")

    # Members

    def edit(
        self,
        member: int = ANN,
        *,
        sources: int = 1,
        spoiler: bool = False,
        repeat: str | None = None,
        **values: Any,
    ) -> str:
        """Ask with ``/edit``; return the job, or the event if it was not accepted.

        ``repeat`` is a job whose event comes once more.
        """
        number = next(self._numbers)
        given = [replace(self._upload(f"s{number}-{place}"), spoiler=spoiler) for place in range(sources)]
        return self._ask(
            self._events.get(repeat or "", f"i{number}"),
            member=member,
            kind=values.pop("kind", Kind.EDIT),
            prompt=values.pop("prompt", f"wish {number}"),
            sources=tuple(given),
            options=Options(count=values.pop("images", None)),
            **values,
        )

    def generate(self, member: int = ANN, **values: Any) -> str:
        return self.edit(member, sources=0, kind=Kind.GENERATE, **values)

    def reroll(self, job_id: str, member: int = ANN, *, prompt: str | None = None) -> str:
        """Press the button, or the one that asks for other words."""
        return self._again(job_id, event=f"i{next(self._numbers)}", member=member, prompt=prompt)

    def react(self, job_id: str, member: int = ANN) -> str | None:
        """Put the reaction on a job's card: a wish without a token."""
        card = self.job(job_id).card.message_id
        if card is None:
            return None
        return self._again(job_id, event=Wish(card), member=member, token=None)

    def unreact(self, job_id: str, member: int = ANN) -> None:
        card = self.job(job_id).card.message_id
        if card is not None:
            self.run(self.bot.parts.archive.take_back(message_id=card, member_id=member))

    def cancel(self, job_id: str) -> bool:
        """Press Cancel; tell whether it was in time."""
        return bool(self.run(self._cancel(job_id)))

    def delete(self, job_id: str) -> None:
        """Press Delete."""
        self.run(self._delete(job_id))

    def collect(self, job_id: str) -> list[Image]:
        """Press Collect and take the results away."""
        return self.run(self._collect(job_id)) or []

    def done(self, member: int = ANN, **values: Any) -> str:
        """Ask with ``/edit`` and wait for the result; return the job's id."""
        job_id = self.edit(member, **values)
        self.until(Status.DONE, job_id=job_id)
        self.pass_time(3.0)
        return job_id

    # What there is

    def look(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
        """Look into the database from outside the bot."""
        return self.bot.database.look(fn, *args, **kwargs)

    def job(self, job_id: str) -> Job:
        found = self.look(job_rows.get, job_id)
        assert found is not None, f"{job_id} is lost"
        return found

    def jobs(self) -> list[Job]:
        rows = self.bot.database.tx.execute("SELECT id FROM jobs ORDER BY created_at, id").fetchall()
        return [self.job(str(row[0])) for row in rows]

    def open_jobs(self) -> list[Job]:
        return [job for job in self.jobs() if job.status in OPEN]

    def spent(self, member: int) -> int:
        """Return what a member paid, in thousandths."""
        return self._sum("spent", member)

    def held(self, member: int) -> int:
        return self._sum("held", member)

    def results(self, job_id: str) -> list[Image]:
        return self.look(images.of_job, job_id, Role.RESULT)

    # Inside

    def _sum(self, column: str, member: int) -> int:
        query = f"SELECT COALESCE(SUM({column}), 0) FROM ledger WHERE member_id = ?"
        return int(self.bot.database.tx.execute(query, (member,)).fetchone()[0])

    def _upload(self, name: str) -> NewSource:
        ends = self.clock.true() // 1000 + 86_400
        return NewSource(name=f"{name}.png", url=f"{CDN}/ephemeral/{name}.png?ex={ends:x}&is=0&hm=0")

    def _whose(self, secret: str) -> str:
        job = self.look(job_rows.by_secret, secret)
        assert job is not None, "a submission left before it was committed"
        assert job.status is Status.SUBMITTING
        return job.id

    def _again(self, job_id: str, *, prompt: str | None = None, **values: Any) -> str:
        job = self.job(job_id)
        return self._ask(
            origin=Origin.REROLL,
            kind=job.kind,
            prompt=prompt or job.prompt,
            options=job.options,
            model=job.model,
            parent_id=job.id,
            sources=(),
            **values,
        )

    def _ask(self, event: Event, *, member: int, **values: Any) -> str:
        given: dict[str, Any] = {"origin": Origin.COMMAND, "token": f"token of {event}"}
        given |= values
        if given["token"] is not None:
            given["token_expires_at"] = self.clock.now() + TOKEN_LIFE
        request = Request(
            event=event,
            guild_id=GUILD,
            channel_id=CHANNEL,
            member_id=member,
            role_ids=(),
            attachment_limit=10 * MIB,
            **given,
        )
        self.run(self._wish(request))
        return self._made(request) or str(event)

    def _made(self, request: Request) -> str | None:
        """Return the job that a request's event has made."""
        found = self.look(events.job_of, request.event, member_id=request.member_id)
        if found is not None and not isinstance(request.event, Wish):
            self._events[found] = request.event
        return found

    async def _wish(self, request: Request) -> None:
        try:
            if request.parent_id is not None:
                kept = await self.bot.parts.archive.sources(request.parent_id)
                request = replace(request, sources=tuple(map(kept_source, kept)))
            if request.token is None:
                accepted = await self.bot.parts.acceptance.accept(request)
                self.accepted.setdefault(accepted.job.id, accepted.job)
                if accepted.new:
                    self.bot.parts.engine.take_up(accepted.job)
            else:
                await ask(self._interaction(request), request)
        except Refusal as refusal:
            self.refused.append(refusal)

    def _interaction(self, request: Request) -> Any:
        async def send_message(**_card: Any) -> Any:
            job_id = self._made(request) or ""
            self.accepted.setdefault(job_id, self.job(job_id))
            message_id = await self.messenger.answer(request.token or "", job_id, request.channel_id)
            return SimpleNamespace(message_id=message_id)

        return SimpleNamespace(
            client=SimpleNamespace(services=self.bot.parts),
            response=SimpleNamespace(send_message=send_message),
        )

    async def _cancel(self, job_id: str) -> bool:
        try:
            cancelled = await self.bot.parts.archive.cancel(await self.bot.parts.archive.job(job_id))
        except Refusal as refusal:
            self.refused.append(refusal)
            return False
        self.bot.parts.engine.withdrawn(cancelled)
        return True

    async def _delete(self, job_id: str) -> None:
        try:
            await self.bot.parts.archive.delete(await self.bot.parts.archive.job(job_id))
        except Refusal as refusal:
            self.refused.append(refusal)

    async def _collect(self, job_id: str) -> list[Image]:
        try:
            found = await self.bot.parts.archive.results(job_id)
        except Refusal as refusal:
            self.refused.append(refusal)
            return []
        self.collected.add(job_id)
        await self.bot.parts.archive.collected(job_id)
        return found


async def _end_of(task: "asyncio.Task[Any]", kill_points: KillPoints) -> None:
    """Wait for a task, or for the death of its process."""
    while not task.done() and not kill_points.dead:
        await asyncio.wait({task}, timeout=TICK)
