"""Bare requests with the bot's token, for what discord.py would never send."""

import json
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from aiohttp import ClientSession, FormData
from multidict import CIMultiDictProxy

from playground.discord import DiscordStandIn

Json = dict[str, Any]
V2 = 1 << 15


@dataclass
class Answer:
    status: int
    body: Any
    headers: CIMultiDictProxy[str]

    @property
    def code(self) -> int:
        return self.body["code"]

    def problems(self) -> dict[str, str]:
        """Return the problems of a 50035 by path: the first code at each."""
        assert (self.status, self.body["code"]) == (400, 50035), self.body
        found: dict[str, str] = {}

        def walk(node: Json, path: str) -> None:
            for key, value in node.items():
                if key == "_errors":
                    found[path] = value[0]["code"]
                else:
                    walk(value, f"{path}.{key}" if path else key)

        walk(self.body["errors"], "")
        return found


class Rest:
    """Sends requests to one stand-in."""

    def __init__(self, *, standin: DiscordStandIn, http: ClientSession) -> None:
        self.standin = standin
        self.http = http
        self.headers = {"Authorization": f"Bot {standin.token}"}

    @property
    def channel(self) -> str:
        return f"/channels/{self.standin.world.guild.channels[0].id}"

    @property
    def messages(self) -> str:
        return f"{self.channel}/messages"

    async def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        files: dict[str, bytes] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        data: FormData | bytes | None = None
        sent = {**self.headers, **(headers or {})}
        if files is not None:
            data = FormData(quote_fields=False)
            data.add_field("payload_json", json.dumps(body), content_type="application/json")
            for number, (name, content) in enumerate(files.items()):
                data.add_field(f"files[{number}]", BytesIO(content), filename=name)
        elif body is not None:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
        async with self.http.request(method, self.standin.api_url + path, data=data, headers=sent) as reply:
            text = await reply.text()
            is_json = reply.headers.get("Content-Type") == "application/json"
            return Answer(reply.status, json.loads(text) if is_json else text, reply.headers)

    async def send(self, body: object, *, files: dict[str, bytes] | None = None) -> Answer:
        return await self.ask("POST", self.messages, body, files=files)

    async def sent(self, body: object, *, files: dict[str, bytes] | None = None) -> Json:
        """Send a message that is accepted; return it."""
        answer = await self.send(body, files=files)
        assert answer.status == 200, answer.body
        return answer.body
