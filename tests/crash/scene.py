"""One scene: both stand-ins, a data directory, and what can be seen of them from outside the bot."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import aiohttp

from playground.bot_process import NOTHING_AT_STAKE
from playground.discord.server import DiscordStandIn
from playground.pixeldojo.faults import FAULTS
from playground.pixeldojo.pictures import odd
from playground.pixeldojo.stand_in import ProviderStandIn
from storage.sqlite import FILE_NAME
from storage.sqlite import snapshot as sqlite_snapshot
from storage.tx import Snapshots, Tx
from tests.crash.modes import FAILING, LARGE, Mode, kind_of

PROVIDER = {"fast_results": True, "requests_per_minute": None, "submits_per_minute": None}
Row = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Seen:
    """Everything outside the bot at one moment.

    ``jobs``, ``images``, ``entries`` and ``notes`` (messages beside the cards) are rows of the database,
    ``messages`` what the bot has sent for everybody to see, ``answered`` the ids of the interactions that
    were answered, ``names`` those that have made a job, ``posts`` the requests that were to submit something,
    ``at_provider`` and ``books`` the provider's jobs and what it took for them. ``refused`` are interactions
    that were answered to their author alone, ``late`` says which of the requests came from a process that
    was not to send any more, ``snapshots`` opens the database as it is.
    """

    mode: Mode
    data: Path
    jobs: list[Row]
    images: list[Row]
    entries: list[Row]
    notes: list[Row]
    messages: list[Row]
    answered: frozenset[str]
    names: frozenset[str]
    posts: list[Row]
    at_provider: list[Row]
    books: list[Row]
    balances: list[Row]
    drifts: list[Row]
    refused: frozenset[str]
    late: list[str]
    snapshots: Snapshots


@dataclass(slots=True, kw_only=True)
class Scene:
    """What one run is about; ``answered`` has the ids of the interactions that were answered."""

    mode: Mode
    discord: DiscordStandIn
    provider: ProviderStandIn
    folder: Path
    webhook_port: int
    session: aiohttp.ClientSession
    answered: set[str] = field(default_factory=set)
    patience: float = 20.0
    """Seconds within which everything is at rest after the last kill; what is not by then never will be."""
    look_every: float = 0.04
    """Seconds between looks at whether it is."""
    glance: float = 0.02
    """The same between looks at a single thing."""

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "bot.log"

    def settings(self) -> dict[str, str]:
        """Return the bot's settings."""
        address = f"127.0.0.1:{self.webhook_port}"
        hooks = {"PIXELDOJO_WEBHOOK_URL": f"http://{address}/pixeldojo", "WEBHOOK_LISTEN": address}
        return {
            **NOTHING_AT_STAKE,
            "DISCORD_TOKEN": self.discord.token,
            "DISCORD_API_URL": self.discord.api_url,
            "DISCORD_CDN_URLS": self.discord.cdn_url,
            "PIXELDOJO_API_KEY": self.provider.key,
            "PIXELDOJO_MODELS": "gpt-image-1-5-edit,gpt-image-2-edit",
            "PIXELDOJO_GENERATE_MODELS": "gpt-image-1-5,gpt-image-2",
            "PIXELDOJO_API_URL": self.provider.api_url,
            "PIXELDOJO_REQUESTS_PER_MINUTE": "6000",
            "PIXELDOJO_SUBMITS_PER_MINUTE": "3000",
            "DATA_DIR": str(self.data),
            "HURRY": str(self.mode.hurry) if self.mode.hurry != 1 else "",
            **(hooks if self.mode.webhooks else {}),
        }

    async def see(self) -> Seen:
        """Look at everything."""
        async with self.session.get(f"{self.discord.origin}/page/state") as reply:
            messages = (await reply.json())["messages"]
        return Seen(
            mode=self.mode,
            data=self.data,
            jobs=self.jobs(),
            images=self.query("SELECT * FROM images"),
            entries=self.query("SELECT * FROM entries"),
            notes=self.query("SELECT * FROM messages"),
            messages=[each for each in messages if each["author"].get("bot") and each["only_for"] is None],
            refused=frozenset(
                f"i{each['interaction_metadata']['id']}"
                for each in messages
                if each["only_for"] is not None and each.get("interaction_metadata")
            ),
            answered=frozenset(self.answered),
            names=frozenset(row["alias"] for row in self.query("SELECT alias FROM aliases")),
            posts=self.posts(),
            at_provider=self.provider.control.state()["jobs"],
            books=self.provider.control.books(),
            balances=self.query("SELECT * FROM balances WHERE alone = 1 ORDER BY id"),
            drifts=self.query("SELECT * FROM drifts ORDER BY id"),
            late=self.late_posts(),
            snapshots=self.snapshots,
        )

    def posts(self) -> list[Row]:
        """Return the requests that were to submit something, as the provider has them."""
        log = self.provider.log
        return [each for each in log if each["method"] == "POST" and each["path"].endswith("/run")]

    def late_posts(self) -> list[str]:
        """Return those whose sender was not to send any more; one process alone always may."""
        return []

    def snapshots(self) -> AbstractContextManager[Tx]:
        """Open the database as it is, on a connection of its own."""
        return sqlite_snapshot(self.data / FILE_NAME)

    def query(self, sql: str) -> list[Row]:
        """Ask the database as an operator would; nothing while there is none."""
        try:
            connection = sqlite3.connect(f"file:{self.data / FILE_NAME}?mode=ro", uri=True)
        except sqlite3.OperationalError:
            return []
        try:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(sql)]
        except sqlite3.OperationalError:
            return []
        finally:
            connection.close()

    def jobs(self) -> list[Row]:
        return self.query("SELECT * FROM jobs ORDER BY created_at, id")

    async def pass_time(self) -> None:
        """Let the mode's pause pass at Discord."""
        if self.mode.pause:
            await self._post(f"{self.discord.origin}/page/clock", {"skip": self.mode.pause})

    async def replay(self, job: str) -> None:
        """Have the provider make the call of an ended job once more."""
        await self._post(f"{self.provider.origin}/control/webhooks", {"job": job})

    async def _post(self, url: str, body: Mapping[str, object]) -> None:
        async with self.session.post(url, json=body) as reply:
            assert reply.status == 200, await reply.text()


