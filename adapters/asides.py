"""Telling a member privately why a reaction came to nothing: a reaction has no answer of its own.

The channel only learns that something did not work, and at most once an hour of each member. The reason goes
to them directly; where that is not possible, or was said within the hour, it waits for their next command.
"""

import logging
from collections.abc import Awaitable, Callable

import discord

from adapters.rights import OwnRights
from adapters.trouble import TROUBLE
from domain.clock import Clock
from domain.errors import Refusal
from domain.places import Deed
from ui.texts import aside_text, say

log = logging.getLogger(__name__)

BRIEFLY = 30.0
"""Seconds for which a sentence in a channel stays."""
QUIET = 3_600.0
"""Seconds before the same member is told of another one."""


class Asides:
    """Tells members.

    ``keep`` stores what is to wait for a member's next command; ``noted`` is told of messages that name one.
    """

    def __init__(
        self,
        *,
        bot: discord.Client,
        clock: Clock,
        rights: OwnRights,
        keep: Callable[[int, Refusal], Awaitable[None]],
        noted: Callable[[int, discord.Message], Awaitable[None]],
    ) -> None:
        self._bot = bot
        self._clock = clock
        self._rights = rights
        self._keep = keep
        self._noted = noted
        self._quiet_until: dict[int, float] = {}

    async def tell(self, channel_id: int, member_id: int, refusal: Refusal) -> None:
        """Tell a member why what they asked for with a reaction in a channel was refused."""
        now = self._clock.monotonic()
        self._quiet_until = {each: end for each, end in self._quiet_until.items() if end > now}
        if member_id in self._quiet_until:
            await self._keep(member_id, refusal)
            return
        self._quiet_until[member_id] = now + QUIET
        told = await self.whisper(member_id, say(refusal))
        if not told:
            await self._keep(member_id, refusal)
        await self._say_openly(channel_id, member_id, told=told)

    async def whisper(self, member_id: int, text: str) -> bool:
        """Say something to a member directly; ``False`` where that is not possible."""
        try:
            channel = await self._bot.create_dm(discord.Object(member_id))
            await channel.send(text, allowed_mentions=discord.AllowedMentions.none())
        except TROUBLE as error:
            log.info("Something could not be said directly (%s).", type(error).__name__)
            return False
        return True

    async def _say_openly(self, channel_id: int, member_id: int, *, told: bool) -> None:
        if not self._rights.may(Deed.SEND, channel_id):
            return
        channel = self._bot.get_partial_messageable(channel_id)
        try:
            message = await channel.send(
                aside_text(member_id, told=told),
                delete_after=BRIEFLY,
                allowed_mentions=discord.AllowedMentions(users=[discord.Object(member_id)]),
            )
            # It goes by itself, unless the bot is stopped before.
            await self._noted(member_id, message)
        except TROUBLE as error:
            log.info("That a reaction came to nothing could not be said (%s).", type(error).__name__)
