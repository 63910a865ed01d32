"""``GET /page/socket?member=ID``: one open page (see ``playground/PROTOCOL.md``)."""

import json
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import WSMsgType, web

from playground.discord.faults import Faults
from playground.discord.jsons import JsonObject, as_object
from playground.discord.outbox import Outbox
from playground.discord.page_hub import PageConnection, PageHub
from playground.discord.transport import aborter
from playground.discord.world import World

Action = Callable[[PageConnection, JsonObject], Awaitable[None]]


class PageError(Exception):
    """The page asked for something that Discord's own client would not send."""


class PageSocket:
    """Accepts pages and hands their wishes on.

    Parameters
    ----------
    actions
        What to do for each ``op``.
    """

    def __init__(self, *, world: World, hub: PageHub, faults: Faults, actions: Mapping[str, Action]) -> None:
        self._world = world
        self._hub = hub
        self._faults = faults
        self._actions = actions

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one websocket to its end."""
        user_id = self._world.person(request.query.get("member", ""))
        if user_id is None:
            raise web.HTTPNotFound(text="There is no such member.")
        socket = web.WebSocketResponse(heartbeat=30, max_msg_size=1 << 20)
        await socket.prepare(request)
        outbox = Outbox(socket=socket, abort=aborter(request))
        page = PageConnection(user_id, outbox, quiet=request.query.get("quiet") == "1")
        number = self._hub.join(page)
        try:
            limit = self._faults.member_upload_limit
            page.send("hello", self._hub.hello(user_id, upload_limit=limit, quiet=page.quiet))
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    await self._act(page, frame.data)
        finally:
            self._hub.leave(number)
            await outbox.close()
        return socket

    async def _act(self, page: PageConnection, text: str) -> None:
        try:
            wish = as_object(json.loads(text))
        except ValueError:
            page.send("error", {"nonce": None, "message": "That was not JSON."})
            return
        action = self._actions.get(str(wish.get("op")), _unknown)
        try:
            await action(page, wish)
        except PageError as problem:
            page.send("error", {"nonce": wish.get("nonce"), "message": str(problem)})


async def _unknown(page: PageConnection, wish: JsonObject) -> None:
    page.send("error", {"nonce": wish.get("nonce"), "message": f"There is no op {wish.get('op')}."})
