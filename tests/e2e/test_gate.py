"""The gate, the limits of a stranger's key and what keeps private facts private: the real bot, as it is shipped."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from playground.discord.model import Member as SomebodyThere
from playground.discord.model import User
from playground.discord.seeding import FOUNDED
from playground.discord.snowflake import snowflake
from tests.e2e.conftest import Join
from tests.e2e.member import Failed, Member, Message
from tests.e2e.messages import text_of
from tests.e2e.pictures import small_photo
from tests.e2e.test_accounts import use
from tests.e2e.test_buttons import forged
from tests.e2e.waiting import until
from tests.e2e.world import World, open_world

DEFAULTS = {
    "KEY_CREDITS_PER_DAY": "",
    "DEFAULT_MEMBER_CREDITS": "",
    "MAX_WAITING_PER_MEMBER": "",
    "MEMBER_SUBMITS_PER_MINUTE": "",
    "ACCOUNT_DAYS": "",
    "JOINED_MINUTES": "",
}
"""Nothing set but what README asks for."""
FORBIDDEN = "forbidden thing"
"""What the stand-in's safety check refuses."""
ELSEWHERE = {"guild_id": "4711", "authorizing_integration_owners": {"0": "4711"}}


def by_user(member: Member) -> dict[str, Any]:
    """Return what tells that somebody has installed the bot for themselves."""
    return {"authorizing_integration_owners": {"1": member.id}}


def told(answer: Message, *words: str) -> None:
    """Expect one private sentence."""
    assert answer["only_you"], text_of(answer)
    assert all(word in text_of(answer) for word in words), text_of(answer)


# From where


async def test_nothing_is_done_where_the_bot_was_not_invited_to(
    world: World, ann: Member, small: Path
) -> None:
    card = await world.finished(ann, "asked properly", small)
    note = await ann.post("a picture", small)
    before = world.submissions()
    for claims, words in ((ELSEWHERE, "not in this server"), (by_user(ann), "where a server has added it")):
        for name, options in (
            ("edit", {"prompt": "from elsewhere", "image": small}),
            ("generate", {"prompt": "from elsewhere"}),
            ("credits", {}),
            ("jobs", {}),
        ):
            sent = await ann.command(name, claims=claims, **options)
            told(await ann.answer(sent), words)
        menu = await ann.command("Edit images", target=note["id"], claims=claims)
        told(await ann.answer(menu), words)
        for label in ("Reroll", "Edit result", "Delete"):
            told(await ann.answer(await ann.press(card, label, claims=claims)), words)
    for name, options in (
        ("edit", {"prompt": "directly", "image": small}),
        ("generate", {"prompt": "directly"}),
    ):
        sent = await ann.command(name, channel="direct", claims={}, **options)
        assert "works in servers only" in text_of(await ann.answer(sent))
    assert world.submissions() == before
    assert len(world.jobs_of(ann)) == 1


async def test_a_form_that_was_opened_properly_is_asked_again_when_it_is_sent(
    world: World, ann: Member, small: Path
) -> None:
    card = await world.finished(ann, "opened properly", small)
    note = await ann.post("another picture", small)
    for opened in (
        await ann.command("Edit images", target=note["id"]),
        await ann.press(card, "Edit result"),
    ):
        sent = await ann.submit(opened, claims=by_user(ann), prompt="sent from elsewhere")
        told(await ann.answer(sent), "where a server has added it")
    assert len(world.jobs_of(ann)) == 1


async def test_commands_say_themselves_where_they_are(world: World) -> None:
    commands = world.discord.world.application.commands.values()
    assert {tuple(each["integration_types"]) for each in commands} == {(0,)}
    direct = {each["name"]: each["contexts"] for each in commands if 1 in each["contexts"]}
    assert direct == {"help": [0, 1], "jobs": [0, 1], "privacy": [0, 1], "settings": [0, 1], "operator": [1]}
    assert all(each["contexts"] == [0] for each in commands if each["name"] not in direct)


