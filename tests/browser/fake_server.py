"""A scripted server for the page: its files, samples, and a websocket that records what it is told."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from aiohttp import BodyPartReader, WSMsgType, web

from tests.browser import scenes
from tests.browser.fake_commands import commands

PLAYGROUND = Path(__file__).parents[2] / "playground"
FIRST_UPLOAD = 7001
MEMBERS = {"ann": scenes.ANN, "ben": scenes.BEN, "mod": scenes.MOD}


class FakeServer:
    """What the page talks to; a test says what it answers.

    Attributes
    ----------
    received
        Every frame of the page, oldest first.
    posted
        Every JSON body that was posted, as (path, body).
    uploads
        Names of the uploaded files, oldest first.
    answers
        By op: what to do with a frame; ops without an entry are answered at once.
    """

    def __init__(self) -> None:
        self.url = ""
        self._sockets: set[web.WebSocketResponse] = set()
        self._arrived = asyncio.Condition()
        self._runner: web.AppRunner | None = None
        self.reset()

    def reset(self) -> None:
        """Forget everything that a test has done."""
        self.messages: list[dict[str, Any]] = []
        self.commands = commands()
        self.online = True
        self.received: list[dict[str, Any]] = []
        self.posted: list[tuple[str, Any]] = []
        self.uploads: list[str] = []
        self.answers: dict[str, Callable[[dict[str, Any]], None]] = {}
        self.provider: dict[str, Any] = {
            "balance": 482,
            "jobs": [],
            "switches": {"next": [], "latency": 1},
            "models": [
                {"id": "gpt-image-1-5-edit", "name": "GPT-Image 1.5 Edit", "cost": 4},
                {"id": "gpt-image-2-edit", "name": "GPT-Image 2 Edit", "cost": 5},
            ],
        }
        self.faults: dict[str, Any] = {"token_expired": False, "missing_permissions": []}
        self.processes: dict[str, Any] = {"processes": []}
        self.refuse = False

    async def start(self) -> None:
        app = web.Application()
        app.router.add_get("/", _files("web", "index.html"))
        app.router.add_get("/assets/samples/{path:.+}", _files("samples"))
        app.router.add_get("/assets/{path:.+}", _files("web"))
        app.router.add_get("/cdn/{path:.+}", _files("samples"))
        app.router.add_get("/page/socket", self._socket)
        app.router.add_post("/page/uploads", self._upload)
        app.router.add_get("/page/{path:.+}", self._get)
        app.router.add_post("/page/{path:.+}", self._post)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        await self.drop()
        if self._runner is not None:
            await self._runner.cleanup()

    async def drop(self) -> None:
        """Close every websocket."""
        for socket in list(self._sockets):
            await socket.close()

    async def push(self, name: str, data: Any) -> None:
        """Send one frame to every page."""
        for socket in list(self._sockets):
            await socket.send_json({"t": name, "d": data})

    async def say(self, message: dict[str, Any], *, name: str = "message_create") -> dict[str, Any]:
        await self.push(name, message)
        return message

    async def expect(self, op: str, *, earlier: int = 0) -> dict[str, Any]:
        """Wait for the page's frame with this op, after so many earlier ones of it."""
        async with self._arrived:
            await asyncio.wait_for(self._arrived.wait_for(lambda: len(self.frames(op)) > earlier), 5)
        return self.frames(op)[earlier]

    def frames(self, op: str) -> list[dict[str, Any]]:
        return [frame for frame in self.received if frame["op"] == op]

    async def settle(self, frame: dict[str, Any], state: str = "answered", error: str | None = None) -> None:
        await self.push("interaction", {"nonce": frame["nonce"], "state": state, "error": error})

    def upload_id(self, name: str) -> str:
        """Return the id that an uploaded file was given."""
        return str(FIRST_UPLOAD + self.uploads.index(name))

    def hold(self, *ops: str) -> None:
        """Leave these ops unanswered."""
        for op in ops:
            self.answers[op] = lambda _: None

    def hello(self, me: str) -> dict[str, Any]:
        return {
            "guild": {"id": scenes.GUILD, "name": "Darkroom Test Server"},
            "channels": [
                {"id": scenes.DARKROOM, "name": "darkroom", "type": 0},
                {"id": scenes.LOUNGE, "name": "lounge", "type": 0},
                {"id": scenes.DIRECT, "name": "Darkroom", "type": 1},
            ],
            "members": [_member(scenes.ANN), _member(scenes.BEN), _member(scenes.MOD)],
            "me": me,
            "bot": {"id": scenes.BOT, "name": "Darkroom", "online": self.online},
            "commands": self.commands,
            "messages": self.messages,
            "upload_limit": 10 * 1024 * 1024,
            "roles": [{"id": scenes.MODERATORS, "name": "Moderators", "color": 0x3F9D68}],
        }

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        name = request.query.get("member", "")
        me = MEMBERS.get(name, name or scenes.ANN)
        if self.refuse or me not in MEMBERS.values():
            raise web.HTTPNotFound
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._sockets.add(socket)
        await socket.send_json({"t": "hello", "d": self.hello(me)})
        async for frame in socket:
            if frame.type is WSMsgType.TEXT:
                await self._receive(json.loads(frame.data))
        self._sockets.discard(socket)
        return socket

    async def _receive(self, frame: dict[str, Any]) -> None:
        async with self._arrived:
            self.received.append(frame)
            self._arrived.notify_all()
        answer = self.answers.get(frame["op"])
        if answer is not None:
            answer(frame)
        elif frame["op"] in {"command", "component", "modal"}:
            await self.settle(frame, "sent")
            await self.settle(frame)

    async def _upload(self, request: web.Request) -> web.Response:
        described: list[dict[str, Any]] = []
        async for part in await request.multipart():
            assert isinstance(part, BodyPartReader)
            name, data = part.filename or "", await part.read()
            self.uploads.append(name)
            described.append(
                {
                    "id": self.upload_id(name),
                    "filename": name,
                    "size": len(data),
                    "width": 451,
                    "height": 300,
                }
            )
        return web.json_response(described)

    async def _get(self, request: web.Request) -> web.Response:
        known: dict[str, Any] = {
            "provider/state": self.provider,
            "faults": self.faults,
            "processes": self.processes,
            "log": [{"n": 1, "at": 0, "method": "GET", "path": "/users/@me", "status": 200, "files": []}],
        }
        return web.json_response(known[request.match_info["path"]])

    async def _post(self, request: web.Request) -> web.Response:
        path, body = request.match_info["path"], await request.json()
        self.posted.append((path, body))
        if path == "provider/switches":
            self.provider["switches"].update(body)
            self.provider["balance"] = body.get("balance", self.provider["balance"])
        if path == "faults":
            self.faults.update(body)
        return web.json_response({"user": {"id": scenes.BEN}} if path == "members" else {})


def _files(folder: str, name: str | None = None) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def serve(request: web.Request) -> web.StreamResponse:
        path = PLAYGROUND / folder / (name or request.match_info["path"])
        if not path.is_file():
            raise web.HTTPNotFound
        return web.FileResponse(path, headers={"Cache-Control": "max-age=600"})

    return serve


def _member(user: str) -> dict[str, Any]:
    colours = {scenes.ANN: "#3c6fd1", scenes.BEN: "#c07a1f", scenes.MOD: "#3f7d58"}
    moderator = user == scenes.MOD
    return {
        "id": user,
        "name": scenes.NAMES[user],
        "avatar_color": colours[user],
        "moderator": moderator,
        "roles": [scenes.MODERATORS] if moderator else [],
    }
