"""Workers one at a time: a real database, real files and pictures, and whatever else a test hands over."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from accounts import ledger
from assembly.outside import Outside
from assembly.parts import Parts
from assembly.product import source_fetcher
from config.settings import load_settings
from domain.images import Image, Role
from domain.job import Job, Status
from jobs.follow_up import FollowUp
from pictures.work import PictureWork
from pixeldojo.addresses import guarded_session
from pixeldojo.client import PixelDojo
from playground.bot_process import NOTHING_AT_STAKE
from playground.pixeldojo import ProviderStandIn
from scheduling.durations import Durations
from scheduling.permits import Permit
from scheduling.scheduler import Call
from storage import images, job_rows
from storage.database import Database, open_database
from storage.files import Files
from storage.place import require_place
from tests.clock import HastyClock
from tests.jobs.model_messenger import Operator
from tests.jobs.scripted import ScriptedMessenger
from tests.storage.rows import a_job, put_job

SAMPLES = Path(__file__).parents[2] / "playground" / "samples"
LONG = 20.0
"""Seconds within which anything has happened that is waited for; nothing gets near it."""


@dataclass
class OpenScheduler:
    """Lets everybody call at once, and notes what it is told: the real one has tests of its own."""

    calls: list[Call] = field(default_factory=list[Call])
    watched: dict[str, int] = field(default_factory=dict[str, int])
    slowed: dict[str, float] = field(default_factory=dict[str, float])
    poked: list[str] = field(default_factory=list[str])
    told: list[tuple[str, bool]] = field(default_factory=list[tuple[str, bool]])
    forgotten: list[str] = field(default_factory=list[str])
    doubted: list[str] = field(default_factory=list[str])
    open: int = 0

    def submits_in(self) -> float:
        return 0.0

    async def permit(self, call: Call) -> Permit:
        self.calls.append(call)
        self.open += 1
        return Permit(self._closed)

    def watch(self, job_id: str, *, group: object, submitted_at: int, every: float | None = None) -> None:
        assert group is not None
        assert every is None
        self.watched[job_id] = submitted_at

    def slow_down(self, job_id: str, *, every: float) -> None:
        self.slowed[job_id] = every

    def poke(self, job_id: str) -> None:
        self.poked.append(job_id)

    def forget(self, job_id: str) -> None:
        self.forgotten.append(job_id)

    def answered(self, job_id: str, *, running: bool) -> None:
        self.told.append((job_id, running))

    def doubt(self, job_id: str) -> None:
        self.doubted.append(job_id)

    def _closed(self) -> None:
        self.open -= 1


class Cdn:
    """A server of sources on loopback: the samples, and whatever a test adds (bytes or a status)."""

    def __init__(self) -> None:
        self.origin = ""
        self.files: dict[str, bytes | int] = {}
        self.asked: list[str] = []

    def url(self, name: str) -> str:
        return f"{self.origin}/{name}"

    async def serve(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        self.asked.append(name)
        found = self.files.get(name)
        if isinstance(found, int):
            return web.Response(status=found, headers={"Location": "http://169.254.169.254/"})
        if found is None:
            return web.Response(body=(SAMPLES / name).read_bytes())
        return web.Response(body=found)


@dataclass
class Harness:
    """What a worker is given, and what came of it."""

    parts: Parts
    messenger: ScriptedMessenger
    clock: HastyClock
    operator: Operator
    scheduler: OpenScheduler
    cdn: Cdn
    provider: ProviderStandIn
    database: Database
    directory: Path

    def follow_up(self) -> FollowUp:
        return self.parts.follow_up

    async def put(self, job_id: str = "i1", *, status: Status = Status.QUEUED, **values: Any) -> Job:
        """Write a job in a status, with its reserve."""
        options = values.pop("options", a_job().options)
        job = await self.database.run(
            put_job, job_id, status=status, options=options.to_json(), created_at=self.clock.now(), **values
        )
        await self.database.run(_reserve, job)
        return job

    async def add(self, *given: Image) -> None:
        await self.database.run(images.put, given)

    async def job(self, job_id: str = "i1") -> Job:
        found = await self.database.read(job_rows.get, job_id)
        assert found is not None
        return found

    async def images(self, role: Role, job_id: str = "i1") -> list[Image]:
        return await self.database.read(images.of_job, job_id, role)

    async def entries(self) -> list[tuple[str, int, int]]:
        query = "SELECT kind, held, spent FROM entries ORDER BY id"
        return await self.database.read(lambda tx: tx.execute(query).fetchall())

    def incoming(self) -> list[Path]:
        """Return what is left of files that arrived."""
        return sorted((self.directory / "incoming").glob("*/*"))

    def keep(self, data: bytes, sha256: str) -> None:
        """Keep a file as if it had been taken in earlier."""
        arrived = self.parts.files.new_path()
        arrived.write_bytes(data)
        self.parts.files.keep(arrived, sha256)


def _reserve(tx: Any, job: Job) -> None:
    ledger.reserve(tx, job, at=job.created_at)


async def until(done: Callable[[], Any], *, what: str) -> None:
    """Wait for something that happens in other tasks, threads or sockets."""
    async with asyncio.timeout(LONG):
        while not done():
            await asyncio.sleep(0.005)
    assert done(), what


@asynccontextmanager
async def serving(cdn: Cdn) -> AsyncIterator[None]:
    app = web.Application()
    app.router.add_get("/{name}", cdn.serve)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    cdn.origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield
    finally:
        await runner.cleanup()


@asynccontextmanager
async def opened(
    directory: Path,
    *,
    switches: dict[str, Any] | None = None,
    files: Files | None = None,
    named: bool = False,
) -> AsyncIterator[Harness]:
    """Open everything over real HTTP: a stand-in provider, a CDN, and a client of both.

    ``named``: the place of files gets its name first, as a bot gives it before it makes anything there.
    """
    async with AsyncExitStack() as stack:
        cdn = Cdn()
        await stack.enter_async_context(serving(cdn))
        free = {"requests_per_minute": None, "submits_per_minute": None, "fast_results": True}
        provider = ProviderStandIn(latency=0.0, switches={**free, **(switches or {})})
        await provider.start()
        stack.push_async_callback(provider.close)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        guarded = guarded_session(trusted_origins=[provider.origin, cdn.origin])
        downloads = await stack.enter_async_context(guarded)
        database = await open_database(directory)
        stack.push_async_callback(database.close)
        harness = _kit(directory, cdn, provider, session, downloads, database, files or Files(directory))
        stack.push_async_callback(harness.parts.outside.pictures.close)
        stack.push_async_callback(lambda: harness.parts.tasks.close(patience=LONG))
        if named:
            await require_place(database, harness.parts.files, where="FILES_URL", decides=True)
        harness.parts.files.prepare()
        yield harness


def _kit(
    directory: Path,
    cdn: Cdn,
    provider: ProviderStandIn,
    session: aiohttp.ClientSession,
    downloads: aiohttp.ClientSession,
    database: Database,
    files: Files,
) -> Harness:
    clock, messenger, scheduler, operator = HastyClock(), ScriptedMessenger(), OpenScheduler(), Operator()
    given: dict[str, Any] = {"scheduler": scheduler}
    settings = load_settings(
        {
            **NOTHING_AT_STAKE,
            "DISCORD_TOKEN": "token",
            "PIXELDOJO_API_KEY": provider.key,
            "PIXELDOJO_API_URL": provider.api_url,
            "PIXELDOJO_MODELS": "gpt-image-1-5-edit,gpt-image-2-edit",
            "PIXELDOJO_GENERATE_MODELS": "gpt-image-1-5",
            "PIXELDOJO_WEBHOOK_URL": "https://bot.example/hooks",
            "DISCORD_CDN_URLS": cdn.origin,
            "DATA_DIR": str(directory),
        }
    )
    outside = Outside(
        clock=clock,
        database=database,
        files=files,
        pictures=PictureWork(),
        durations=Durations(),
        client=PixelDojo(
            session=session,
            downloads=downloads,
            api_url=provider.api_url,
            key=provider.key,
            submit_timeout=2.0,
            ask_timeout=2.0,
        ),
        messenger=messenger,
        operator=operator,
        fetch_source=source_fetcher(settings, downloads),
        **given,
    )
    parts = Parts(settings, outside)
    return Harness(parts, messenger, clock, operator, scheduler, cdn, provider, database, directory)


def losing(files: Files) -> Callable[[Path, str], Path]:
    """Return a way to keep files that are gone a moment later: another job that named them was deleted."""
    keep = files.keep

    def keep_and_lose(arrived: Path, sha256: str) -> Path:
        kept = keep(arrived, sha256)
        kept.unlink()
        return kept

    return keep_and_lose
