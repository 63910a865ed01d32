"""An event that the library cannot parse is skipped: the bot lives."""

import logging
from types import SimpleNamespace
from typing import Any

import pytest

from adapters.client import DarkroomBot, skip_unreadable
from tests.clock import FakeClock


def test_an_event_that_cannot_be_parsed_is_logged_once_by_its_name_and_skipped(
    caplog: pytest.LogCaptureFixture,
) -> None:
    taken: list[Any] = []

    def parse(data: Any) -> None:
        taken.append(data["id"])

    parsers = {"GUILD_CREATE": parse, "MESSAGE_CREATE": parse}
    skip_unreadable(parsers)
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            parsers["GUILD_CREATE"]({"secret": "what members wrote"})
        parsers["GUILD_CREATE"]({"id": 7})
        parsers["MESSAGE_CREATE"]({})
    assert taken == [7]
    assert [record.message for record in caplog.records] == [
        "The event GUILD_CREATE cannot be read (KeyError): skipped.",
        "The event MESSAGE_CREATE cannot be read (KeyError): skipped.",
    ]


async def test_a_bot_that_ends_hears_nothing_more() -> None:
    places: Any = SimpleNamespace()
    product: Any = SimpleNamespace(services=None, actions=None)
    bot: DarkroomBot[Any] = DarkroomBot(clock=FakeClock(), places=places, build=lambda _bot: product)
    heard = bot._connection.parsers
    async with bot:
        assert "INTERACTION_CREATE" in heard
    assert heard == {}
