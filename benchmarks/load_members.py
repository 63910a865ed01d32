"""Members by the hundred who use ``/edit`` and look at nothing but whether they were answered, and when."""

import asyncio
import itertools
import json
import math
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Self

import aiohttp

PATIENCE = 10.0
"""Seconds after which an answer is no longer waited for; Discord itself waits for three."""
PHOTOGRAPH = Path(__file__).parents[1] / "playground" / "samples" / "cat.jpg"
COMMAND_OPTIONS = {"prompt": 3, "image": 11}
"""The types of the options (Discord: string, attachment)."""


class Member:
    """One member's page, which is told of no messages: a hundred that were would be the whole load."""

    def __init__(self, *, session: aiohttp.ClientSession, origin: str, member_id: str) -> None:
        self._session = session
        self._origin = origin
        self._id = member_id
        self._nonces = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[float]] = {}
        self._socket: aiohttp.ClientWebSocketResponse
        self._command = asyncio.get_running_loop().create_future()
        self._channel = ""

    @classmethod
    @asynccontextmanager
    async def join(cls, session: aiohttp.ClientSession, origin: str, name: str) -> AsyncGenerator[Self]:
        """Let a member join the server and open their page."""
        async with session.post(f"{origin}/page/members", json={"name": name}) as reply:
            member_id = str((await reply.json())["user"]["id"])
        member = cls(session=session, origin=origin, member_id=member_id)
        url = f"{origin}/page/socket?member={member_id}&quiet=1"
        async with session.ws_connect(url, max_msg_size=0) as socket:
            member._socket = socket
            reading = asyncio.create_task(member._read())
            await member._command
            try:
                yield member
            finally:
                reading.cancel()

    async def _read(self) -> None:
        async for frame in self._socket:
            now = time.perf_counter()
            event: dict[str, Any] = json.loads(frame.data)
            self._take(event["t"], event["d"], now)

    def _take(self, kind: str, data: dict[str, Any], now: float) -> None:
        if kind == "hello":
            self._channel = next(each["id"] for each in data["channels"] if each["name"] == "darkroom")
        if kind in {"hello", "commands"}:
            for command in data["commands"]:
                if command["name"] == "edit" and not self._command.done():
                    self._command.set_result(command["id"])
        waiting = self._waiting.get(str(data.get("nonce")))
        if waiting is None or waiting.done():
            return
        if kind == "error" or data.get("state") == "failed":
            waiting.set_result(math.inf)
        elif data.get("state") == "answered":
            waiting.set_result(now)

    async def choose(self, photograph: bytes) -> str:
        """Choose a file to send and return its id."""
        form = aiohttp.FormData()
        form.add_field("file", photograph, filename="photograph.jpg")
        async with self._session.post(f"{self._origin}/page/uploads?member={self._id}", data=form) as reply:
            return str((await reply.json())[0]["id"])

    async def edit(self, prompt: str, upload: str) -> float:
        """Use ``/edit``; return the seconds until the first answer, infinity if none came."""
        nonce = f"{self._id}-{next(self._nonces)}"
        waiting = self._waiting[nonce] = asyncio.get_running_loop().create_future()
        values = {"prompt": prompt, "image": upload}
        options = [
            {"name": name, "type": kind, "value": values[name]} for name, kind in COMMAND_OPTIONS.items()
        ]
        wish = {
            "op": "command",
            "nonce": nonce,
            "channel_id": self._channel,
            "command_id": await self._command,
            "options": options,
        }
        began = time.perf_counter()
        await self._socket.send_json(wish)
        try:
            return await asyncio.wait_for(waiting, PATIENCE) - began
        except TimeoutError:
            return math.inf
        finally:
            del self._waiting[nonce]


class Crowd:
    """Many members, each with files to send."""

    def __init__(self, *, members: Sequence[Member], uploads: Sequence[Sequence[str]]) -> None:
        self._members = members
        self._uploads = uploads

    @classmethod
    @asynccontextmanager
    async def gather(cls, origin: str, *, members: int, each: int, photograph: bytes) -> AsyncGenerator[Self]:
        """Let so many join, and have each choose the files for all their commands."""
        async with AsyncExitStack() as stack:
            connector = aiohttp.TCPConnector(limit=0)
            session = await stack.enter_async_context(aiohttp.ClientSession(connector=connector))
            crowd = [
                await stack.enter_async_context(Member.join(session, origin, f"Member {number}"))
                for number in range(members)
            ]
            uploads = [[await member.choose(photograph) for _ in range(each)] for member in crowd]
            yield cls(members=crowd, uploads=uploads)

    async def send(self, moments: Sequence[float]) -> list[float]:
        """Send one command at each moment (seconds from now), the members in turn; return the waits."""
        began = time.perf_counter()
        asked: list[asyncio.Task[float]] = []
        for number, moment in enumerate(moments):
            await asyncio.sleep(max(0.0, began + moment - time.perf_counter()))
            asked.append(asyncio.create_task(self._edit(number)))
        return list(await asyncio.gather(*asked))

    async def _edit(self, number: int) -> float:
        turn, place = divmod(number, len(self._members))
        prompt = f"number {number}: paint the sky in the colours of an evening"
        return await self._members[place].edit(prompt, self._uploads[place][turn])