S = TypeVar("S", bound=Scene)


@asynccontextmanager
async def open_scene(
    folder: Path, mode: Mode, *, webhook_port: int, kind: type[S] = Scene, **own: Any
) -> AsyncGenerator[S]:
    """Open stand-ins that nothing has happened in; ``own``: what a kind has besides."""
    await asyncio.to_thread(folder.mkdir)
    async with AsyncExitStack() as stack:
        switches = {**PROVIDER, "list_shape": mode.list_shape}
        provider = ProviderStandIn(latency=0.002, balance=100_000.0, switches=switches)
        await provider.start()
        stack.push_async_callback(provider.close)
        _assign(provider, mode)
        discord = DiscordStandIn()
        await discord.start()
        stack.push_async_callback(discord.close)
        discord.set_faults(rate_limits=False, upload_limit=mode.upload_limit)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        yield kind(
            **own,
            mode=mode,
            discord=discord,
            provider=provider,
            folder=folder,
            webhook_port=webhook_port,
            session=session,
        )


def _assign(provider: ProviderStandIn, mode: Mode) -> None:
    """Make failure and size follow from the prompt: after a kill nobody knows the order of submissions."""
    api, workshop = provider.control._api, provider.control._workshop
    book, paint = api._book, workshop._paint

    def book_it(model: Any, body: Mapping[str, Any], fault: Any) -> Any:
        return book(model, body, FAULTS["fail"] if kind_of(body["prompt"]) == FAILING else fault)

    def paint_it(job: Any, sources: Any) -> list[bytes]:
        size = mode.large_bytes if kind_of(job.prompt) == LARGE else 0
        return [odd.padded(data, "png", size) for data in paint(job, sources)]

    api._book, workshop._paint = book_it, paint_it
