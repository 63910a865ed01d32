"""The product's own assembly in simulated time, with an outside of its own handed in.

Database, ledger, queue, scheduler, tracker, cards and delivery are those of ``assembly``; the provider is simulated
(``simulated_provider``), Discord takes everything, and no picture is looked at.
"""

import asyncio
import random
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Concatenate, ParamSpec, TypeVar

from assembly.outside import Outside
from assembly.parts import Parts
from assembly.product import make_scheduler
from benchmarks.simclock import SimulatedClock
from benchmarks.simulated_provider import Provider, known_durations
from config.settings import load_settings
from domain.job import Job, Kind, Origin, Rung
from domain.limits import MIB
from domain.options import Options
from domain.request import Request
from domain.views import CardView, Placed
from jobs.groups import call_keeper, kept_calls
from pictures.values import Inspected
from pixeldojo.catalogue import Catalogue, ModelDescription, ModelEntry
from pixeldojo.download import Fetched
from pixeldojo.kinds import State
from pixeldojo.replies import JobList, JobReply, Submitted
from storage.files import Files
from storage.sqlite import FILE_NAME, open_writer
from storage.tx import Tx

P = ParamSpec("P")
T = TypeVar("T")
MODEL = "gpt-image-1-5"


class InlineDatabase:
    """A real SQLite file; transactions run where they are asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.tx = open_writer(path)
        self.tx.execute("PRAGMA synchronous = OFF")

    async def run(self, fn: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        await asyncio.sleep(0)
        self.tx.execute("BEGIN IMMEDIATE")
        try:
            result = fn(self.tx, *args, **kwargs)
        except BaseException:
            self.tx.execute("ROLLBACK")
            raise
        self.tx.execute("COMMIT")
        return result

    run_unfenced = read = run


class Client:
    """What the product asks of its client, answered by a simulated provider.

    ``began`` and ``found`` are by prompt and by the provider's id: the moment of each submission, and by how
    many seconds the first answer was late that told of an end.
    """

    def __init__(self, provider: Provider, clock: SimulatedClock) -> None:
        self.began: dict[str, float] = {}
        self.found: dict[str, float] = {}
        self._provider, self._clock = provider, clock

    async def submit(self, _model: str, body: Mapping[str, Any]) -> Submitted:
        prompt = str(body["prompt"])
        job_id = f"p-{prompt.replace(' ', '-')}"
        self.began[prompt] = self._clock.monotonic()
        await self._provider.submit(job_id)
        return Submitted(job_id=job_id, credit_cost=4_000)

    async def job(self, job_id: str, *, asked: object) -> JobReply:
        del asked
        return self._noted(await self._provider.job(job_id))

    async def jobs(self, more: str | None = None) -> JobList:
        listed = await self._provider.jobs(more)
        return JobList([self._noted(reply) for reply in listed.jobs])

    async def models(self) -> Catalogue:
        await self._provider.catalogue()
        return Catalogue((ModelEntry(api_id=MODEL, name=MODEL, credit_cost=4_000),))

    async def model(self, api_id: str) -> ModelDescription:
        await self._provider.catalogue()
        return ModelDescription(api_id=api_id, name=api_id, credit_cost=4_000)

    async def fetch(self, url: str, path: Path, *, max_bytes: int, seconds: float) -> Fetched:
        del max_bytes, seconds
        path.write_bytes(url.encode())
        return Fetched(path=path, size=len(url), sha256="0" * 64, content_type="image/png")

    def _noted(self, reply: JobReply) -> JobReply:
        if reply.state is not State.RUNNING:
            self.found.setdefault(
                reply.job_id, self._clock.monotonic() - self._provider.ends.get(reply.job_id, 0.0)
            )
        return reply


class Places:
    """A Discord that takes every card."""

    async def bring(self, _rung: Rung, view: CardView, _uploads: object) -> Placed:
        return Placed(channel_id=2, message_id=view.job.card.message_id or 0, urls={})

    async def nothing(self, *_given: object, **_named: object) -> None:
        return None

    attach = find = refuse = remove = remind = invite_reroll = say_briefly = warn = nothing


class Unseen:
    """Pictures that nobody looks at."""

    async def identify(self, path: Path, *, sha256: str) -> Inspected:
        return Inspected(media_type="image/png", width=8, height=8, size=path.stat().st_size, sha256=sha256)


class Life:
    """One life of the product over a data directory.

    ``promised`` is the start that each job's first answer named, in Unix milliseconds.
    """

    def __init__(
        self, folder: Path, clock: SimulatedClock, provider: Provider, draw: random.Random, **settings: str
    ) -> None:
        self.clock, self.messenger = clock, Places()
        self.promised: dict[str, int | None] = {}
        self._asked = 0
        self.client = Client(provider, clock)
        self.database = InlineDatabase(folder / FILE_NAME)
        given: dict[str, str] = {
            "DISCORD_TOKEN": "token",
            "PIXELDOJO_API_KEY": "key",
            "PIXELDOJO_GENERATE_MODELS": MODEL,
            "DEFAULT_MEMBER_CREDITS": "1000000",
            "ALLOWED_GUILDS": "1",
            # One member stands for many here.
            "KEY_CREDITS_PER_DAY": "unlimited",
            "MAX_WAITING_PER_MEMBER": str(10**6),
            "MEMBER_SUBMITS_PER_MINUTE": str(10**6),
            **settings,
        }
        database: Any = self.database
        durations, chosen = known_durations(draw), load_settings(given)
        self.scheduler = make_scheduler(chosen, clock=clock, durations=durations, keep=call_keeper(database))
        outside: dict[str, Any] = {
            "clock": clock,
            "database": database,
            "files": Files(folder),
            "pictures": Unseen(),
            "durations": durations,
            "scheduler": self.scheduler,
            "client": self.client,
            "messenger": self.messenger,
            "operator": SimpleNamespace(warn=self.messenger.warn),
            "fetch_source": self.messenger.nothing,
        }
        self.parts = Parts(chosen, Outside(**outside))

    async def start(self, *, remember: bool = True) -> None:
        """Begin as the product does; ``remember``: with what was noted of the calls of earlier lives."""
        database: Any = self.database
        if remember:
            self.scheduler.remember(await kept_calls(database))
        self.parts.files.prepare()
        await self.parts.engine.start()

    async def ask(self, prompt: str, *, member_id: int = 3) -> Job:
        """Let a member ask for an image, and return the job, which is on its way."""
        request = Request(
            event=f"i{prompt}",
            kind=Kind.GENERATE,
            origin=Origin.COMMAND,
            guild_id=1,
            channel_id=2,
            member_id=member_id,
            role_ids=(),
            prompt=prompt,
            options=Options(),
            sources=(),
            attachment_limit=10 * MIB,
        )
        job = (await self.parts.acceptance.accept(request)).job
        self.promised[job.id] = (await self.parts.cards.view(job, [])).expectation.starts_at
        self._asked += 1
        self.parts.engine.take_up(await self.parts.engine.answered(job, message_id=self._asked))
        # Two wishes of one millisecond would have their turns in any order.
        await self.clock.sleep(0.002)
        return job
