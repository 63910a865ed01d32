"""Says in a server's channel that an allowance is nearly used, and tells the operator of a low balance.

What is due stands in the database, written in the transaction that made it so: a notice that could not be
said is tried again until its period is over. Said twice within minutes, because the bot died before it noted
that, it is still one message: it carries a nonce of its own.
"""

import asyncio
import logging

import discord
from discord.ext import commands

from accounts import announcements, blocks, low_balance, notices
from adapters.known_again import nonce_of
from adapters.trouble import TROUBLE
from cogs.services import Services, services_in
from domain.announcements import Announcement
from domain.limits import DAY
from domain.notices import Notice
from domain.places import Deed
from domain.usage import SERVER
from ui.announcements import announcement_text
from ui.usage_texts import low_balance_text, notice_text

log = logging.getLogger(__name__)

NAMING = ("member", "moderator")
"""Values of an announcement that name somebody."""
PAUSE = 5.0
"""Seconds between two looks: a notice is no alarm."""
PAUSE_AFTER_FAILURE = 300.0
"""Seconds before a server whose notice could not be said is tried again."""


class Notices(commands.Cog):
    """A task that lives as long as the cog."""

    def __init__(self, *, bot: commands.Bot, services: Services) -> None:
        self._bot = bot
        self._services = services
        self._task: asyncio.Task[None] | None = None
        self._not_before: dict[int, float] = {}

    async def cog_load(self) -> None:
        self._task = asyncio.create_task(self._run(), name="notices")

    async def cog_unload(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _run(self) -> None:
        await self._bot.wait_until_ready()
        while True:
            try:
                await self.say_all()
                await self.announce()
                await self.watch_balance()
            except Exception:
                log.exception("Notices failed; they are tried again.")
            await self._services.clock.sleep(PAUSE)

    async def say_all(self) -> None:
        now = self._services.clock.monotonic()
        for due in await self._services.read(notices.waiting, at=self._services.clock.now()):
            if self._not_before.get(due.notice.guild_id, 0.0) <= now:
                await self._say(due.channel_id, due.notice)

    async def announce(self) -> None:
        """Say what happened to a server's members in its channel, and to the operator what concerns them."""
        await self._services.run(blocks.sum_up, at=self._services.clock.now())
        for due in await self._services.read(announcements.waiting):
            if self._not_before.get(due.guild_id, 0.0) <= self._services.clock.monotonic():
                await self._announce(due)

    async def _announce(self, due: Announcement) -> None:
        text = announcement_text(due.topic, due.values)
        if due.for_operator:
            said = await self._services.operator.tell(text)
        elif due.channel_id is None:
            said = True
        else:
            said = await self._try(due, due.channel_id, text)
        if said or self._services.clock.now() - due.at > DAY:
            await self._services.run(announcements.said, due)
        else:
            self._not_before[due.guild_id] = self._services.clock.monotonic() + PAUSE_AFTER_FAILURE

    async def _try(self, due: Announcement, channel_id: int, text: str) -> bool:
        channel = self._bot.get_partial_messageable(channel_id, guild_id=due.guild_id)
        if not self._services.rights.may(Deed.SEND, channel_id):
            return False
        try:
            message = await channel.send(text, nonce=nonce_of("announcement", due.id))
        except TROUBLE as error:
            log.warning("A line for moderators could not be said (%s).", type(error).__name__)
            return isinstance(error, discord.NotFound)
        for name in NAMING:
            if isinstance(member_id := due.values.get(name), int):
                await self._note(member_id, message)
        return True

    async def _note(self, member_id: int, message: discord.Message) -> None:
        """Have a line that names somebody deleted with them. Copies in log channels belong here, too."""
        await self._services.personal.note_mention(
            member_id, channel_id=message.channel.id, message_id=message.id
        )

    async def _say(self, channel_id: int, notice: Notice) -> None:
        channel = self._bot.get_partial_messageable(channel_id, guild_id=notice.guild_id)
        if not self._services.rights.may(Deed.SEND, channel_id):
            self._not_before[notice.guild_id] = self._services.clock.monotonic() + PAUSE_AFTER_FAILURE
            return
        try:
            message = await channel.send(notice_text(notice), nonce=nonce_of_notice(notice))
        except discord.NotFound:
            log.warning("The channel for notices of server %s is gone; they are off now.", notice.guild_id)
            await self._services.run(notices.choose_channel, guild_id=notice.guild_id, channel_id=None)
        except TROUBLE as error:
            log.warning("A notice could not be said (%s).", type(error).__name__)
            self._not_before[notice.guild_id] = self._services.clock.monotonic() + PAUSE_AFTER_FAILURE
        else:
            await self._services.run(notices.said, notice)
            if notice.member_id != SERVER:
                await self._note(notice.member_id, message)

    async def watch_balance(self) -> None:
        """Tell the operator once that the provider's balance has fallen below the threshold."""
        threshold = self._services.low_balance
        balance = await self._services.run(low_balance.due, threshold=threshold)
        if balance is None:
            return
        if await self._services.operator.tell(low_balance_text(balance, threshold)):
            await self._services.run(low_balance.told)


def nonce_of_notice(notice: Notice) -> str:
    """Return what makes a notice the same notice."""
    return nonce_of(notice.guild_id, notice.member_id, notice.period, notice.start, notice.percent)


async def setup(bot: commands.Bot) -> None:
    """Add the cog."""
    await bot.add_cog(Notices(bot=bot, services=services_in(bot)))
