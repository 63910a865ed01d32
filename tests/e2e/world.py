"""The whole thing on loopback: both stand-ins in this process, the real bot in its own."""

import asyncio
import hashlib
import sqlite3
from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import aiohttp

from accounts.verify import Finding
from playground.bot_process import NOTHING_AT_STAKE
from playground.discord.server import DiscordStandIn
from playground.loopback import free_port
from playground.pixeldojo.stand_in import ProviderStandIn
from tests.e2e.bot import ROOT, Bot
from tests.e2e.checks import check_world
from tests.e2e.member import Member, Message
from tests.e2e.messages import custom_ids_of
from tests.e2e.waiting import LONG, until
from tests.engines import SECRET, Databases, PostgresEngine
from tests.storage.rows import verify_file

__all__ = ["FAST", "ROOT", "World", "free_port", "open_world", "until"]

FAST = {"fast_results": True, "requests_per_minute": None, "submits_per_minute": None}
"""The provider's switches for tests that are not about pictures or its limits."""
OPEN = ("queued", "submitting", "running", "delivering", "unknown")


class World(Bot):
    """Two stand-ins and a bot process that can be started, stopped and killed."""

    opened: ClassVar[list["World"]] = []
    """The worlds that are open now, so that a failure can show their logs."""
    databases: ClassVar[Databases | None] = None
    """What lends each its database, where that is not SQLite's."""
    engine: PostgresEngine | None = None

    def __init__(
        self, *, discord: DiscordStandIn, provider: ProviderStandIn, folder: Path, settings: Mapping[str, str]
    ) -> None:
        super().__init__(folder=folder, settings={**settings_for(discord, provider), **settings})
        self.discord = discord
        self.provider = provider
        self.troubles: set[str] = set()
        """Words of error lines in the log that a test provoked on purpose."""
        self._faults_at_rest = discord.set_faults()
        self._switches_at_rest = provider.control.switches()
        self._joined = 0
        self._given_up: set[str] = set()

    async def kill_bot(self) -> None:
        await super().kill_bot()
        if self.engine is not None:
            # The next one would wait for ten seconds first: how that goes has tests of its own.
            self.engine.change("UPDATE leases SET until = clock_timestamp()", ())

    # People

    def member(self, name: str) -> AbstractAsyncContextManager[Member]:
        """Open the page of somebody who is there."""
        member_id = self.discord.world.person(name)
        assert member_id is not None
        return Member.at(self.discord.origin, str(member_id))

    async def join(self, **rights: list[str]) -> str:
        """Let somebody join the server: ``roles``, ``permissions``, ``denied``. Return their id."""
        self._joined += 1
        person = await self.page("members", name=f"Member {self._joined}", **rights)
        return str(person["user"]["id"])

    # Discord

    async def page(self, what: str, **body: Any) -> Any:
        """Ask something of the stand-in beside Discord's own interface."""
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.discord.origin}/page/{what}", json=body) as reply,
        ):
            assert reply.status == 200, await reply.text()
            return await reply.json()

    def faults(self, **switches: Any) -> None:
        self.discord.set_faults(**switches)

    def files_of(self, message: Message) -> list[tuple[str, str]]:
        """Return name and SHA-256 of the files that a message has now at Discord."""
        found = self.discord.world.message(int(message["channel_id"]), int(message["id"]))
        assert found is not None, "that message is gone"
        return [(item.filename, item.file.sha256) for item in found.attachments]

    def results_on(self, *messages: Message) -> list[str]:
        """Return the SHA-256 of the results on messages, in order."""
        return [sha for each in messages for name, sha in self.files_of(each) if name.startswith("darkroom-")]

    def all_messages(self) -> list[Message]:
        """Return all messages at Discord with whom each is shown to and what files it has."""
        return [
            {
                "id": str(message.id),
                "channel_id": str(channel.id),
                "recipient": channel.recipient_id,
                "only_for": message.only_for,
                "files": [(item.filename, item.file.sha256) for item in message.attachments],
            }
            for channel in self.discord.world.channels.values()
            for message in channel.timeline.newest(len(channel.timeline))
        ]

    def requests(self, method: str = "", path: str = "") -> list[dict[str, Any]]:
        """Return what the bot asked of Discord's REST interface, oldest first."""
        return [
            each
            for each in self.discord._bot_side.log.since(0)
            if each["method"].startswith(method) and path in each["path"]
        ]

    # The provider

    def switch(self, **switches: Any) -> None:
        self.provider.control.merge(switches)

    def bodies(self, prompt: str) -> list[dict[str, Any]]:
        """Return the submissions for a prompt."""
        return [
            each["body"]
            for each in self.provider.log
            if each["method"] == "POST"
            and isinstance(each.get("body"), dict)
            and each["body"].get("prompt") == prompt
        ]

    def submissions(self) -> int:
        """Return how many submissions the provider has had."""
        return sum(each["method"] == "POST" for each in self.provider.log)

    def job_at_provider(self, prompt: str) -> dict[str, Any]:
        """Return the newest job for a prompt as the provider shows it."""
        return next(each for each in self.provider.control.state()["jobs"] if each["prompt"] == prompt)

    async def finish(self, provider_job_id: str | None = None) -> None:
        """End one of the provider's running jobs now, or all."""
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.provider.origin}/control/finish", json={"job": provider_job_id}) as reply,
        ):
            assert reply.status == 200, await reply.text()

    async def provider_results(self, prompt: str) -> list[str]:
        """Return the SHA-256 of the results that the provider has for a prompt."""
        found: list[str] = []
        async with aiohttp.ClientSession() as session:
            for url in self.job_at_provider(prompt)["results"]:
                async with session.get(url) as reply:
                    assert reply.status == 200
                    found.append(hashlib.sha256(await reply.read()).hexdigest())
        return found

    # The database

    def query(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        """Ask the bot's database, as an operator would beside the running bot."""
        if self.engine is not None:
            return self.engine.ask(sql, values)
        connection = sqlite3.connect(f"file:{self.data / 'darkroom.db'}?mode=ro", uri=True)
        connection.row_factory = sqlite3.Row
        try:
            return connection.execute(sql, values).fetchall()
        finally:
            connection.close()

    def change(self, sql: str, *values: Any) -> None:
        """Change a row behind the bot's back: only for what would take minutes or days otherwise."""
        if self.engine is not None:
            self.engine.change(sql, values)
            return
        connection = sqlite3.connect(self.data / "darkroom.db", timeout=10, isolation_level=None)
        try:
            connection.execute(sql, values)
        finally:
            connection.close()

    @property
    def has_begun(self) -> bool:
        """Whether a bot has made the database."""
        return self.engine is not None or (self.data / "darkroom.db").exists()

    def verify(self) -> list[Finding]:
        """Check the database as ``--verify`` does."""
        return verify_file(self.data / "darkroom.db") if self.engine is None else self.engine.verify()

    def job(self, message: Message) -> sqlite3.Row:
        """Return the row of the job that a card shows: by its buttons, or by the message."""
        ids = custom_ids_of(message)
        if ids:
            return self.query("SELECT * FROM jobs WHERE id = ?", ids[0].split(":", 2)[2])[0]
        return self.query("SELECT * FROM jobs WHERE card_id = ?", int(message["id"]))[0]

    def jobs_of(self, member: Member) -> list[sqlite3.Row]:
        return self.query(
            "SELECT jobs.* FROM jobs JOIN members ON surrogate = member WHERE snowflake = ?"
            " ORDER BY created_at, id",
            int(member.id),
        )

    def entries(self, message: Message) -> list[tuple[str, int, int]]:
        """Return the ledger's entries for a card: kind, held and spent in thousandths."""
        rows = self.query(
            "SELECT kind, held, spent FROM entries WHERE job_id = ? ORDER BY id", self.job(message)["id"]
        )
        return [(row["kind"], row["held"], row["spent"]) for row in rows]

    def account(self, member: Member) -> tuple[int, int]:
        """Return what a member has held and spent, in thousandths."""
        row = self.query(
            "SELECT coalesce(sum(held), 0), coalesce(sum(spent), 0) FROM ledger WHERE member_id = ?",
            int(member.id),
        )[0]
        return (row[0], row[1])

    async def status(self, message: Message, *wanted: str) -> sqlite3.Row:
        """Wait until a card's job has one of these statuses and return its row."""
        await until(
            lambda: self.job(message)["status"] in wanted,
            what=lambda: f"{wanted}, not {dict(self.job(message))}",
        )
        return self.job(message)

    async def closed(self, message: Message) -> sqlite3.Row:
        """Wait until a job is delivered and all its chores are done, and return its row."""
        await until(lambda: bool(self.job(message)["reminded"]), what=lambda: str(dict(self.job(message))))
        return self.job(message)

    async def finished(self, member: Member, prompt: str, *images: Path, **options: Any) -> Message:
        """Have an edit done, with its reaction on the card, and return the card."""
        card = await member.edit(prompt, *images, **options)
        await member.sees(card, "Done")
        await self.closed(card)
        return member.messages[card["id"]]

    def sources_of(self, message: Message) -> list[str]:
        """Return the SHA-256 of the sources of a card's job, in order."""
        rows = self.query(
            "SELECT sha256 FROM images WHERE job_id = ? AND role = 'source' ORDER BY position",
            self.job(message)["id"],
        )
        return [row["sha256"] for row in rows]

    async def sources_are_kept(self, message: Message) -> None:
        """Wait until the sources of a card's job have been fetched and looked at."""
        await until(lambda: bool(self.job(message)["sources_ready"]), what=lambda: "the sources")

    async def settled(self) -> None:
        """Wait until the bot has nothing left to do."""
        await until(lambda: not self._unsettled(), what=lambda: str(self._unsettled()))

    def _unsettled(self) -> list[tuple[Any, ...]]:
        listed = ", ".join(f"'{status}'" for status in OPEN)
        rows = self.query(
            f"SELECT id, status, rung, failure FROM jobs WHERE status IN ({listed})"
            " OR (status = 'done' AND reminded = 0)"
        )
        return [tuple(row) for row in rows if row["id"] not in self._given_up]

    async def rest(self) -> None:
        """Put all switches back and let everything that is under way come to its end."""
        self.discord.set_faults(**self._faults_at_rest)
        self.switch(**self._switches_at_rest)
        try:
            # On a busy machine each statement waits for a core on its way to a server and back.
            async with asyncio.timeout(LONG if self.engine is None else 3 * LONG):
                while self._unsettled():
                    await self.finish()
                    await asyncio.sleep(0.02)
        except TimeoutError:
            unsettled = self._unsettled()
            self._given_up |= {str(row[0]) for row in unsettled}
            raise AssertionError(f"these jobs do not come to an end: {unsettled}") from None


def settings_for(discord: DiscordStandIn, provider: ProviderStandIn) -> dict[str, str]:
    """Return the settings that point a bot at the stand-ins."""
    return {
        **NOTHING_AT_STAKE,
        "DISCORD_TOKEN": discord.token,
        "DISCORD_API_URL": discord.api_url,
        "DISCORD_CDN_URLS": discord.cdn_url,
        "PIXELDOJO_API_KEY": provider.key,
        "PIXELDOJO_API_URL": provider.api_url,
        # The bot's own order follows the calendar, and no test may.
        "PIXELDOJO_MODELS": "gpt-image-1-5-edit,gpt-image-2-edit",
        "PIXELDOJO_GENERATE_MODELS": "gpt-image-1-5,gpt-image-2",
        "PIXELDOJO_REQUESTS_PER_MINUTE": "6000",
        "PIXELDOJO_SUBMITS_PER_MINUTE": "3000",
    }


W = TypeVar("W", bound=World)


@asynccontextmanager
async def open_a(
    kind: type[W],
    folder: Path,
    *,
    latency: float = 0.002,
    start: bool = True,
    webhooks: bool = True,
    switches: Mapping[str, object] | None = None,
    **settings: str,
) -> AsyncGenerator[W]:
    """Open both stand-ins and start the bot; at the end all that must always hold is looked at."""
    provider = ProviderStandIn(latency=latency, balance=100_000.0, switches={**FAST, **(switches or {})})
    await provider.start()
    discord = DiscordStandIn(provider_control_url=f"{provider.origin}/control")
    await discord.start()
    discord.set_faults(rate_limits=False)
    if webhooks:
        address = f"127.0.0.1:{free_port()}"
        settings = {
            "PIXELDOJO_WEBHOOK_URL": f"http://{address}/pixeldojo",
            "WEBHOOK_LISTEN": address,
            **settings,
        }
    folder.mkdir(parents=True, exist_ok=True)
    lent = ExitStack()
    engine = lent.enter_context(World.databases.lent(folder)) if World.databases else None
    if engine is not None:
        settings = {"DATABASE_URL": engine.url, "ERASURE_SECRET": SECRET, **settings}
    world = kind(discord=discord, provider=provider, folder=folder, settings=settings)
    world.engine = engine
    World.opened.append(world)
    try:
        if start:
            await world.start_bot()
        yield world
        check_world(world)
    except BaseException:
        print(f"the log of its bot:\n{world.log()[-8000:]}")  # noqa: T201 - pytest shows it with the failure
        raise
    finally:
        World.opened.remove(world)
        if world.process is not None and world.process.returncode is None:
            await world.kill_bot()
        lent.close()
        await discord.close()
        await provider.close()


open_world = partial(open_a, World)