async def test_a_custom_id_is_good_where_it_was_shown(
    world: World, ann: Member, mod: Member, small: Path
) -> None:
    card = await world.finished(ann, "in its own channel", small)
    job_id = world.job(card)["id"]
    note = await ann.ask("generate", prompt="a message elsewhere", channel="lounge")
    for someone, name in ((ann, "reroll"), (ann, "edit"), (mod, "delete"), (ann, "collect"), (ann, "cancel")):
        await forged(someone, note, f"dr:{name}:{job_id}", "not known here")
    await forged(mod, note, "dr:usagepage:30days:0::", "not known here")
    assert card["id"] in ann.messages
    assert len(world.jobs_of(ann)) == 2


async def test_a_card_that_was_sent_directly_works_there_as_in_its_server(
    world: World, ann: Member, mod: Member, small: Path
) -> None:
    world.switch(next=["stuck"])
    card = await ann.edit("to be sent directly", small)
    await world.status(card, "running")
    world.faults(channel_hidden=True, token_expired=True)
    await world.finish()
    direct = await ann.message(
        lambda each: each["channel_id"] == ann.channels["direct"] and "to be sent directly" in text_of(each)
    )
    world.faults(channel_hidden=False, token_expired=False)
    await world.closed(direct)
    again = await ann.answer(await ann.press(direct, "Reroll"))
    done = await ann.sees(again, "Done", "reroll of")
    assert done["channel_id"] == ann.channels["direct"]
    assert world.job(done)["guild_id"] == world.discord.world.guild.id
    assert "No result waits for you here" in text_of(await ann.ask("jobs", channel="direct"))
    made = direct
    for label in ("Edit result", "Change prompt"):
        prompt = f"{label}, directly"
        sent = await ann.submit(await ann.press(made, label), prompt=prompt)
        made = await ann.sees(await ann.answer(sent), "Done", prompt)
        assert made["channel_id"] == ann.channels["direct"]
        assert world.job(made)["guild_id"] == world.discord.world.guild.id
    await mod.ask("allowance", "block", member=ann.id, reason="enough for today", lasts="a day")
    for label in ("Reroll", "Edit result"):
        refused = await ann.answer(await ann.press(done, label))
        told(refused, "A manager of this server has blocked you until", "enough for today")
    await mod.ask("allowance", "unblock", member=ann.id)
    await ann.delete_for_good(direct)
    await ann.gone(direct)
    await ann.gone(card)


