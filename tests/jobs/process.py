"""The bot as a process: everything that is gone when it is killed, wired as the product is."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from assembly.outside import Outside
from assembly.parts import Parts
from config.settings import load_settings
from jobs.groups import CALLS, call_keeper, ended_of
from pixeldojo.download import Fetched
from pixeldojo.errors import FetchFailed, ResultGone
from playground.bot_process import NOTHING_AT_STAKE
from scheduling.durations import Durations
from scheduling.pricing import Planner
from scheduling.scheduler import Scheduler
from storage import facts
from storage.sqlite import FILE_NAME
from tests.jobs.drawings import Drawings, source_bytes
from tests.jobs.kill_points import InlineDatabase, KillPoints, SimulatedClock, TouchedFiles
from tests.jobs.model_messenger import ModelMessenger, Operator
from tests.jobs.model_provider import LATENCY, MODELS, ModelProvider

HOOKS = "https://bot.example/hooks"
CDN = "https://cdn.discordapp.com"
SETTINGS = load_settings(
    {
        **NOTHING_AT_STAKE,
        "DISCORD_TOKEN": "token",
        "PIXELDOJO_API_KEY": "key",
        "PIXELDOJO_MODELS": ",".join(MODELS[:2]),
        "PIXELDOJO_GENERATE_MODELS": ",".join(MODELS[2:]),
        "PIXELDOJO_WEBHOOK_URL": HOOKS,
        "PIXELDOJO_SUBMITS_PER_MINUTE": "30",
        "MAX_JOBS_IN_FLIGHT": "8",
        "MAX_JOBS_PER_MEMBER": "3",
        "DEFAULT_MEMBER_CREDITS": "1000000",
        "DEFAULT_SERVER_CREDITS": "1000000",
        "RETENTION_DAYS": "30",
        "STORAGE_LIMIT_MB": "10",
    }
)
PLANNER = Planner()
"""Plans take a millisecond each and are the same in every run."""


class Sources:
    """Discord's CDN as far as members' uploads go; ``faults`` befall the next downloads."""

    def __init__(self, *, clock: SimulatedClock, kill_points: KillPoints, messenger: ModelMessenger) -> None:
        self._clock = clock
        self._kill_points = kill_points
        self._messenger = messenger
        self.faults: list[str] = []

    async def fetch(self, url: str, path: Path) -> Fetched:
        fault = self.faults.pop(0) if self.faults else "ok"
        self._kill_points.touch()
        await self._clock.sleep(LATENCY)
        if fault == "gone" or not self._messenger.address_is_good(url):
            raise ResultGone(404)
        if fault == "trouble":
            raise FetchFailed("cut")
        data = b"some text" if fault == "not_an_image" else source_bytes(url.partition("?")[0])
        self._kill_points.touch()
        path.write_bytes(data)
        self._kill_points.touch()
        return Fetched(path=path, size=len(data), sha256="", content_type="image/png")


class Process:
    """One life of the bot over a data directory."""

    def __init__(
        self,
        directory: Path,
        *,
        clock: SimulatedClock,
        kill_points: KillPoints,
        provider: ModelProvider,
        messenger: ModelMessenger,
        sources: Sources,
        operator: Operator,
        webhooks: bool,
    ) -> None:
        self._provider = provider
        self.database = InlineDatabase(directory / FILE_NAME, kill_points)
        durations = Durations()
        durations.load([ended_of(took) for took in self.database.look(facts.durations, limit=2000)])
        self.scheduler = Scheduler(
            clock=clock,
            requests_per_minute=60,
            submits_per_minute=30,
            durations=durations,
            webhooks=webhooks,
            planner=PLANNER,
            keep=call_keeper(self.database),  # type: ignore[arg-type]
        )
        self.scheduler.remember(self.database.look(facts.fact, CALLS))
        given: dict[str, Any] = {
            "clock": clock,
            "database": self.database,
            "files": TouchedFiles(directory, kill_points),
            "pictures": Drawings(kill_points),
            "durations": durations,
            "scheduler": self.scheduler,
            "client": provider,
            "messenger": messenger,
            "operator": operator,
            "fetch_source": sources.fetch,
        }
        self.parts = Parts(replace(SETTINGS, data_dir=directory), Outside(**given))

    async def start(self) -> None:
        self.parts.files.prepare()
        self._provider.observe = self.scheduler.observe
        self._provider.poke = self.parts.engine.poke
        await self.parts.leaving.eraser.replay()
        await self.parts.engine.start()
