"""Notices are said in their channel and the operator is told of a low balance: over real HTTP."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import pytest
from discord.http import Route

from accounts import announcements, balance, notices
from adapters.names import KEPT_FOR, Names
from adapters.operator import DiscordOperator
from cogs.notices import PAUSE_AFTER_FAILURE, Notices, nonce_of_notice
from domain.announcements import TO_OPERATOR, Topic, Values
from domain.limits import DAY
from domain.notices import Notice
from domain.periods import Period, span_of
from domain.places import Deed
from jobs.keeping.personal import Personal
from playground.discord.server import DiscordStandIn
from storage import announcements as announcement_rows
from storage import notices as notice_rows
from storage import refusals
from storage.database import Database, open_database
from storage.tx import Tx
from tests.clock import FakeClock


class Bot(discord.Client):
    """As much of the bot as a cog without commands uses; its HTTP is real."""

    def __init__(self, *, database: Database, clock: FakeClock) -> None:
        super().__init__(intents=discord.Intents.none(), allowed_mentions=discord.AllowedMentions.none())
        self.database = database
        self.clock = clock


class Rights:
    """What the bot is known to lack, as far as a notice asks for it."""

    def __init__(self) -> None:
        self.silent: set[int] = set()

    def may(self, deed: Deed, channel_id: int) -> bool:
        assert deed is Deed.SEND
        return channel_id not in self.silent


@dataclass
class Scene:
    stand_in: DiscordStandIn
    bot: Bot
    cog: Notices
    rights: Rights

    @property
    def guild_id(self) -> int:
        return self.stand_in.world.guild.id

    def channel_id(self, name: str = "darkroom") -> int:
        channels = self.stand_in.world.channels.values()
        return next(channel.id for channel in channels if channel.name == name)

    def said(self, channel_id: int) -> list[str]:
        timeline = self.stand_in.world.channels[channel_id].timeline
        return [message.content for message in timeline.newest(len(timeline))]

    def whispered(self) -> list[str]:
        """Return all direct messages."""
        places = [c.id for c in self.stand_in.world.channels.values() if c.recipient_id is not None]
        return [text for place in places for text in self.said(place)]

    async def asked(self, path: str) -> int:
        """Count the requests whose path holds a text."""
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{self.stand_in.origin}/page/log") as reply,
        ):
            return sum(path in each["path"] for each in await reply.json())

    async def choose(self, channel_id: int) -> None:
        await self.bot.database.run(notices.choose_channel, guild_id=self.guild_id, channel_id=channel_id)

    async def make_due(self, percent: int = 80, member: int = 7) -> Notice:
        now = self.bot.clock.now()
        span = span_of(Period.DAY, now)
        notice = Notice(
            guild_id=self.guild_id,
            member_id=member,
            period=Period.DAY,
            start=span.first,
            percent=percent,
            used=8_000,
            credits=10_000,
            at=now,
            ends_at=span.ends_at,
        )
        await self.bot.database.run(notice_rows.add, notice, sent=False)
        return notice

    async def tell_balance(self, amount: int) -> None:
        def record(tx: Tx) -> None:
            balance.record_reply(
                tx, job_id=None, cost=None, remaining=amount * 1_000, at=self.bot.clock.now()
            )

        await self.bot.database.run(record)


@asynccontextmanager
async def opened(folder: Path) -> AsyncGenerator[Scene]:
    stand_in = DiscordStandIn()
    await stand_in.start()
    stand_in.set_faults(rate_limits=False)
    base, Route.BASE = Route.BASE, stand_in.api_url
    database = await open_database(folder)
    bot = Bot(database=database, clock=FakeClock())
    try:
        await bot.login(stand_in.token)
        rights = Rights()
        given: Any = SimpleNamespace(
            clock=bot.clock,
            low_balance=50_000,
            read=database.read,
            run=database.run,
            operator=DiscordOperator(bot=bot, clock=bot.clock),
            rights=rights,
            personal=Personal(database=database, clock=bot.clock, files=None, eraser=None),  # type: ignore[arg-type]
        )
        yield Scene(stand_in, bot, Notices(bot=bot, services=given), rights)  # type: ignore[arg-type]
    finally:
        await bot.close()
        await database.close()
        await stand_in.close()
        Route.BASE = base


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with opened(tmp_path) as one:
        yield one


async def test_a_notice_is_said_once(scene: Scene) -> None:
    await scene.choose(scene.channel_id())
    await scene.make_due()
    await scene.cog.say_all()
    await scene.cog.say_all()
    (text,) = scene.said(scene.channel_id())
    assert text.startswith("<@7> has used 80 % of the credits for today: 8 credits of 10 credits.")


async def test_a_notice_that_a_dying_bot_could_not_note_is_still_one_message(scene: Scene) -> None:
    await scene.choose(scene.channel_id())
    await scene.make_due()
    await scene.cog.say_all()
    await scene.bot.database.run(lambda tx: tx.execute("UPDATE notices SET sent = 0"))
    await scene.cog.say_all()
    assert len(scene.said(scene.channel_id())) == 1


async def test_a_notice_that_could_not_be_said_is_tried_again_later(scene: Scene) -> None:
    await scene.choose(scene.channel_id())
    await scene.make_due()
    scene.stand_in.set_faults(missing_permissions=["send_messages"])
    await scene.cog.say_all()
    scene.stand_in.set_faults(missing_permissions=[])
    await scene.cog.say_all()
    assert scene.said(scene.channel_id()) == []
    await scene.bot.clock.advance(PAUSE_AFTER_FAILURE + 1)
    await scene.cog.say_all()
    assert len(scene.said(scene.channel_id())) == 1


async def test_a_notice_of_a_period_that_is_over_is_not_said(scene: Scene) -> None:
    await scene.choose(scene.channel_id())
    await scene.make_due()
    await scene.bot.clock.advance(DAY / 1_000)
    await scene.cog.say_all()
    assert scene.said(scene.channel_id()) == []


async def test_a_channel_that_is_gone_ends_the_notices(scene: Scene) -> None:
    await scene.choose(404)
    await scene.make_due()
    await scene.cog.say_all()
    assert await scene.bot.database.read(notice_rows.channel, guild_id=scene.guild_id) is None


async def test_nothing_is_said_where_no_channel_was_chosen(scene: Scene) -> None:
    await scene.make_due()
    await scene.cog.say_all()
    assert scene.said(scene.channel_id()) == []


async def test_the_operator_is_told_of_a_low_balance_once(scene: Scene) -> None:
    for amount in (60, 49, 40):
        await scene.tell_balance(amount)
        await scene.cog.watch_balance()
    (text,) = scene.whispered()
    assert "down to 49 credits" in text


async def test_a_balance_that_wavers_is_told_of_once_and_one_that_rose_again(scene: Scene) -> None:
    for amount in (49, 52, 49, 55, 49):
        await scene.tell_balance(amount)
        await scene.cog.watch_balance()
    assert len(scene.whispered()) == 2


async def test_an_operator_who_could_not_be_told_is_told_later(scene: Scene) -> None:
    await scene.tell_balance(10)
    scene.stand_in.set_faults(closed_dms=True)
    await scene.cog.watch_balance()
    assert scene.whispered() == []
    scene.stand_in.set_faults(closed_dms=False)
    await scene.cog.watch_balance()
    assert len(scene.whispered()) == 1


async def corrected(scene: Scene) -> None:
    values: Values = {"moderator": 1, "member": 7, "amount": 3_000, "reason": "@everyone *sorry*"}
    now = scene.bot.clock.now()
    await scene.bot.database.run(
        announcement_rows.add, guild_id=scene.guild_id, topic=Topic.CORRECTED, values=values, at=now
    )


async def test_what_happened_is_announced_once_where_notices_are_said(scene: Scene) -> None:
    await corrected(scene)
    await scene.choose(scene.channel_id())
    await corrected(scene)
    for _ in range(2):
        await scene.cog.announce()
    assert scene.said(scene.channel_id()) == ["<@1> gave 3 credits back to <@7>: @\u200beveryone \\*sorry\\*"]


async def test_an_announcement_that_could_not_be_said_is_tried_again_for_a_day(scene: Scene) -> None:
    await scene.choose(scene.channel_id())
    await corrected(scene)
    scene.stand_in.set_faults(missing_permissions=["send_messages"])
    await scene.cog.announce()
    scene.stand_in.set_faults(missing_permissions=[])
    await scene.cog.announce()
    assert scene.said(scene.channel_id()) == []
    await scene.bot.clock.advance(PAUSE_AFTER_FAILURE + 1)
    await scene.cog.announce()
    assert len(scene.said(scene.channel_id())) == 1
    scene.stand_in.set_faults(missing_permissions=["send_messages"])
    await corrected(scene)
    await scene.bot.clock.advance(DAY / 1_000 + 1)
    await scene.cog.announce()
    assert await scene.bot.database.read(announcements.waiting) == []


async def test_a_server_that_nobody_can_tell_keeps_no_other_waiting(scene: Scene) -> None:
    now = scene.bot.clock.now()
    correction: Values = {"moderator": 1, "member": 7, "amount": -1_000, "reason": "so"}

    def much_happens(tx: Tx) -> None:
        notice_rows.set_channel(tx, guild_id=666, channel_id=1)
        for _ in range(announcements.AT_ONCE + 5):
            announcement_rows.add(tx, guild_id=666, topic=Topic.CORRECTED, values=correction, at=now)
        values: Values = {"used": 16_000, "limit": 20_000}
        announcement_rows.add(tx, guild_id=TO_OPERATOR, topic=Topic.KEY, values=values, at=now)

    scene.rights.silent.add(1)
    await scene.choose(scene.channel_id())
    await scene.bot.database.run(much_happens)
    await corrected(scene)
    await scene.cog.announce()
    assert len(scene.said(scene.channel_id())) == 1
    assert len(scene.whispered()) == 1


async def test_nothing_is_sent_where_the_bot_knows_that_it_may_not(scene: Scene) -> None:
    await scene.choose(scene.channel_id())
    await scene.make_due()
    await corrected(scene)
    scene.rights.silent.add(scene.channel_id())
    for _ in range(3):
        await scene.cog.announce()
        await scene.cog.say_all()
    assert await scene.asked(f"/channels/{scene.channel_id()}/messages") == 0
    scene.rights.silent.clear()
    await scene.bot.clock.advance(PAUSE_AFTER_FAILURE + 1)
    await scene.cog.announce()
    await scene.cog.say_all()
    assert len(scene.said(scene.channel_id())) == 2


async def test_the_operator_is_told_of_the_day_before_and_of_the_keys_day(scene: Scene) -> None:
    now = scene.bot.clock.now()

    def refuse(tx: Tx) -> None:
        refusals.note(tx, job_id="a", member_id=7, at=now - DAY)
        values: Values = {"used": 16_000, "limit": 20_000}
        announcement_rows.add(tx, guild_id=TO_OPERATOR, topic=Topic.KEY, values=values, at=now)

    await scene.bot.database.run(refuse)
    for _ in range(2):
        await scene.cog.announce()
    first, second = sorted(scene.whispered())
    assert first.startswith(
        "80 % of the credits that this key may spend in 24 hours are used: 16 credits of 20"
    )
    assert "safety check refused 1 request of 1 member." in second


async def test_a_nonce_fits_and_differs_between_notices(scene: Scene) -> None:
    first, second = await scene.make_due(80), await scene.make_due(100)
    assert nonce_of_notice(first) != nonce_of_notice(second)
    assert len(nonce_of_notice(first)) <= 25


async def test_names_are_asked_for_once_and_those_who_left_are_missing(scene: Scene) -> None:
    guild: Any = await scene.bot.fetch_guild(scene.guild_id)
    ann = scene.stand_in.world.person("ann")
    names = Names(clock=scene.bot.clock)
    for _ in range(2):
        assert await names.of(guild, [ann, 404]) == {ann: "Ann"}
    assert await scene.asked("/members/") == 2
    await scene.bot.clock.advance(KEPT_FOR + 1)
    await names.of(guild, [ann])
    assert await scene.asked("/members/") == 3
