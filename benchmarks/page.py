"""Members at the stand-in Discord's page: they upload photographs, use ``/edit``, see what comes of it."""

import asyncio
import itertools
import json
import random
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Self

import aiohttp

from benchmarks.processes import ROOT, StandIns

PHOTOGRAPHS = tuple(
    ROOT / "playground" / "samples" / f"{name}.jpg"
    for name in ("astronaut", "cat", "coffee", "galaxies", "rocket")
)
PATIENCE = 120.0
"""Seconds within which anything that is waited for has happened."""
DISCORD_EPOCH = 1_420_070_400_000
"""Unix milliseconds at which the ids of Discord begin."""

Event = dict[str, Any]


class Page:
    """One member's open page: when their wishes were answered (monotonic seconds), and finished cards."""

    def __init__(self, *, session: aiohttp.ClientSession, origin: str, member_id: str) -> None:
        self._session = session
        self._origin = origin
        self._id = member_id
        self._nonces = itertools.count(1)
        self._changed = asyncio.Condition()
        self._socket: aiohttp.ClientWebSocketResponse
        self._command = ""
        self._channel = ""
        self.answered: dict[str, float] = {}
        self.reacted: set[str] = set()

    @classmethod
    @asynccontextmanager
    async def open(
        cls, *, session: aiohttp.ClientSession, origin: str, name: str, quiet: bool
    ) -> AsyncGenerator[Self]:
        """Let a member join and open their page; a quiet one is told of no messages."""
        async with session.post(f"{origin}/page/members", json={"name": name}) as reply:
            member = await reply.json()
        page = cls(session=session, origin=origin, member_id=member["user"]["id"])
        socket = await session.ws_connect(
            f"{origin}/page/socket?member={page._id}{'&quiet=1' * quiet}", max_msg_size=0
        )
        page._socket = socket
        reader = asyncio.create_task(page._read())
        try:
            await page.until(lambda: bool(page._command))
            yield page
        finally:
            reader.cancel()
            await socket.close()

    async def _read(self) -> None:
        async for frame in self._socket:
            event = json.loads(frame.data)
            async with self._changed:
                self._take(event["t"], event["d"])
                self._changed.notify_all()

    def _take(self, kind: str, data: Event) -> None:
        if kind == "hello":
            self._channel = next(each["id"] for each in data["channels"] if each["name"] == "darkroom")
        if kind in {"hello", "commands"}:
            ids = [each["id"] for each in data["commands"] if each["name"] == "edit"]
            self._command = ids[0] if ids else ""
        elif kind == "reactions":
            self.reacted.add(data["message_id"])
        elif kind == "interaction" and data.get("state") == "answered":
            self.answered[data["nonce"]] = time.perf_counter()
        elif kind == "error" or data.get("state") == "failed":
            raise RuntimeError(f"a command failed: {data}")

    async def until(self, test: Any) -> None:
        """Wait until something is so that events tell of."""
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(test)

    async def upload(self, photograph: Path) -> str:
        """Choose a file and return its id."""
        form = aiohttp.FormData()
        form.add_field("file", photograph.read_bytes(), filename=photograph.name)
        url = f"{self._origin}/page/uploads?member={self._id}"
        async with self._session.post(url, data=form) as reply:
            return str((await reply.json())[0]["id"])

    async def edit(self, prompt: str, upload: str) -> float:
        """Use ``/edit`` with a file that was chosen; return the seconds until the first answer."""
        nonce = f"{self._id}-{next(self._nonces)}"
        options = [
            {"name": "prompt", "type": 3, "value": prompt},
            {"name": "image", "type": 11, "value": upload},
        ]
        began = time.perf_counter()
        await self._socket.send_json(
            {
                "op": "command",
                "nonce": nonce,
                "channel_id": self._channel,
                "command_id": self._command,
                "options": options,
            }
        )
        await self.until(lambda: nonce in self.answered)
        return self.answered[nonce] - began


class Crowd:
    """Members who use commands side by side; all is seen through the first one's page."""

    def __init__(self, *, session: aiohttp.ClientSession, where: StandIns, pages: Sequence[Page]) -> None:
        self._session = session
        self._where = where
        self._pages = pages
        self._numbers = itertools.count(1)
        self._rng = random.Random(1)

    @classmethod
    @asynccontextmanager
    async def open(cls, where: StandIns, *, members: int = 10) -> AsyncGenerator[Self]:
        """Let members join and open their pages."""
        async with AsyncExitStack() as stack:
            session = await stack.enter_async_context(
                aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
            )
            pages = [
                await stack.enter_async_context(
                    Page.open(session=session, origin=where.page, name=f"Member {number}", quiet=number > 0)
                )
                for number in range(members)
            ]
            yield cls(session=session, where=where, pages=pages)

    @property
    def delivered(self) -> int:
        """How many cards have got their last touch, the reaction that invites to a reroll."""
        return len(self._pages[0].reacted)

    async def ask(self, count: int) -> list[float]:
        """Use ``/edit`` so many times at once; return the seconds until each first answer."""
        chosen = [self._pages[number % len(self._pages)] for number in range(count)]
        uploads = [await page.upload(self._rng.choice(PHOTOGRAPHS)) for page in chosen]
        prompts = [
            f"number {next(self._numbers)}: paint the sky in the colours of an evening" for _ in chosen
        ]
        wishes = zip(chosen, prompts, uploads, strict=True)
        return list(await asyncio.gather(*(page.edit(*wish) for page, *wish in wishes)))

    async def until_delivered(self, count: int) -> None:
        """Wait until so many cards are complete."""
        await self._pages[0].until(lambda: self.delivered >= count)

    async def work_through(self, count: int, *, side_by_side: int) -> None:
        """Ask for jobs and wait for them, so many under way at a time."""
        begun = self.delivered
        for number in range(count):
            await self.until_delivered(begun + number + 1 - side_by_side)
            await self.ask(1)
        await self.until_delivered(begun + count)

    async def look(self, what: str, *, provider: bool = False) -> Any:
        """Read something that a stand-in keeps beside its own protocol."""
        url = f"{self._where.control}/{what}" if provider else f"{self._where.page}/page/{what}"
        async with self._session.get(url) as reply:
            return await reply.json()

    async def tell(self, what: str, body: Event) -> Any:
        """Turn a switch of the stand-in provider."""
        async with self._session.post(f"{self._where.control}/{what}", json=body) as reply:
            return await reply.json()
