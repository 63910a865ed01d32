"""``/help``: which of its pages and lines are for whom, by what the commands themselves ask for."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import discord
import pytest
import pytest_asyncio

from adapters.client import DarkroomBot
from cogs.help import usable
from cogs.requests import NEEDED
from tests.clock import FakeClock
from tests.ui.views import texts
from ui.help import HIDE, LINES, Page, build_help, pages_for
from ui.welcome import WHY

NAMED = re.compile(r"\{([a-z]+)")


@pytest_asyncio.fixture
async def bot() -> DarkroomBot[Any]:
    """Hold all commands that pages name, never connected."""

    def build(_bot: object) -> Any:
        return SimpleNamespace(services=SimpleNamespace(), actions=None)

    places: Any = SimpleNamespace()
    made: DarkroomBot[Any] = DarkroomBot(clock=FakeClock(), places=places, build=build)
    for name in (
        "help",
        "edit",
        "jobs",
        "credits",
        "settings",
        "privacy",
        "moderation",
        "usage",
        "allowance",
    ):
        await made.load_extension(f"cogs.{name}")
    await made.load_extension("cogs.styles")
    return made


def seen(bot: DarkroomBot[Any], page: Page, **permissions: bool) -> str:
    may = usable(bot.tree, discord.Permissions(**permissions))
    return texts(build_help(page, may=may, has_styles=False, ids={}, account=()))


@pytest.mark.parametrize(
    ("permissions", "pages"),
    [
        ({}, [Page.MEMBERS]),
        ({"manage_messages": True}, [Page.MEMBERS, Page.MODERATORS]),
        ({"moderate_members": True}, [Page.MEMBERS, Page.MODERATORS]),
        ({"manage_guild": True}, [Page.MEMBERS, Page.MANAGERS]),
        ({"manage_guild": True, "manage_messages": True}, [Page.MEMBERS, Page.MODERATORS, Page.MANAGERS]),
        ({"kick_members": True}, [Page.MEMBERS]),
    ],
)
async def test_there_is_a_page_for_whoever_may_use_one_of_its_commands(
    bot: DarkroomBot[Any], permissions: dict[str, bool], pages: list[Page]
) -> None:
    assert pages_for(usable(bot.tree, discord.Permissions(**permissions))) == pages


def test_styles_are_spoken_of_only_where_a_server_has_some() -> None:
    for has_styles in (True, False):
        said = texts(build_help(Page.MEMBERS, may=lambda _: False, has_styles=has_styles, ids={}, account=()))
        assert ("`style`" in said) is has_styles
        assert "`/edit`" in said


async def test_a_page_names_what_its_reader_may_use_and_nothing_else(bot: DarkroomBot[Any]) -> None:
    hides = seen(bot, Page.MODERATORS, manage_messages=True)
    assert f"**{HIDE}**" in hides
    assert "/usage" not in hides
    counts = seen(bot, Page.MODERATORS, moderate_members=True)
    assert "`/usage adjust`" in counts
    assert HIDE not in counts
    both = seen(bot, Page.MODERATORS, moderate_members=True, manage_messages=True)
    assert {*hides.splitlines(), *counts.splitlines()} == {*both.splitlines()}


async def test_every_line_asks_by_the_command_that_it_names(bot: DarkroomBot[Any]) -> None:
    open_to_all = usable(bot.tree, discord.Permissions.none())
    for line in [each for lines in LINES.values() for each in lines]:
        command, text = ("", line) if isinstance(line, str) else line
        named = {*NAMED.findall(text)} or ({HIDE} if HIDE in text else set())
        # /settings is everybody's; what is a manager's of it is on the managers' page only.
        assert all(name in command or open_to_all(name) for name in named), text


def test_what_is_said_in_direct_messages_can_be_used_there_or_says_where() -> None:
    said = texts(
        build_help(Page.DIRECT, may=lambda _: False, has_styles=False, ids={"edit": 1, "jobs": 2}, account=())
    )
    assert "in servers only" in said
    assert "`/edit`" in said
    assert "</jobs:2>" in said


async def test_giving_back_is_offered_to_those_who_may(bot: DarkroomBot[Any]) -> None:
    moderator = seen(bot, Page.MODERATORS, moderate_members=True)
    manager = seen(bot, Page.MODERATORS, moderate_members=True, manage_guild=True)
    gives, takes = "gives some back", "Takes credits"
    assert takes in moderator
    assert gives not in moderator
    assert {takes, gives} == {each for each in (takes, gives) if each in manager}


def test_a_greeting_names_every_permission_that_delivering_needs_and_that_an_invitation_asks_for() -> None:
    assert {*NEEDED, "send_messages_in_threads"} <= {*WHY}
    asked = re.search(
        r"permissions=([0-9]+)", (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    )
    assert asked is not None
    assert discord.Permissions(**dict.fromkeys(WHY, True)).value == int(asked[1])
