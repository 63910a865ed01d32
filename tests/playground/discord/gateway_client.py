"""A bare gateway client, for what discord.py hides."""

from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

from playground.discord import DiscordStandIn

Json = dict[str, Any]
GUILDS, MESSAGES = 1, 1 << 9


class BareGateway:
    """One websocket at the gateway, frame by frame."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket

    @classmethod
    async def connect(cls, http: ClientSession, standin: DiscordStandIn) -> "BareGateway":
        gateway = cls(await http.ws_connect(f"{standin.gateway_url}?v=10&encoding=json"))
        hello = await gateway.next()
        assert (hello["op"], hello["d"]["heartbeat_interval"] > 0) == (10, True)
        return gateway

    async def next(self) -> Json:
        return await self.socket.receive_json(timeout=5)

    async def send(self, op: int, data: object) -> None:
        await self.socket.send_json({"op": op, "d": data})

    async def identify(self, token: str, intents: int = GUILDS, **more: Any) -> None:
        await self.send(2, {"token": token, "intents": intents, "properties": {}, **more})

    async def close_code(self) -> int | None:
        frame = await self.socket.receive(timeout=5)
        assert frame.type in (WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.CLOSING), frame
        return self.socket.close_code

    async def until(self, event: str) -> Json:
        while True:
            frame = await self.next()
            if frame["t"] == event:
                return frame
