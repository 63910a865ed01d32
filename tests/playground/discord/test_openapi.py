"""The stand-in's own replies against Discord's description (``DISCORD_OPENAPI`` names a copy of it)."""

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tests.playground.discord.page import Person
from tests.playground.discord.rest_client import V2, Json, Rest
from tests.playground.discord.testbot import TestBot

COPY = os.environ.get("DISCORD_OPENAPI")
pytestmark = pytest.mark.skipif(COPY is None, reason="DISCORD_OPENAPI names no copy")


@cache
def description() -> Json:
    document: Json = json.loads(Path(COPY or "").read_text())
    # discord.py and we send ids as integers in places where the description has strings alone.
    document["components"]["schemas"]["SnowflakeType"] = {"type": ["string", "integer"]}
    return document


def operation(method: str, path: str) -> Json:
    for template, item in description()["paths"].items():
        pattern = re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(template))
        if re.fullmatch(pattern, path) and method.lower() in item and "@original" not in template:
            return item[method.lower()]
    raise LookupError(f"{method} {path}")


@cache
def registry() -> Registry[Any]:
    root = Resource(contents=description(), specification=DRAFT202012)
    return Registry().with_resource("urn:discord", root).crawl()


def problems(schema: Json, value: object) -> list[str]:
    local = json.loads(json.dumps(schema).replace('"#/', '"urn:discord#/'))
    validator = jsonschema.Draft202012Validator(local, registry=registry())
    return [f"{error.json_path}: {error.message[:300]}" for error in validator.iter_errors(value)]


def check_reply(method: str, path: str, status: int, body: object) -> None:
    responses = operation(method, path)["responses"]
    found = responses.get(str(status)) or description()["components"]["responses"]["ClientErrorResponse"]
    assert problems(found["content"]["application/json"]["schema"], body) == []


async def checked(rest: Rest, method: str, path: str, body: Any = None, **more: Any) -> Any:
    answer = await rest.ask(method, path, body, **more)
    if answer.status != 204:
        check_reply(method, path.partition("?")[0], answer.status, answer.body)
    return answer.body


async def test_replies_are_as_discord_describes_them(rest: Rest, ann: Person) -> None:
    guild, application = rest.standin.world.guild.id, rest.standin.world.application.id
    for path in (
        "/users/@me",
        "/oauth2/applications/@me",
        "/applications/@me",
        "/gateway/bot",
        "/gateway",
        f"/users/{ann.id}",
        f"/guilds/{guild}",
        f"/guilds/{guild}/roles",
        f"/guilds/{guild}/channels",
        f"/guilds/{guild}/members/{ann.id}",
        rest.channel,
    ):
        await checked(rest, "GET", path)
    direct = await checked(rest, "POST", "/users/@me/channels", {"recipient_id": ann.id})
    await checked(rest, "GET", f"/channels/{direct['id']}")
    commands = f"/applications/{application}/commands"
    option = {"type": 3, "name": "prompt", "description": "x", "required": True}
    await checked(rest, "PUT", commands, [{"name": "edit", "description": "x", "options": [option]}])
    await checked(rest, "GET", commands)
    for path in ("/channels/1", f"{rest.messages}/1"):
        await checked(rest, "GET", path)


async def test_messages_are_as_discord_describes_them(rest: Rest, cat: bytes) -> None:
    gallery = {"type": 12, "items": [{"media": {"url": "attachment://cat.jpg"}}]}
    button = {"type": 2, "style": 1, "label": "B", "custom_id": "b"}
    parts = [{"type": 10, "content": "hi"}, gallery, {"type": 1, "components": [button]}]
    card = {"flags": V2, "components": [{"type": 17, "components": parts}]}
    message = await checked(rest, "POST", rest.messages, card, files={"cat.jpg": cat})
    reply = {"content": "x", "message_reference": {"message_id": message["id"]}, "nonce": "n"}
    await checked(rest, "POST", rest.messages, reply)
    one = f"{rest.messages}/{message['id']}"
    await rest.ask("PUT", f"{one}/reactions/%F0%9F%94%81/@me")
    await checked(rest, "GET", one)
    await checked(rest, "GET", rest.messages)
    await checked(rest, "PATCH", one, {"components": [parts[0]], "attachments": []})


async def test_answers_to_interactions_are_as_discord_describes_them(
    bot: TestBot, ann: Person, rest: Rest
) -> None:
    async def nothing(interaction: object, text: str) -> None:
        bot.note("asked", (interaction, text))

    bot.answers["say"] = nothing
    await ann.use("say", text="x")
    interaction, _ = await bot.until("asked")
    callback = f"/interactions/{interaction.id}/{interaction.token}/callback?with_response=true"
    await checked(rest, "POST", callback, {"type": 4, "data": {"content": "x"}})
    hook = f"/webhooks/{rest.standin.world.application.id}/{interaction.token}"
    follow = await checked(rest, "POST", hook, {"content": "more"})
    await checked(rest, "GET", f"{hook}/messages/@original")
    await checked(rest, "PATCH", f"{hook}/messages/{follow['id']}", {"content": "even more"})
