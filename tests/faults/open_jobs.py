"""Open jobs by the hundred, written by the product's own transactions before the bot starts."""

import hashlib
import itertools
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from accounts.allowances import Ceilings
from domain.clock import SystemClock
from domain.images import Image, Role
from domain.job import Job, Kind, Origin, Status
from domain.options import Options
from jobs import transitions
from jobs.holding import Price
from pixeldojo.client import PixelDojo
from storage import job_rows
from storage.engines.lock import locked_directory
from storage.files import Files
from storage.sqlite import FILE_NAME, open_writer
from storage.tx import Tx
from tests.e2e.world import World

MODEL = "gpt-image-1-5"
PRICE = Price(each=0, ceilings=Ceilings())
FOR_AN_HOUR = 3_600_000


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How many jobs are in which status when the bot starts."""

    queued: int
    running: int
    submitting: int
    delivering: int

    @property
    def all(self) -> int:
        return self.queued + self.running + self.submitting + self.delivering


class Crowd:
    """Writes jobs of many members whose cards are one message, which is all that they need of Discord."""

    def __init__(self, world: World, *, card: tuple[int, int], picture: Path) -> None:
        self._world = world
        self._card = card
        self._picture = picture
        self._ids = itertools.count(10**17)
        self._at = SystemClock().now() - 180_000
        self._given_up: set[str] = set()

    async def write(self, sizes: Sizes) -> None:
        """Write them all."""
        at_provider = await self._submitted(sizes.running + sizes.delivering)
        with locked_directory(self._world.data) as folder, closing(open_writer(folder / FILE_NAME)) as tx:
            # What a crash of the machine would lose is not what this is about.
            tx.execute("PRAGMA synchronous = OFF")
            tx.execute("BEGIN IMMEDIATE")
            for _ in range(sizes.queued):
                self._accepted(tx)
            for _ in range(sizes.submitting):
                self._sent(tx)
            sha256 = self._kept(Files(folder))
            for number, name in enumerate(at_provider):
                job = self._sent(tx)
                transitions.submitted(
                    tx, job.id, provider_job_id=name, cost=4_000, remaining=None, at=self._at
                )
                if number >= sizes.running:
                    self._finished(tx, job, sha256)
            tx.execute("COMMIT")

    async def _submitted(self, count: int) -> list[str]:
        """Let the provider run so many jobs that do not end; return its names for them."""
        self._world.switch(always="stuck")
        provider = self._world.provider
        async with aiohttp.ClientSession() as session:
            client = PixelDojo(session=session, downloads=session, api_url=provider.api_url, key=provider.key)
            return [(await client.submit(MODEL, {"prompt": "one of many"})).job_id for _ in range(count)]

    def _accepted(self, tx: Tx) -> Job:
        number = next(self._ids)
        self._at += 1
        channel_id, message_id = self._card
        job = Job(
            id=f"i{number}",
            kind=Kind.GENERATE,
            origin=Origin.COMMAND,
            guild_id=self._world.discord.world.guild.id,
            channel_id=channel_id,
            member_id=1000 + number % 100,
            model=MODEL,
            prompt="one of many",
            options=Options(),
            status=Status.QUEUED,
            reserved=4_000,
            created_at=self._at,
        )
        transitions.accept(tx, job, (), event=job.id, role_ids=(), ceilings=Ceilings())
        job_rows.place_card(tx, job.id, channel_id=channel_id, message_id=message_id, by_new_message=False)
        return job

    def _sent(self, tx: Tx) -> Job:
        job = self._accepted(tx)
        assert transitions.begin_submit(tx, job.id, price=PRICE, at=self._at) is not None
        return job

    def _kept(self, files: Files) -> str:
        files.prepare()
        arrived = files.new_path()
        arrived.write_bytes(self._picture.read_bytes())
        sha256 = hashlib.sha256(arrived.read_bytes()).hexdigest()
        files.keep(arrived, sha256)
        return sha256

    def _finished(self, tx: Tx, job: Job, sha256: str) -> None:
        result = Image(
            job_id=job.id,
            role=Role.RESULT,
            position=1,
            name=f"darkroom-{job.id}-1.jpg",
            sha256=sha256,
            media_type="image/jpeg",
            size=self._picture.stat().st_size,
            width=96,
            height=96,
        )
        finished = transitions.Finished(results=(result,), cost=4_000, asked=1)
        assert transitions.finish(tx, job.id, finished, took=None, at=self._at) is not None
