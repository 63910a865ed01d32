"""Places where the bot may not: nothing is asked of Discord that it would refuse, and no other place suffers."""

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.e2e.conftest import Join
from tests.e2e.member import Member
from tests.e2e.messages import text_of
from tests.e2e.test_delivery import copies, delivered, fault, running
from tests.e2e.waiting import until
from tests.e2e.world import World


async def refusals(world: World) -> int:
    """Return how many answers Discord would count towards a ban."""
    async with aiohttp.ClientSession() as session, session.get(f"{world.discord.origin}/page/state") as state:
        return int((await state.json())["invalid_requests"])


def refused_for_good(world: World) -> list[str]:
    """Return what was refused in any channel but the look at the channel itself that a reaction may lead to."""
    asked = [each for each in world.requests() if each.get("status") == 403]
    return [f"{each['method']} {each['path']}" for each in asked if each["path"].count("/") > 2]


def sent_to(world: World, channel_id: str) -> int:
    return sum(each["path"].startswith(f"/channels/{channel_id}/") for each in world.requests())


async def caught_up(world: World, member: Member) -> None:
    """Wait until the bot has heard what the gateway said until now, and done what is due."""
    await member.ask("credits", channel="lounge")
    await world.settled()


async def test_105_reactions_where_the_bot_may_not_write_cost_nobody_anything(
    world: World, ann: Member, ben: Member, small: Path
) -> None:
    card = await world.finished(ann, "react to me", small)
    world.faults(missing_permissions=["SEND_MESSAGES"])
    before = await refusals(world)
    for _ in range(105):
        await ben.react(card)
        await ben.unreact(card)
    other = await ann.edit("meanwhile", small, channel="lounge")
    await ann.sees(other, "Done")
    await caught_up(world, ben)
    assert world.jobs_of(ben) == []
    assert await refusals(world) == before


async def test_jobs_of_a_hidden_channel_reach_their_member_without_a_refusal(
    world: World, ann: Member, small: Path
) -> None:
    world.switch(always="stuck")
    cards = [await ann.edit(f"hidden {number}", small) for number in range(3)]
    for card in cards:
        await ann.sees(card, "Running")
    world.faults(channel_hidden=True)
    await ann.ask("credits", channel="lounge")
    world.faults(token_expired=True)
    forbidden, asked = refused_for_good(world), sent_to(world, ann.channels["darkroom"])
    await world.finish()
    await until(
        lambda: all(row["rung"] == "direct" for row in world.jobs_of(ann)),
        what=lambda: str([(row["status"], row["rung"], row["note"]) for row in world.jobs_of(ann)]),
    )
    assert len(cards) == len(world.jobs_of(ann))
    assert refused_for_good(world) == forbidden, "an expired token (401) is no word about the place"
    assert sent_to(world, ann.channels["darkroom"]) == asked


async def test_a_command_in_a_hidden_channel_is_refused_by_what_discord_says_with_it(
    world: World, ann: Member, small: Path
) -> None:
    world.faults(channel_hidden=True)
    await ann.edit("in the dark", small)
    await ann.whisper("View Channel")
    assert world.jobs_of(ann) == []


async def test_what_discord_says_with_a_command_counts_more_than_the_cache(
    world: World, join: Join, small: Path
) -> None:
    ann, ben, mod = await join(), await join(), await join(roles=["Moderators"])
    world.faults(channel_hidden=True)
    await caught_up(world, ann)
    # The bot never hears that it may see the channel again: its cache goes on calling it hidden.
    world.faults(events={"CHANNEL_UPDATE": "lost"}, channel_hidden=False)
    reacted = await running(world, ann, "seen again", small)
    world.faults(token_expired=True)
    await world.finish()
    done = await ann.sees(reacted, "Done")
    assert (await delivered(world, ann))["rung"] == "message"
    # Somebody reacts: their rights are asked of Discord, too.
    await ben.react(done)
    await ben.reply_to(done, "reroll of")
    told = await mod.ask("usage", "notices", channel_=mod.channels["darkroom"])
    assert f"From now on <#{mod.channels['darkroom']}>" in text_of(told)
    assert "___hidden___" not in str(world.all_messages()) + world.log()


async def test_notices_are_not_sent_where_discord_says_that_the_bot_may_not(world: World, join: Join) -> None:
    mod = await join(roles=["Moderators"])
    world.faults(events={"CHANNEL_UPDATE": "lost"}, channel_hidden=True)
    told = await mod.ask("usage", "notices", channel="lounge", channel_=mod.channels["darkroom"])
    assert "I may not write" in text_of(told)


SHARED = {"X-RateLimit-Scope": "shared", "Via": "1.1 google", "Retry-After": "1"}


async def test_a_hundred_limits_that_others_share_hold_up_nobody(
    world: World, ann: Member, ben: Member, small: Path
) -> None:
    line = {"method": "PATCH", "path": "^/webhooks/", "status": 429, "headers": SHARED, "times": 100}
    body = {"message": "The resource is being rate limited.", "retry_after": 0.01, "global": False}
    world.faults(script=[{**line, "body": body}])
    cards = await asyncio.gather(*(ann.edit(f"shared {number}", small) for number in range(10)))
    for card in cards:
        await ann.sees(card, "Done")
    card = await ben.edit("beside it", small, channel="lounge")
    await ben.sees(card, "Done")
    assert "nothing is sent" not in world.log()


@pytest.mark.parametrize("code", [160002, 160009, 160010])
async def test_what_may_not_be_referred_to_is_sent_without_it(
    world: World, ann: Member, ben: Member, small: Path, code: int
) -> None:
    card = await world.finished(ann, f"refer to me {code}", small)
    world.faults(script=[fault(403, code, "^/channels/[0-9]+/messages$", method="POST")])
    await ben.react(card)
    await ben.message(lambda each: ben.mention in text_of(each) and "Done" in text_of(each))
    assert (await delivered(world, ben))["rung"] in {"message", "channel"}
    assert len(copies(world, ben)) == 1


async def test_a_refusal_that_no_library_knows_leads_to_the_next_way(
    world: World, ann: Member, small: Path
) -> None:
    card = await running(world, ann, "40009", small)
    refused: list[dict[str, Any]] = [
        fault(403, 40009, "^/webhooks/.*/messages/", times=10),
        fault(403, 40009, f"^/channels/{card['channel_id']}/messages", times=1),
    ]
    world.faults(script=refused)
    await world.finish()
    assert (await delivered(world, ann))["rung"] == "channel"
    assert len(copies(world, ann)) == 1
