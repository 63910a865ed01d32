"""A person at the page: its websocket and its HTTP, as a browser would use them."""

import asyncio
from collections.abc import Callable
from itertools import count
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse, FormData

from playground.discord import DiscordStandIn

Json = dict[str, Any]
WAIT = 5.0


class Person:
    """One member with one open page. Everything the page is told is kept in ``frames``."""

    def __init__(self, *, standin: DiscordStandIn, http: ClientSession, name: str) -> None:
        self.standin = standin
        self.http = http
        self.name = name
        self.frames: list[Json] = []
        self._numbers = count(1)
        self._changed = asyncio.Event()
        self._socket: ClientWebSocketResponse | None = None
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> "Person":
        address = f"{self.standin.origin}/page/socket?member={self.name}"
        self._socket = await self.http.ws_connect(address)
        self._task = asyncio.create_task(self._listen(self._socket))
        await self.until("hello")
        return self

    async def close(self) -> None:
        assert self._socket is not None
        assert self._task is not None
        await self._socket.close()
        await self._task

    async def _listen(self, socket: ClientWebSocketResponse) -> None:
        async for frame in socket:
            self.frames.append(frame.json())
            self._changed.set()

    @property
    def hello(self) -> Json:
        return self.frames[0]["d"]

    @property
    def id(self) -> str:
        return self.hello["me"]

    def channel(self, name: str) -> str:
        return next(item["id"] for item in self.hello["channels"] if item["name"] == name)

    @property
    def direct(self) -> str:
        return next(item["id"] for item in self.hello["channels"] if item["type"] == 1)

    def all(self, name: str) -> list[Json]:
        return [frame["d"] for frame in self.frames if frame["t"] == name]

    async def until(self, name: str, fits: Callable[[Json], bool] = lambda _: True) -> Json:
        """Return the first frame of a name that fits; wait for it if need be."""
        async with asyncio.timeout(WAIT):
            while True:
                for data in self.all(name):
                    if fits(data):
                        return data
                self._changed.clear()
                await self._changed.wait()

    async def wish(self, op: str, **fields: Any) -> str:
        """Send a wish and return its nonce."""
        assert self._socket is not None
        nonce = f"{self.name}-{next(self._numbers)}"
        await self._socket.send_json({"op": op, "nonce": nonce, **fields})
        return nonce

    async def refusal(self, op: str, **fields: Any) -> str:
        """Send a wish that the page's server refuses; return what it says."""
        nonce = await self.wish(op, **fields)
        return (await self.until("error", lambda data: data["nonce"] == nonce))["message"]

    async def outcome(self, nonce: str) -> str | None:
        """Return why a wish was refused, or None once it was sent on."""
        async with asyncio.timeout(WAIT):
            while True:
                for frame in self.frames:
                    if frame["t"] in ("error", "interaction") and frame["d"]["nonce"] == nonce:
                        return frame["d"].get("message")
                self._changed.clear()
                await self._changed.wait()

    async def state(self, nonce: str, state: str) -> Json:
        return await self.until("interaction", lambda data: (data["nonce"], data["state"]) == (nonce, state))

    def command(self, name: str) -> Json:
        commands = self.all("commands")[-1]["commands"] if self.all("commands") else self.hello["commands"]
        return next(item for item in commands if item["name"] == name)

    async def use(self, name: str, *, channel: str = "darkroom", **options: Any) -> str:
        """Use a slash command without subcommands; return the wish's nonce."""
        command = self.command(name)
        kinds = {option["name"]: option["type"] for option in command.get("options", [])}
        given = [{"name": key, "type": kinds.get(key, 3), "value": value} for key, value in options.items()]
        return await self.wish(
            "command", channel_id=self.channel(channel), command_id=command["id"], options=given
        )

    async def upload(self, *files: tuple[str, bytes, str]) -> list[Json]:
        form = FormData(quote_fields=False)
        for name, data, kind in files:
            form.add_field("file", data, filename=name, content_type=kind)
        address = f"{self.standin.origin}/page/uploads?member={self.name}"
        async with self.http.post(address, data=form) as reply:
            assert reply.status == 200, await reply.text()
            return await reply.json()

    async def message(self, fits: Callable[[Json], bool] = lambda _: True) -> Json:
        """Return the newest state of the first message that fits."""
        made = await self.until("message_create", fits)
        later = [data for data in self.all("message_update") if data["id"] == made["id"]]
        return later[-1] if later else made


async def ask(http: ClientSession, standin: DiscordStandIn, path: str, body: Json | None = None) -> Any:
    """GET or (with a body) POST something below ``/page``."""
    address = f"{standin.origin}/page/{path}"
    if body is None:
        async with http.get(address) as reply:
            return await reply.json()
    async with http.post(address, json=body) as reply:
        assert reply.status == 200, await reply.text()
        return await reply.json()
