"""🔁 on a card: the same again, for whoever reacted, on their account."""

import logging
from dataclasses import replace
from typing import Any

import discord
from discord.ext import commands

from adapters.access import Asker
from adapters.messenger import REROLL
from adapters.rights import Located, is_age_restricted, permissions_in
from cogs.requests import missing_permissions, require_patience, sources_of
from cogs.services import Services, services_in
from domain.errors import OutOfReach, Reason, Refusal
from domain.job import OPEN, Job, Origin, Status
from domain.locks import KeyedLocks
from domain.request import Request, Wish
from ui.boundary import answer_privately, as_refusal
from ui.texts import late_text

log = logging.getLogger(__name__)


class Reactions(commands.Cog):
    """Turns reactions into wishes. They may repeat or get lost, and carry no event id of their own."""

    def __init__(self, *, bot: commands.Bot, services: Services) -> None:
        self._bot = bot
        self._services = services
        self._locks = KeyedLocks[int]()

    @commands.Cog.listener()
    async def on_raw_reaction_add(self, payload: discord.RawReactionActionEvent) -> None:
        """Reroll a card for whoever reacted."""
        if not self._concerns_us(payload) or payload.member is None or payload.member.bot:
            return
        async with self._locks(payload.message_id):
            await self._take_up(payload, payload.member)

    async def _take_up(self, payload: discord.RawReactionActionEvent, member: discord.Member) -> None:
        job = await self._services.archive.by_card(payload.message_id)
        if job is None or job.guild_id != payload.guild_id:
            return
        if payload.channel_id not in {job.channel_id, job.card.channel_id}:
            # What a server's log says of it is no card.
            return
        try:
            await self._wish(payload, member, job)
        except Exception as error:
            refusal = as_refusal(error)
            if isinstance(error, OutOfReach):
                self._bot.dispatch("out_of_reach", error)
            if refusal.reason is Reason.INTERNAL:
                log.exception("A reaction failed.")
            await self._services.asides.tell(payload.channel_id, payload.user_id, refusal)

    async def _wish(self, payload: discord.RawReactionActionEvent, member: discord.Member, job: Job) -> None:
        if await self._services.archive.wished(message_id=payload.message_id, member_id=member.id):
            return
        guild = member.guild
        asker = Asker(
            guild_id=guild.id,
            channel_ids=(),
            member_id=member.id,
            role_ids=tuple(role.id for role in member.roles),
            permissions=member.guild_permissions,
        )
        # Who may not ask anywhere has no channel looked up; what holds in the channel shows only there.
        await self._services.gate.admit(asker, joined_at=member.joined_at, kind=None)
        _require_end(job, at=self._services.clock.now())
        channel = await self._services.rights.channel(payload.channel_id)
        if channel is None:
            return
        asker = _asking_in(channel, asker, member)
        visitor = await self._services.gate.admit(asker, joined_at=member.joined_at, kind=job.kind)
        request = Request(
            event=Wish(payload.message_id),
            # One that was taken back and put again is meant twice.
            insists=True,
            kind=job.kind,
            origin=Origin.REROLL,
            guild_id=visitor.guild_id,
            channel_id=payload.channel_id,
            member_id=visitor.member_id,
            role_ids=visitor.role_ids,
            prompt=job.prompt,
            style=job.style,
            options=job.options,
            sources=tuple(await sources_of(self._services, job)),
            model=self._services.models.again(job),
            parent_id=job.id,
            attachment_limit=guild.filesize_limit,
            missing_permissions=missing_permissions(permissions_in(channel, guild.me), channel),
        )
        accepted = await self._services.acceptance.accept(request)
        if accepted.new:
            self._services.engine.take_up(accepted.job, accepted.sources)

    @commands.Cog.listener()
    async def on_app_command_completion(
        self, interaction: discord.Interaction[Any], _command: object
    ) -> None:
        """Tell whoever used a command what could not be told before."""
        await self.on_command_refused(interaction)

    @commands.Cog.listener()
    async def on_command_refused(self, interaction: discord.Interaction[Any]) -> None:
        """Tell it also if that command was refused."""
        refusal = await self._services.archive.take_untold(interaction.user.id)
        if refusal is not None:
            await answer_privately(interaction, late_text(refusal))

    @commands.Cog.listener()
    async def on_raw_reaction_remove(self, payload: discord.RawReactionActionEvent) -> None:
        """Take note of a wish that was taken back: the next one is new."""
        if str(payload.emoji) == REROLL:
            async with self._locks(payload.message_id):
                await self._services.archive.take_back(
                    message_id=payload.message_id, member_id=payload.user_id
                )

    @commands.Cog.listener()
    async def on_raw_reaction_clear(self, payload: discord.RawReactionClearEvent) -> None:
        """Take note that all wishes on a message were taken back."""
        async with self._locks(payload.message_id):
            await self._services.archive.take_back_all(payload.message_id)

    @commands.Cog.listener()
    async def on_raw_reaction_clear_emoji(self, payload: discord.RawReactionClearEmojiEvent) -> None:
        """Take note that all wishes on a message were taken back."""
        if str(payload.emoji) == REROLL:
            async with self._locks(payload.message_id):
                await self._services.archive.take_back_all(payload.message_id)

    def _concerns_us(self, payload: discord.RawReactionActionEvent) -> bool:
        me = self._bot.user
        if me is None or payload.guild_id is None or str(payload.emoji) != REROLL:
            return False
        # Discord names the author since 2024; where it does not, the database decides.
        return payload.user_id != me.id and payload.message_author_id in {None, me.id}


def _require_end(job: Job, *, at: int) -> None:
    # A result may be seen before Discord's answer says that it is there.
    if job.status in OPEN and job.status is not Status.DELIVERING:
        raise Refusal(Reason.NOT_FINISHED)
    require_patience(job, at=at)


def _asking_in(channel: Located, asker: Asker, member: discord.Member) -> Asker:
    parent = (channel.parent_id,) if isinstance(channel, discord.Thread) else ()
    return replace(
        asker,
        channel_ids=(channel.id, *parent),
        permissions=permissions_in(channel, member),
        age_restricted=is_age_restricted(channel),
    )


async def setup(bot: commands.Bot) -> None:
    """Add the cog."""
    await bot.add_cog(Reactions(bot=bot, services=services_in(bot)))
