"""Every request of the end-to-end tests is checked against Discord's own description of its interface, when
``DISCORD_OPENAPI`` names a copy: whenever a world closes (checks.py). Here: that the check is sharp."""

import os
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.member import Member
from tests.e2e.openapi import Description, problems_of
from tests.e2e.world import World

pytestmark = pytest.mark.skipif("DISCORD_OPENAPI" not in os.environ, reason="DISCORD_OPENAPI names no copy")


@pytest.fixture
def description() -> Description:
    found = Description.named_by(os.environ["DISCORD_OPENAPI"])
    assert found is not None
    return found


def button(number: int, **more: Any) -> dict[str, Any]:
    return {"type": 2, "style": 2, "label": str(number), "custom_id": str(number), **more}


def message(**more: Any) -> dict[str, Any]:
    body = {"components": [{"type": 1, "components": [button(1)]}], "flags": 32768, **more}
    return {
        "n": 1,
        "status": 200,
        "method": "POST",
        "path": "/channels/1/messages",
        "route": "/channels/{c}/messages",
        "body": body,
        "files": [],
    }


async def test_what_the_bot_asks_is_known(
    world: World, ann: Member, ben: Member, small: Path, description: Description
) -> None:
    before = len(world.requests())
    card = await ann.edit("described", small, count=2)
    await ann.sees(card, "Done")
    await world.closed(card)
    await ben.react(card)
    await ben.sees(await ben.reply_to(card, "reroll of"), "Done")
    form = await ben.press(card, "Edit result")
    await ben.sees(await ben.answer(await ben.submit(form, prompt="described again")), "Done")
    await ann.ask("jobs")
    await ann.suggestions("edit", "prompt", "described")
    requests = world.requests()[before:]
    assert {each["method"] for each in requests} >= {"PUT", "POST", "PATCH"}
    assert any(each["files"] for each in requests)
    assert problems_of(requests, description) == []


def test_a_good_message_passes(description: Description) -> None:
    assert problems_of([message()], description) == []


@pytest.mark.parametrize(
    "body",
    [
        message(components=[{"type": 1, "components": [button(each) for each in range(6)]}]),
        message(components=[{"type": 1, "components": [button(1, custom_id="x" * 101)]}]),
        message(components=[{"type": 1, "components": [button(1, label="x" * 81)]}]),
        message(components=[{"type": 10, "content": "x" * 4001}]),
        message(components=[{"type": 12, "items": [{"media": {"url": "attachment://a"}}] * 11}]),
        message(nonce="x" * 26),
        message(flags="many"),
        message(attachments=[{"id": number} for number in range(11)]),
    ],
)
def test_a_fault_is_noticed(description: Description, body: dict[str, Any]) -> None:
    assert len(problems_of([body], description)) == 1


def test_an_unknown_route_is_noticed(description: Description) -> None:
    unknown = {**message(), "route": "/attachments/refresh-urls"}
    assert "no such operation" in problems_of([unknown], description)[0]