# A stranger's key


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def strict(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[World]:
    """A bot with the settings that README names, and no others."""
    async with open_world(tmp_path_factory.mktemp("strict"), start=False, **DEFAULTS) as world:
        await world.start_bot(ALLOWED_GUILDS=str(world.discord.world.guild.id))
        yield world


async def test_new_accounts_and_new_members_are_told_when_they_may_ask(strict: World) -> None:
    async with Member.at(strict.discord.origin, await strict.join()) as member:
        told(await member.ask("generate", prompt="just arrived"), "account is too new", "<t:")
        for page in ("credits", "help"):
            told(await member.ask(page), "**Not yet.** Your Discord account is too new", "<t:")
        assert strict.jobs_of(member) == []


async def test_a_members_jobs_are_paced_and_so_many_may_wait(strict: World) -> None:
    async with strict.member("ben") as ben:
        cards = [await ben.ask("generate", prompt=f"paced {number}") for number in range(6)]
        for card in cards[:4]:
            await ben.sees(card, "Done")
        assert [strict.job(card)["status"] for card in cards[4:]] == ["queued", "queued"]
        assert "starts <t:" in text_of(await ben.sees(cards[4], "Queued · starts <t:"))
        more = [await ben.ask("generate", prompt=f"paced {number}") for number in range(6, 15)]
        assert [bool(each.get("only_you")) for each in more] == [False] * 8 + [True]
        told(more[-1], "10 jobs waiting already")
        for card in (*cards[4:], *more[:8]):
            await ben.answer(await ben.press(card, "Cancel"))
        await strict.settled()
        assert strict.account(ben) == (0, 16_000)


async def test_refusals_by_the_safety_check_pause_their_member_and_nobody_sees_the_prompt(
    strict: World,
) -> None:
    async with strict.member("ann") as ann, strict.member("mod") as mod:
        await use(mod, "usage", "notices", channel=mod.channels["lounge"])
        cards = []
        for _ in range(3):
            cards.append(await ann.ask("generate", prompt=FORBIDDEN))
            await ann.sees(cards[-1], "Failed", "safety check")
        assert "a third pauses you" not in text_of(ann.messages[cards[0]["id"]])
        await ann.sees(cards[1], "a third pauses you")
        await ann.sees(cards[2], "you can ask again <t:")
        refused = await ann.ask("generate", prompt="something harmless")
        told(refused, "safety check refused several", "paused until <t:", "You were not charged.")
        line = await mod.message(
            lambda each: f"check has refused 3 requests of {ann.mention}" in text_of(each)
        )
        assert line["channel_id"] == mod.channels["lounge"]
        assert FORBIDDEN not in text_of(line)
        lifted = await mod.ask("operator", "unblock", channel="direct", member=ann.mention)
        assert f"{ann.mention}: no longer paused by the image service’s safety check." in text_of(lifted)


async def test_the_operator_blocks_pauses_and_sees_what_is_open_by_direct_message(strict: World) -> None:
    async with strict.member("ann") as ann, strict.member("mod") as mod:
        stranger = await ann.command("operator", "open", channel="direct")
        assert "Only whoever runs the bot can do that" in text_of(await ann.answer(stranger))
        overview = text_of(await mod.ask("operator", "open", channel="direct"))
        assert "of 400 credits" in overview
        assert "Nobody is blocked." in overview
        paused = await mod.ask("operator", "pause", channel="direct", lasts="an hour", reason="moving house")
        assert "All new work: paused until <t:" in text_of(paused)
        refused = await ann.ask("generate", prompt="during the pause")
        told(refused, "has paused all new work until <t:", "moving house")
        await mod.ask("operator", "resume", channel="direct")
        guild = str(strict.discord.world.guild.id)
        await mod.ask(
            "operator", "block", channel="direct", server=guild, reason="for a test", lasts="until lifted"
        )
        told(await ann.ask("generate", prompt="blocked"), "blocked this server until further notice")
        assert f"Server `{guild}`: blocked" in text_of(await mod.ask("operator", "open", channel="direct"))
        await mod.ask("operator", "unblock", channel="direct", server=guild)
        await mod.ask("operator", "block", channel="direct", member=ann.id, reason="too loud", lasts="a day")
        told(await ann.ask("generate", prompt="blocked"), "has blocked you until <t:", "too loud")
        await mod.ask("operator", "unblock", channel="direct", member=ann.id)
        name_one = await mod.ask(
            "operator", "block", channel="direct", member=ann.id, server=guild, reason="both", lasts="a day"
        )
        assert "Name one" in text_of(name_one)


async def test_the_keys_day_ends_with_a_warning_and_a_moment(strict: World) -> None:
    async with strict.member("ann") as ann, strict.member("mod") as mod:
        await strict.stop_bot()
        used = strict.query("SELECT sum(spent) AS spent FROM entries")[0]["spent"]
        limit = str(used // 1_000 + 9)
        await strict.start_bot(ALLOWED_GUILDS=str(strict.discord.world.guild.id), KEY_CREDITS_PER_DAY=limit)
        await ann.sees(await ann.ask("generate", prompt="nearly all"), "Done")
        await mod.message(
            lambda each: (
                "credits that this key may spend in 24 hours are used" in text_of(each)
                and each["channel_id"] == mod.channels["direct"]
            )
        )
        await ann.sees(await ann.ask("generate", prompt="the last one"), "Done")
        refused = await ann.ask("generate", prompt="one too many")
        told(refused, "used up its credits for these 24 hours", "It goes on <t:")
        too_dear = await ann.ask("generate", prompt="four at once", count=4, quality="high")
        told(too_dear, "You were not charged.")
        assert strict.query("SELECT sum(spent) AS spent FROM entries")[0]["spent"] <= int(limit) * 1_000


async def test_jobs_that_fail_use_up_the_keys_day_while_the_provider_keeps_their_credits(
    strict: World,
) -> None:
    async with strict.member("mod") as mod:
        await strict.stop_bot()
        used = strict.query("SELECT sum(spent) AS spent FROM entries")[0]["spent"] // 1_000
        await strict.start_bot(
            ALLOWED_GUILDS=str(strict.discord.world.guild.id), KEY_CREDITS_PER_DAY=str(used + 9)
        )
        strict.switch(always="fail", refund_failures=False)
        for number in range(2):
            await mod.sees(await mod.ask("generate", prompt=f"in vain {number}"), "Failed")
        told(await mod.ask("generate", prompt="once more"), "used up its credits for these 24 hours")
        strict.switch(always=None, refund_failures=True)
        assert strict.query("SELECT sum(spent) AS spent FROM entries")[0]["spent"] // 1_000 == used


def veteran(world: World, number: int) -> str:
    """Let somebody be there who has been for years, and return their id."""
    user = User(snowflake(FOUNDED + number * 1_000, 7), f"veteran{number}", f"Veteran {number}", "#3c6fd1")
    world.discord.world.users[user.id] = user
    world.discord.world.guild.members[user.id] = SomebodyThere(user, [], FOUNDED)
    return str(user.id)


async def test_all_members_together_cost_no_more_than_the_keys_day(strict: World) -> None:
    """Last of these: it uses the day up."""
    await strict.stop_bot()
    await strict.start_bot(ALLOWED_GUILDS=str(strict.discord.world.guild.id))
    strict.switch(always="stuck")
    members = [veteran(strict, number) for number in range(6)]
    async with AsyncExitStack() as stack:
        pages = [await stack.enter_async_context(Member.at(strict.discord.origin, each)) for each in members]
        answers = await asyncio.gather(
            *(each.ask("generate", prompt=f"raid {n}", count=4) for each in pages for n in range(11))
        )
        refused = [text_of(each) for each in answers if each.get("only_you")]
        assert all("used up its credits" in each or "jobs waiting already" in each for each in refused)
        assert len(refused) > 66 - 400 // 16
        booked = strict.query("SELECT sum(held) + sum(spent) AS all_in_all FROM entries")[0]["all_in_all"]
        assert 400_000 - 16_000 < booked <= 400_000


async def test_with_a_server_of_their_own_the_operators_command_is_there_and_nowhere_else(
    tmp_path: Path,
) -> None:
    async with open_world(tmp_path, webhooks=False, start=False) as world:
        guild = str(world.discord.world.guild.id)
        await world.start_bot(OPERATOR_GUILD=guild)
        async with world.member("mod") as mod, world.member("ann") as ann:
            assert "What is open" in text_of(await mod.ask("operator", "open"))
            told(await ann.ask("operator", "open"), "Only whoever runs the bot can do that")
            with pytest.raises(Failed):
                await mod.command("operator", "open", channel="direct")
        await world.stop_bot()
        await world.start_bot()
        commands = world.discord.world.application.commands.values()
        assert [each.get("guild_id") for each in commands if each["name"] == "operator"] == [None]


# Moderators


async def test_giving_credits_needs_a_manager_and_a_charge_and_both_ways_are_told(
    world: World, ann: Member, mod: Member, join: Join, small: Path
) -> None:
    junior = await join(permissions=["MODERATE_MEMBERS"])
    await use(mod, "usage", "notices", channel=mod.channels["lounge"])
    await world.finished(ann, "to be corrected", small)
    given = {"member": ann.id, "reason": "it was blurred"}
    told(await junior.ask("usage", "adjust", credits=1, **given), "by those who may manage this server")
    mine = await mod.ask("usage", "adjust", member=mod.id, credits=1_000_000, reason="mine")
    told(mine, "nobody can give themselves any")
    told(await mod.ask("usage", "adjust", credits=4.5, **given), "They were charged 4 credits")
    assert world.account(ann) == (0, 4_000)
    assert "Gave 3 credits back" in text_of(await mod.ask("usage", "adjust", credits=3, **given))
    assert "Took 1 credit from" in text_of(await junior.ask("usage", "adjust", credits=-1, **given))
    assert world.account(ann) == (0, 2_000)
    for who, what in ((mod, "gave 3 credits back to"), (junior, "took 1 credit from")):
        said = await mod.message(lambda each: f"{who.mention} {what} {ann.mention}" in text_of(each))  # noqa: B023
        assert said["channel_id"] == mod.channels["lounge"]
    await mod.ask("usage", "notices", off=True)


async def test_a_manager_blocks_a_member_with_a_reason_and_an_end(
    world: World, ann: Member, ben: Member, mod: Member, small: Path
) -> None:
    world.switch(always="stuck")
    for number in range(3):
        await ann.sees(await ann.edit(f"takes a place {number}", small), "Running")
    waits = world.job(await ann.edit("still waits", small))["id"]
    said = await mod.ask("allowance", "block", member=ann.id, reason="spam", lasts="a week")
    assert f"{ann.mention}: blocked until <t:" in text_of(said)
    told(await ann.edit("not now", small), "A manager of this server has blocked you until <t:", "spam")
    told(await ann.ask("credits"), "**Blocked.** A manager", "Any of its managers can lift that")
    assert f"{ann.mention}: blocked until" in text_of(await mod.ask("allowance", "list"))
    world.switch(always=None)
    await world.finish()
    await until(
        lambda: world.query("SELECT status FROM jobs WHERE id = ?", waits)[0]["status"] == "failed",
        what=lambda: "the end of what waited",
    )
    await ben.sees(await ben.edit("nobody else", small), "Done")
    assert f"{ann.mention}: no longer blocked by a manager." in text_of(
        await mod.ask("allowance", "unblock", member=ann.id)
    )
    await ann.sees(await ann.edit("free once more", small), "Done")


# Reactions


async def unkept(world: World, member: Member, prompt: str, folder: Path) -> Message:
    """Return a finished card whose sources are no longer kept."""
    photo = small_photo(folder / f"{prompt.replace(' ', '-')}.png", side=70 + len(prompt))
    card = await world.finished(member, prompt, photo)
    world.change(
        "UPDATE images SET sha256 = NULL WHERE job_id = ? AND role = 'source'", world.job(card)["id"]
    )
    return card


async def test_why_a_reaction_came_to_nothing_is_told_directly_and_openly_only_that(
    world: World, ann: Member, ben: Member, tmp_path: Path
) -> None:
    first, second = (
        await unkept(world, ann, "gone one", tmp_path),
        await unkept(world, ann, "gone two", tmp_path),
    )
    await ben.react(first)
    openly = await ann.message(
        lambda each: f"{ben.mention}, that did not work; I sent you why." in text_of(each)
    )
    assert "kept" not in text_of(openly)
    direct = await ben.message(lambda each: "no longer kept" in text_of(each))
    assert direct["channel_id"] == ben.channels["direct"]
    await ben.react(second)
    await until(lambda: bool(world.query("SELECT 1 FROM untold")), what=lambda: "the second refusal")
    assert (
        sum(ben.mention in text_of(each) for each in ann.messages.values() if "did not" in text_of(each)) == 1
    )
    await ben.ask("jobs")
    await ben.whisper("About your 🔁", "no longer kept")
    assert world.query("SELECT 1 FROM untold") == []


async def test_a_member_who_takes_no_direct_messages_learns_why_at_their_next_command(
    world: World, ann: Member, ben: Member, tmp_path: Path
) -> None:
    card = await unkept(world, ann, "gone three", tmp_path)
    world.faults(closed_dms=True)
    await ben.react(card)
    await ann.message(lambda each: "that did not work; your next command tells you why" in text_of(each))
    # A command that is refused is one, too.
    await ben.ask("generate", prompt="a boat", model="no such model")
    await ben.whisper("About your 🔁", "no longer kept")
