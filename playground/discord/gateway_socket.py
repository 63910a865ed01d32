"""``/gateway``: one bot's websocket, API v10, plain text frames."""

import asyncio
import json

from aiohttp import WSMsgType, web

from playground.discord import intents
from playground.discord.gateway import GatewayHub
from playground.discord.jsons import JsonObject, as_id, as_list, as_object, as_text, encode
from playground.discord.outbox import Outbox
from playground.discord.render import guild_create_json, member_json, user_json
from playground.discord.sessions import Session, frame
from playground.discord.transport import aborter
from playground.discord.world import World

HEARTBEAT_INTERVAL = 41_250
"""Milliseconds, as Discord says in HELLO."""
WAY = 0.02
"""Seconds that an answer to a heartbeat takes. discord.py notes when it sent one a moment after it did: of an
answer that is there by then it says that it came 41 seconds late."""


class CloseError(Exception):
    """The connection ends with one of the gateway's close codes."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class GatewaySocket:
    """Accepts bots.

    Parameters
    ----------
    allowed
        Privileged intents that the application has switched on.
    """

    def __init__(self, *, world: World, hub: GatewayHub, allowed: int) -> None:
        self._world = world
        self._hub = hub
        self._allowed = allowed
        self.url = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one websocket to its end."""
        socket = web.WebSocketResponse(max_msg_size=1 << 16, compress=False)
        await socket.prepare(request)
        outbox = Outbox(socket=socket, abort=aborter(request))
        self._hub.connected(outbox, aborter(request))
        outbox.put(frame(10, {"heartbeat_interval": HEARTBEAT_INTERVAL}))
        try:
            await self._listen(socket, outbox)
        except CloseError as problem:
            await socket.close(code=problem.code, message=str(problem).encode())
        finally:
            self._hub.disconnected(outbox, clean=socket.close_code in (1000, 1001))
            await outbox.close()
        return socket

    async def _listen(self, socket: web.WebSocketResponse, outbox: Outbox) -> None:
        session: Session | None = None
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                continue
            try:
                payload = as_object(json.loads(message.data))
            except ValueError as problem:
                raise CloseError(4002, "Error while decoding payload.") from problem
            session = self._receive(payload, outbox, session)

    def _receive(self, payload: JsonObject, outbox: Outbox, session: Session | None) -> Session | None:
        op, data = payload.get("op"), as_object(payload.get("d"))
        if op == 1:
            asyncio.get_running_loop().call_later(WAY, outbox.put, frame(11, None))
        elif op == 2:
            if session is not None:
                raise CloseError(4005, "Already authenticated.")
            return self._identify(data, outbox)
        elif op == 6:
            return self._resume(data, outbox)
        elif session is None:
            raise CloseError(4003, "Not authenticated.")
        elif op == 8:
            self._chunk(data, session)
        elif op not in (3, 4, 31):
            raise CloseError(4001, "Unknown opcode.")
        return session

    def _identify(self, data: JsonObject, outbox: Outbox) -> Session:
        self._check_token(data)
        wanted = as_id(data.get("intents"))
        if wanted is None or wanted >= 1 << 26:
            raise CloseError(4013, "Invalid intent(s).")
        if wanted & intents.PRIVILEGED & ~self._allowed:
            raise CloseError(4014, "Disallowed intent(s).")
        shard = as_list(data.get("shard")) or [0, 1]
        if len(shard) != 2 or not 0 <= shard[0] < shard[1]:
            raise CloseError(4010, "Invalid shard.")
        session = self._hub.identify(outbox=outbox, wanted=wanted, shard=(shard[0], shard[1]))
        session.dispatch("READY", encode(self._ready(session)))
        if self._at_home(session):
            session.dispatch("GUILD_CREATE", encode(guild_create_json(self._world)))
        return session

    def _at_home(self, session: Session) -> bool:
        number, count = session.shard
        return self._world.bot_inside and number == (self._world.guild.id >> 22) % count

    def _resume(self, data: JsonObject, outbox: Outbox) -> Session | None:
        self._check_token(data)
        session = self._hub.resume(
            outbox=outbox, session_id=as_text(data.get("session_id")), sequence=as_id(data.get("seq")) or 0
        )
        if session is None:
            outbox.put(frame(9, data=False))
            return None
        session.dispatch("RESUMED", encode({"_trace": []}))
        return session

    def _check_token(self, data: JsonObject) -> None:
        given = as_text(data.get("token")).removeprefix("Bot ")
        if given != self._world.application.token:
            raise CloseError(4004, "Authentication failed.")

    def _ready(self, session: Session) -> JsonObject:
        world = self._world
        return {
            "v": 10,
            "user": {**user_json(world.bot), "verified": True, "mfa_enabled": True, "email": None},
            "user_settings": {},
            "guilds": [{"id": str(world.guild.id), "unavailable": True}] if self._at_home(session) else [],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": self.url,
            "shard": list(session.shard),
            "application": {"id": str(world.application.id), "flags": world.application.flags},
            "private_channels": [],
            "relationships": [],
            "presences": [],
            "guild_join_requests": [],
            "geo_ordered_rtc_regions": [],
            "auth": {},
            "_trace": [],
        }

    def _chunk(self, data: JsonObject, session: Session) -> None:
        wanted = {as_id(item) for item in as_list(data.get("user_ids"))}
        start = as_text(data.get("query")).lower()
        members = [
            member_json(member)
            for member in self._world.guild.members.values()
            if member.user.id in wanted or (not wanted and member.user.name.lower().startswith(start))
        ]
        body = {
            "guild_id": str(self._world.guild.id),
            "members": members,
            "chunk_index": 0,
            "chunk_count": 1,
            "nonce": data.get("nonce"),
        }
        session.dispatch("GUILD_MEMBERS_CHUNK", encode(body))
