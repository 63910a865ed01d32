"""Credits, allowances, reports and export, end to end: what members and moderators get to see."""

import asyncio
import csv
import io
import re
from collections.abc import AsyncGenerator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from PIL import Image

from tests.e2e.member import Failed, Member, Message
from tests.e2e.messages import custom_ids_of, labels_of, pictures_of, text_of
from tests.e2e.world import World, open_world

SUBCOMMAND = 1


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def bank(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[World]:
    async with open_world(tmp_path_factory.mktemp("bank"), DEFAULT_MEMBER_CREDITS="500") as world:
        yield world


async def use(someone: Member, name: str, /, *subcommands: str, **options: Any) -> Message:
    """Use a command by its raw options and return its answer."""
    found = next(each for each in someone.commands if each["name"] == name)
    declared = found
    for subcommand in subcommands:
        declared = next(each for each in declared["options"] if each["name"] == subcommand)
    types = {each["name"]: each["type"] for each in declared.get("options", [])}
    given: list[dict[str, Any]] = [
        {"name": option, "type": types[option], "value": value} for option, value in options.items()
    ]
    for subcommand in reversed(subcommands):
        given = [{"name": subcommand, "type": SUBCOMMAND, "options": given}]
    sent = await someone.send(
        "command",
        channel_id=someone.channels["darkroom"],
        command_id=found["id"],
        options=given,
        target_id=None,
    )
    return await someone.answer(sent)


async def choose(member: Member, message: Message, value: str) -> None:
    """Choose a value of a message's menu."""
    menu = next(
        each for each in custom_ids_of(member.messages[message["id"]]) if each.startswith("dr:usage:")
    )
    await member.send(
        "component",
        channel_id=message["channel_id"],
        message_id=message["id"],
        custom_id=menu,
        values=[value],
    )


async def fetched(url: str) -> bytes:
    async with aiohttp.ClientSession() as session, session.get(url) as reply:
        assert reply.status == 200
        return await reply.read()


async def done(member: Member, prompt: str) -> Message:
    card = await use(member, "generate", prompt=prompt)
    return await member.sees(card, "Done")


async def test_a_moderator_sees_a_report_with_a_chart_and_switches_its_period(bank: World) -> None:
    async with bank.member("ann") as ann, bank.member("ben") as ben, bank.member("mod") as mod:
        for prompt in ("one tree", "two trees"):
            await done(ann, prompt)
        await done(ben, "a boat")
        report = await mod.sees(await use(mod, "usage", "report"), "Usage: last 30 days")
        assert f"1. <@{ann.id}> · **8 credits** · 2 jobs · 2 images" in text_of(report)
        assert f"2. <@{ben.id}> · **4 credits**" in text_of(report)
        assert report["only_you"]
        picture = Image.open(io.BytesIO(await fetched(pictures_of(report)[0])))
        assert (picture.format, picture.width) == ("PNG", 800)
        assert "**12 credits** for images" in text_of(report)
        await choose(mod, report, "today")
        today = await mod.sees(report, "Usage: today", "12 credits")
        assert len(pictures_of(today)) == 1
        assert pictures_of(today) != pictures_of(report)


async def test_the_owner_sees_the_balance_and_other_moderators_do_not(bank: World) -> None:
    other = await bank.join(roles=["Moderators"])
    async with (
        bank.member("mod") as mod,
        Member.at(bank.discord.origin, other) as moderator,
    ):
        assert "Balance: **" in text_of(await mod.sees(await use(mod, "usage", "report"), "Usage"))
        report = await moderator.sees(await use(moderator, "usage", "report"), "Usage")
        assert "Balance" not in text_of(report)


async def test_a_report_about_one_member_shows_their_models_and_corrections(bank: World) -> None:
    async with bank.member("ann") as ann, bank.member("mod") as mod:
        await done(ann, "a lamp")
        said = await use(mod, "usage", "adjust", member=ann.id, credits=2.5, reason="=1+1 @everyone")
        assert text_of(said).startswith(f"Gave 2.5 credits back to <@{ann.id}>")
        report = await mod.sees(
            await use(mod, "usage", "report", period="month", member=ann.id), "Corrections"
        )
        assert "1. gpt-image-1-5 · **" in text_of(report)
        assert f"2.5 credits given back by <@{mod.id}>" in text_of(report)
        assert "@everyone" not in text_of(report)


async def test_a_repeated_event_corrects_an_account_once(bank: World) -> None:
    stranger = await bank.join()
    bank.troubles.add("40060")  # what the second answer to one interaction gets
    async with bank.member("mod") as mod:
        bank.faults(events={"INTERACTION_CREATE": "twice"})
        said = await use(mod, "usage", "adjust", member=stranger, credits=-3, reason="told twice")
        assert text_of(said).startswith(f"Took 3 credits from <@{stranger}>")
        bank.faults(events={})
        await use(mod, "usage", "adjust", member=stranger, credits=-3, reason="told twice")
    booked = bank.query("SELECT spent FROM ledger WHERE member_id = ?", int(stranger))
    assert [row["spent"] for row in booked] == [3_000, 3_000]


EPOCH = date(1970, 1, 1)


def use_up(world: World, surrogate: int, spent: int) -> None:
    """Write into the rollup what a member (0: the server) spent today; models are named by all time's rows."""
    today = datetime.now(UTC).date()
    first = today.replace(day=1)
    # On the last day of a month its report is read from the month.
    for grain, start in (("day", today), ("month", first), ("ever", EPOCH)):
        world.change(
            "INSERT INTO usage (guild_id, grain, start, member, model, jobs, spent)"
            " VALUES (?, ?, ?, ?, 'm', 1, ?)",
            *(int(world.discord.world.guild.id), grain, (start - EPOCH).days, surrogate, spent),
        )


async def test_pages_of_a_report_turn_and_survive_a_restart(tmp_path: Path) -> None:
    async with open_world(tmp_path, webhooks=False) as world, world.member("mod") as mod:
        for number in range(12):
            surrogate = 1_000 + number
            world.change(
                "INSERT INTO members (surrogate, snowflake) VALUES (?, ?)", surrogate, 7_000 + number
            )
            use_up(world, surrogate, 1_000 * number)
        use_up(world, 0, 66_000)
        report = await mod.sees(await use(mod, "usage", "report"), "1 to 10 of 12 members")
        assert labels_of(report) == ["Higher ranks", "Lower ranks"]
        await world.kill_bot()
        await world.start_bot()
        await mod.press(report, "Lower ranks")
        await mod.sees(report, "11 to 12 of 12 members", "12. `7000`")
        odd = "A model (new), of more than fifty characters, as a provider may call it"
        world.change("UPDATE usage SET model = ?", odd)
        about = await mod.sees(await use(mod, "usage", "report", model=odd), "1 to 10 of 12 members")
        await mod.press(about, "Lower ranks")
        await mod.sees(about, "11 to 12 of 12 members", odd[:30])
        await choose(mod, about, "today")
        await mod.sees(about, "Usage: today", odd[:30])
        unknown = await use(mod, "usage", "report", model="never used")
        assert "“never used” was never used in this server." in text_of(await mod.sees(unknown, "never"))
        world.change("DELETE FROM usage")


async def test_an_export_opens_as_csv_with_every_entry(bank: World) -> None:
    async with bank.member("ben") as ben, bank.member("mod") as mod:
        await done(ben, "a bridge")
        answer = await mod.sees(await use(mod, "usage", "export", member=ben.id), "rows in 1 file")
        (attachment,) = answer["attachments"]
        assert attachment["filename"].startswith("usage-")
        rows = list(csv.DictReader(io.StringIO((await fetched(attachment["url"])).decode("utf-8-sig"))))
        entries = bank.query("SELECT count(*) AS n FROM ledger WHERE member_id = ?", int(ben.id))[0]["n"]
        assert len(rows) == entries
        assert {(row["Member id"], row["Member"]) for row in rows} == {(f"m{ben.id}", "Ben")}
        assert {row["Entry"] for row in rows} >= {"reserve", "charge"}


async def test_an_allowance_refuses_with_its_sentence_and_later_lets_in(bank: World) -> None:
    newcomer = await bank.join()
    async with bank.member("mod") as mod, Member.at(bank.discord.origin, newcomer) as member:
        said = await use(mod, "allowance", "set", credits=5, period="day", target=newcomer)
        assert f"<@{newcomer}>: **5 credits** a day" in text_of(said)
        await done(member, "a well")
        refused = await use(member, "generate", prompt="another well")
        assert refused["only_you"]
        assert "This needs 4 credits, but your allowance has 1 credit left for today." in text_of(refused)
        assert "You were not charged." in text_of(refused)
        assert "Left: **1 credit** of 5 credits a day (yours)" in text_of(await use(member, "credits"))
        await use(mod, "allowance", "set", credits=50, period="day", target=newcomer)
        await done(member, "a third well")
        listed = text_of(await use(mod, "allowance", "list"))
        assert f"<@{newcomer}>: **50 credits** a day" in listed
        assert "500 credits a month for each member" in listed
        cleared = text_of(await use(mod, "allowance", "clear", target=newcomer))
        assert "50 credits a day no longer applies" in cleared


async def test_zero_blocks_and_nobody_may_be_given_more_than_the_operator_allows(bank: World) -> None:
    newcomer = await bank.join()
    async with bank.member("mod") as mod, Member.at(bank.discord.origin, newcomer) as member:
        said = await use(mod, "allowance", "set", credits=501, period="month", target=newcomer)
        assert "limit is 500 credits a month" in text_of(said)
        await use(mod, "allowance", "set", credits=0, period="month", target=newcomer)
        refused = text_of(await use(member, "generate", prompt="nothing at all"))
        assert refused.startswith("Your allowance is set to zero")
        await use(mod, "allowance", "clear", target=newcomer, period="month")
        await done(member, "something after all")


async def test_credits_tell_my_own_account_and_my_last_jobs_with_links(bank: World) -> None:
    newcomer = await bank.join()
    async with Member.at(bank.discord.origin, newcomer) as member:
        card = await done(member, "a gate")
        said = await use(member, "credits")
        assert said["only_you"]
        assert "Spent today: **4 credits**" in text_of(said)
        assert (
            "Left: **496 credits** of 500 credits a month (the bot’s own limit for each member in all servers)"
            in (text_of(said))
        )
        assert re.search(rf"/{card['channel_id']}/{card['id']}\)\n-# \*\*4 credits\*\* · <t:", text_of(said))


async def test_a_notice_is_said_in_the_chosen_channel_when_an_allowance_is_nearly_used(bank: World) -> None:
    newcomer = await bank.join()
    async with bank.member("mod") as mod, Member.at(bank.discord.origin, newcomer) as member:
        chosen = await use(mod, "usage", "notices", channel=mod.channels["lounge"])
        assert f"<#{mod.channels['lounge']}> is told" in text_of(chosen)
        await use(mod, "allowance", "set", credits=5, period="week", target=newcomer)
        await done(member, "a windmill")
        said = await mod.message(
            lambda each: text_of(each).startswith(
                f"<@{newcomer}> has used 80 % of the credits for this week"
            ),
            what="the notice",
        )
        assert said["channel_id"] == mod.channels["lounge"]
        assert "4 credits of 5 credits" in text_of(said)
        assert f"Notices are on: <#{mod.channels['lounge']}>" in text_of(await use(mod, "usage", "notices"))
        off = text_of(await use(mod, "usage", "notices", off=True))
        assert off == "Notices are off from now on."
        assert "Notices are off. Choose a channel" in text_of(await use(mod, "usage", "notices"))


async def test_a_whole_server_is_limited_only_once_that_was_said(bank: World) -> None:
    newcomer = await bank.join()
    async with bank.member("mod") as mod, Member.at(bank.discord.origin, newcomer) as member:
        asked = await use(mod, "allowance", "set", credits=0, period="month")
        assert "would limit **this whole server** to 0 credits a month" in text_of(asked)
        await done(member, "while nothing was changed")
        await mod.press(asked, "Limit the whole server")
        said = await mod.sees(asked, "This server, all together: **blocked** (0 credits a month)")
        assert labels_of(said) == []
        refused = text_of(await use(member, "generate", prompt="no longer"))
        assert refused.startswith("The allowance of this server is set to zero until a manager changes that")
        assert "**Blocked.** The allowance of this server" in text_of(await use(member, "credits"))
        await use(mod, "allowance", "clear")


@pytest.mark.sqlite_only  # by several processes at once: tests/storage/test_accepting.py
async def test_200_parallel_requests_against_an_allowance_for_10_make_10_jobs(bank: World) -> None:
    newcomer = await bank.join()
    async with bank.member("mod") as mod, Member.at(bank.discord.origin, newcomer) as member:
        await use(mod, "allowance", "set", credits=40, period="day", target=newcomer)
        answers = await asyncio.gather(
            *(use(member, "generate", prompt=f"picture {number}") for number in range(200))
        )
        refused = [answer for answer in answers if "This needs 4 credits" in text_of(answer)]
        assert len(refused) == 190
        assert len(bank.jobs_of(member)) == 10
        await bank.settled()
        assert bank.account(member) == (0, 40_000)


@pytest.mark.parametrize("command", ["usage", "allowance"])
async def test_a_member_is_not_offered_what_is_for_moderators(bank: World, command: str) -> None:
    async with bank.member("ann") as ann:
        subcommand = {"usage": "report", "allowance": "list"}[command]
        with pytest.raises((Failed, StopIteration)):
            await use(ann, command, subcommand)


async def test_six_asked_for_at_once_stop_at_the_allowance_when_the_first_shows_the_price(
    tmp_path: Path, small: Path
) -> None:
    limits = {"DEFAULT_MEMBER_CREDITS": "40", "MAX_JOBS_PER_MEMBER": "1"}
    async with open_world(tmp_path, **limits) as world, world.member("ann") as ann:
        world.switch(surcharge=36)
        cards = await asyncio.gather(*(ann.edit(f"number {number}", small) for number in range(6)))
        ended = ("Done · 40 credits", "rose to 40 credits while it waited", "You were not charged")
        await ann.until(
            lambda: all(any(text in text_of(ann.messages[card["id"]]) for text in ended) for card in cards),
            what="the six ends",
        )
        assert sum(ended[1] in text_of(ann.messages[card["id"]]) for card in cards) == 5
        assert world.account(ann) == (0, 40_000)
        ends = sorted(world.entries(card)[-1] for card in cards)
        assert ends == [("charge", -40_000, 40_000), *[("release", -40_000, 0)] * 5]
