"""Registering commands: rules, limits, stable ids, who may use them."""

from typing import Any

import pytest
from aiohttp import ClientSession

from playground.discord import DiscordStandIn
from tests.playground.discord.conftest import OpenPage
from tests.playground.discord.page import Person, ask
from tests.playground.discord.rest_client import Json, Rest
from tests.playground.discord.testbot import TestBot


def command(name: str = "edit", **more: Any) -> Json:
    return {"name": name, "description": "Edits.", **more}


def option(name: str = "prompt", **more: Any) -> Json:
    return {"type": 3, "name": name, "description": "What to do.", **more}


def path(rest: Rest, *, guild: bool = False) -> str:
    world = rest.standin.world
    place = f"/guilds/{world.guild.id}" if guild else ""
    return f"/applications/{world.application.id}{place}/commands"


CHOICE = {"name": "a", "value": "a"}
BAD: dict[str, tuple[Json, str, str]] = {
    "capitals": (command("Edit"), "name", "APPLICATION_COMMAND_INVALID_NAME"),
    "a space": (command("e dit"), "name", "APPLICATION_COMMAND_INVALID_NAME"),
    "a long name": (command("e" * 33), "name", "BASE_TYPE_BAD_LENGTH"),
    "no description": ({"name": "edit"}, "description", "BASE_TYPE_REQUIRED"),
    "a long description": (command(description="x" * 101), "description", "BASE_TYPE_BAD_LENGTH"),
    "a described menu": (
        {"name": "Edit", "type": 3, "description": "x"},
        "description",
        "APPLICATION_COMMAND_INVALID_FOR_TYPE",
    ),
    "twenty-six options": (
        command(options=[option(f"o{number}") for number in range(26)]),
        "options",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "a required option last": (
        command(options=[option("a"), option("b", required=True)]),
        "options.1",
        "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
    ),
    "one name twice": (
        command(options=[option("a"), option("a")]),
        "options.1.name",
        "APPLICATION_COMMAND_OPTIONS_NAME_INVALID",
    ),
    "an unknown type": (command(options=[option(type=12)]), "options.0.type", "BASE_TYPE_CHOICES"),
    "twenty-six choices": (
        command(options=[option(choices=[{"name": str(n), "value": str(n)} for n in range(26)])]),
        "options.0.choices",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "a long choice": (
        command(options=[option(choices=[{"name": "a", "value": "x" * 101}])]),
        "options.0.choices.0.value",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "one choice twice": (
        command(options=[option(choices=[CHOICE, CHOICE])]),
        "options.0.choices.1.name",
        "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_EXISTS",
    ),
    "choices and autocomplete": (
        command(options=[option(choices=[CHOICE], autocomplete=True)]),
        "options.0",
        "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_INVALID",
    ),
    "a length over 6,000": (
        command(options=[option(max_length=6001)]),
        "options.0.max_length",
        "NUMBER_TYPE_MAX",
    ),
    "a length of a number": (
        command(options=[option(type=4, max_length=5)]),
        "options.0.max_length",
        "APPLICATION_COMMAND_OPTIONS_LIMIT_INVALID",
    ),
    "subcommands beside options": (
        command(options=[option(), option("sub", type=1)]),
        "options",
        "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
    ),
    "a group in a group": (
        command(options=[option("a", type=2, options=[option("b", type=2)])]),
        "options.0.options.0",
        "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
    ),
    "8,001 letters": (
        command(
            options=[
                option(f"o{n}", choices=[{"name": f"{m:050}", "value": "x" * 50} for m in range(25)])
                for n in range(4)
            ]
        ),
        "",
        "APPLICATION_COMMAND_TOO_LARGE",
    ),
}


@pytest.mark.parametrize("name", BAD)
async def test_a_command_against_the_rules_is_refused(rest: Rest, name: str) -> None:
    body, where, code = BAD[name]
    assert (await rest.ask("POST", path(rest), body)).problems().get(where) == code
    whole = await rest.ask("PUT", path(rest), [command("fine"), body])
    assert whole.problems().get(f"1.{where}".rstrip(".")) == code
    assert (await rest.ask("GET", path(rest))).body == []


async def test_commands_keep_their_ids_through_a_bulk_overwrite_and_lose_them_when_left_out(
    rest: Rest,
) -> None:
    first = (await rest.ask("PUT", path(rest), [command("a"), command("b")])).body
    second = (await rest.ask("PUT", path(rest), [command("b", description="New."), command("c")])).body
    assert second[0]["id"] == first[1]["id"]
    assert second[0]["version"] != first[1]["version"]
    listed = (await rest.ask("GET", path(rest))).body
    assert [item["name"] for item in listed] == ["b", "c"]
    assert (await rest.ask("GET", f"{path(rest)}/{first[0]['id']}")).code == 10063


async def test_one_command_is_made_changed_and_removed_and_the_page_sees_it(
    rest: Rest, page: OpenPage
) -> None:
    ann = await page("ann")
    made = await rest.ask("POST", path(rest, guild=True), command("a"))
    again = await rest.ask("POST", path(rest, guild=True), command("a", description="Again."))
    assert (made.status, again.status, made.body["id"]) == (201, 200, again.body["id"])
    one = f"{path(rest, guild=True)}/{made.body['id']}"
    assert (await rest.ask("PATCH", one, {"name": "b"})).body["description"] == "Again."
    assert (await rest.ask("PATCH", one, {"name": "B"})).problems() == {
        "name": "APPLICATION_COMMAND_INVALID_NAME"
    }
    assert (await rest.ask("GET", path(rest))).body == []
    await ann.until("commands", lambda data: [item["name"] for item in data["commands"]] == ["b"])
    assert (await rest.ask("DELETE", one)).status == 204
    await ann.until("commands", lambda data: data["commands"] == [])


async def test_duplicate_names_in_one_overwrite_are_refused(rest: Rest) -> None:
    answer = await rest.ask("PUT", path(rest), [command("a"), command("a")])
    assert answer.problems() == {"1.name": "APPLICATION_COMMANDS_DUPLICATE_NAME"}


async def test_only_so_many_commands_are_created_a_day_and_overwriting_is_free(
    rest: Rest, http: ClientSession, standin: DiscordStandIn
) -> None:
    standin.set_faults(daily_creations=2)
    for _ in range(3):
        assert (await rest.ask("PUT", path(rest), [command("a"), command("b")])).status == 200
    answer = await rest.ask("POST", path(rest), command("c"))
    assert (answer.status, answer.code) == (400, 30034)
    await ask(http, standin, "clock", {"skip": 24 * 3600 + 1})
    assert (await rest.ask("POST", path(rest), command("c"))).status == 201


async def test_a_command_without_rules_has_none_to_show(rest: Rest, http: ClientSession) -> None:
    made = (await rest.ask("POST", path(rest), command("a"))).body
    rules = f"{path(rest, guild=True)}/{made['id']}/permissions"
    answer = await rest.ask("GET", rules)
    assert (answer.status, answer.code) == (404, 10066)
    listed = [{"id": "1", "type": 1, "permission": False}]
    await ask(http, rest.standin, "command-permissions", {"command_id": made["id"], "permissions": listed})
    shown = (await rest.ask("GET", rules)).body
    assert (shown["id"], shown["permissions"]) == (made["id"], listed)
    assert (await rest.ask("GET", f"{path(rest, guild=True)}/permissions")).body == [shown]


async def use(person: Person, name: str, *, channel: str = "darkroom") -> str | None:
    """Use a command without options; return the page's refusal, or None if it went through."""
    number = person.command(name)["id"]
    nonce = await person.wish("command", channel_id=person.channel(channel), command_id=number, options=[])
    return await person.outcome(nonce)


@pytest.mark.usefixtures("bot")
async def test_default_permissions_decide_until_the_server_has_rules_of_its_own(
    page: OpenPage, http: ClientSession, standin: DiscordStandIn
) -> None:
    ann, mod = await page("ann"), await page("mod")
    refused = "You do not have permission to use moderate here."
    assert await use(ann, "moderate") == refused
    assert await use(mod, "moderate") is None
    number = ann.command("moderate")["id"]
    guild = standin.world.guild

    async def rule(*rules: tuple[int, object, bool]) -> None:
        listed = [{"type": kind, "id": str(about), "permission": allowed} for kind, about, allowed in rules]
        await ask(http, standin, "command-permissions", {"command_id": number, "permissions": listed})

    await rule((2, ann.id, True))
    assert await use(ann, "moderate") is None
    await rule((1, guild.id, True))
    assert await use(ann, "moderate") is None
    await rule((1, guild.id, True), (3, guild.id - 1, False), (3, guild.channels[1].id, True))
    assert await use(ann, "moderate") == refused
    assert await use(ann, "moderate", channel="lounge") is None
    moderators = next(role.id for role in guild.roles.values() if role.name == "Moderators")
    await rule((1, guild.id, True), (1, moderators, False))
    assert await use(mod, "moderate") == refused
    await rule((1, guild.id, True), (1, moderators, False), (2, mod.id, True))
    assert await use(mod, "moderate") is None


async def test_a_channels_overwrite_can_forbid_commands(
    bot: TestBot, page: OpenPage, http: ClientSession, standin: DiscordStandIn
) -> None:
    ann = await page("ann")
    place = {"channel_id": ann.channel("darkroom"), "id": str(standin.world.guild.id)}
    await ask(http, standin, "overwrites", {**place, "deny": ["USE_APPLICATION_COMMANDS"]})
    assert await use(ann, "form") == "You do not have permission to use form here."
    assert await use(ann, "form", channel="lounge") is None
    guild = bot.guilds[0]
    member = await guild.fetch_member(int(ann.id))
    channel = guild.get_channel(int(ann.channel("darkroom")))
    assert channel is not None
    assert not channel.permissions_for(member).use_application_commands


@pytest.mark.usefixtures("bot")
async def test_a_command_for_servers_only_is_not_there_in_direct_messages(
    page: OpenPage,
) -> None:
    mod = await page("mod")
    number = mod.command("moderate")["id"]
    refusal = await mod.refusal("command", channel_id=None, command_id=number, options=[])
    assert refusal == "moderate cannot be used here."
