"""The bot as a process: everything that is gone when it is killed, wired as ``bot.py`` does it."""

from pathlib import Path
from typing import Any

from accounts.allowances import Ceilings
from domain.model_order import ModelOrder
from jobs.archive import Archive
from jobs.desk import Desk
from jobs.engine import Engine
from jobs.groups import ended_of
from jobs.ladder import Ladder
from jobs.model_health import ModelHealth
from jobs.models import Models
from jobs.pace import Pace
from jobs.packer import Packer
from jobs.retention import Retention
from jobs.scheduling.durations import Durations
from jobs.scheduling.permits import Permit
from jobs.scheduling.pricing import Planner
from jobs.scheduling.scheduler import Call, Scheduler
from jobs.tasks import Tasks
from jobs.tools import Tools
from pixeldojo.download import Fetched
from pixeldojo.errors import FetchFailed, ResultGone
from storage import facts
from storage.database import FILE_NAME
from tests.jobs.drawings import Drawings, source_bytes
from tests.jobs.model_provider import LATENCY, MODELS, ModelProvider
from tests.jobs.model_stage import ModelStage, Operator
from tests.jobs.outside import InlineDatabase, Outside, TouchedFiles, TownClock

HOOKS = "https://bot.example/hooks"
CDN = "https://cdn.discordapp.com"
PLANNER = Planner()
"""Plans take a millisecond each and are the same in every run."""


class Sources:
    """Discord's CDN as far as members' uploads go; ``faults`` befall the next downloads."""

    def __init__(self, *, clock: TownClock, outside: Outside, stage: ModelStage) -> None:
        self._clock = clock
        self._outside = outside
        self._stage = stage
        self.faults: list[str] = []

    async def fetch(self, url: str, path: Path) -> Fetched:
        fault = self.faults.pop(0) if self.faults else "ok"
        self._outside.touch()
        await self._clock.sleep(LATENCY)
        if fault == "gone" or not self._stage.address_is_good(url):
            raise ResultGone(404)
        if fault == "trouble":
            raise FetchFailed("cut")
        data = b"some text" if fault == "not_an_image" else source_bytes(url.partition("?")[0])
        self._outside.touch()
        path.write_bytes(data)
        self._outside.touch()
        return Fetched(path=path, size=len(data), sha256="", content_type="image/png")


class Process:
    """One life of the bot over a data directory."""

    def __init__(
        self,
        directory: Path,
        *,
        clock: TownClock,
        outside: Outside,
        provider: ModelProvider,
        stage: ModelStage,
        sources: Sources,
        operator: Operator,
        webhooks: bool,
    ) -> None:
        self._clock = clock
        self._provider = provider
        self.database = InlineDatabase(directory / FILE_NAME, outside)
        self.durations = Durations()
        self.durations.load([ended_of(took) for took in self.database.look(facts.durations, limit=2000)])
        self.scheduler = Scheduler(
            clock=clock,
            requests_per_minute=60,
            submits_per_minute=30,
            durations=self.durations,
            webhooks=webhooks,
            planner=PLANNER,
        )
        given: dict[str, Any] = {
            "database": self.database,
            "clock": clock,
            "client": provider,
            "files": TouchedFiles(directory, outside),
            "pictures": Drawings(outside),
            "stage": stage,
            "operator": operator,
            "ladder": Ladder(stage=stage, database=self.database, clock=clock),  # type: ignore[arg-type]
            "scheduler": self.scheduler,
            "tasks": Tasks(),
            "pace": Pace(clock=clock),
            "fetch_source": sources.fetch,
            "webhook_url": HOOKS,
        }
        self.models = Models(
            client=given["client"],
            edit_models=ModelOrder(names=MODELS[:2], by_operator=True),
            generate_models=ModelOrder(names=MODELS[2:], by_operator=True),
            permit=self._permit,
            health=ModelHealth(database=given["database"], clock=clock),
            clock=clock,
        )
        self.tools = Tools(models=self.models, **given)
        self._wire()

    def _wire(self) -> None:
        tools = self.tools
        self.archive = Archive(database=tools.database, files=tools.files, clock=self._clock)
        self.packer = Packer(tools=tools)
        self.engine = Engine(
            tools=tools,
            clock=self._clock,
            durations=self.durations,
            in_flight=8,
            per_member=3,
            submits_per_minute=30,
        )
        self.desk = Desk(
            database=tools.database,
            clock=self._clock,
            models=self.models,
            ceilings=Ceilings(member=10**9, server=10**9),
            allowed_guilds=None,
            cdn_origins=[CDN],
            is_open=lambda: self.engine.open,
        )
        self.retention = Retention(
            database=tools.database, clock=self._clock, files=tools.files, days=30, limit=10 * 2**20
        )

    async def start(self) -> None:
        self.tools.files.prepare()
        self._provider.observe = self.scheduler.observe
        self._provider.poke = self.engine.poke
        self.tools.tasks.spawn("catalogue", self.models.keep_fresh())
        self.tools.tasks.spawn("retention", self.retention.run())
        await self.engine.start()

    async def _permit(self) -> Permit:
        return await self.scheduler.permit(Call.CATALOGUE)
