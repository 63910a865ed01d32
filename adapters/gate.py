"""The one gate before whatever spends or shows: where a member asks from, who they are, what blocks them.

A form passes it when it is opened and when it is sent, a button when it is pressed. Only the gate makes a
``Visitor``, without which nothing can be asked for.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import discord
from discord.ext import commands
from discord.utils import snowflake_time

from adapters.access import Access, Asker
from adapters.rights import is_age_restricted
from domain.clock import Clock
from domain.errors import Reason, Refusal
from domain.job import Job, Kind
from domain.limits import DAY, MINUTE
from domain.server_settings import ServerSettings

NO_SERVER = 0
"""Stands for the server in direct messages."""

AnyInteraction = discord.Interaction[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody who may ask in a server now; ``role_ids`` are what allowances go by."""

    guild_id: int
    member_id: int
    role_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On which terms strangers may ask: ``None`` is any server; days and minutes of 0 switch a rule off."""

    allowed_guilds: frozenset[int] | None
    account_days: int
    joined_minutes: int


class Gate:
    """Refuses who may not.

    ``blocked`` raises ``Refusal`` for a member (server, member) who is blocked; ``settings`` are a server's.
    """

    def __init__(
        self,
        *,
        bot: commands.Bot | commands.AutoShardedBot,
        clock: Clock,
        access: Access,
        terms: Terms,
        blocked: Callable[[int, int], Awaitable[None]],
        settings: Callable[[int], Awaitable[ServerSettings]],
    ) -> None:
        self._bot = bot
        self._clock = clock
        self._access = access
        self._terms = terms
        self._blocked = blocked
        self._settings = settings

    # What spends

    async def spend(
        self, interaction: AnyInteraction, kind: Kind, *, asked: bool = False, opens: bool = False
    ) -> Visitor:
        """Let a member ask with a command, a menu or a form.

        Parameters
        ----------
        asked
            Whether Discord has asked the rules of this very command itself.
        opens
            Whether a form opens now: only where a job is accepted, blocks are asked anyway.

        Raises
        ------
        Refusal
            They may not, here or now.
        """
        self._require_server(interaction)
        member = interaction.user
        if not isinstance(member, discord.Member):
            raise Refusal(Reason.DIRECT_MESSAGE)
        asker = _asker(interaction, member)
        if opens:
            await self._blocked(asker.guild_id, asker.member_id)
        return await self.admit(asker, joined_at=member.joined_at, kind=None if asked else kind)

    async def spend_on(
        self, interaction: AnyInteraction, job: Job, kind: Kind, *, opens: bool = False
    ) -> Visitor:
        """Let a member ask with a button of a job; if it was sent to them directly, as in the job's server.

        Raises
        ------
        Refusal
            They may not, here or now, or the button was not shown there.
        """
        self.touch(interaction, job)
        if interaction.guild_id is not None:
            return await self.spend(interaction, kind, opens=opens)
        guild = self._known(job.guild_id)
        try:
            member = await guild.fetch_member(interaction.user.id)
        except discord.NotFound as error:
            raise Refusal(Reason.MEMBER_MAY_NOT) from error
        asker = Asker(
            guild_id=guild.id,
            channel_ids=(job.channel_id,),
            member_id=member.id,
            role_ids=_role_ids(member),
            # The channel may be gone, which is why they were told directly: the server's word counts.
            permissions=member.guild_permissions,
        )
        if opens:
            await self._blocked(guild.id, member.id)
        return await self.admit(asker, joined_at=member.joined_at, kind=kind)

    async def admit(self, asker: Asker, *, joined_at: datetime | None, kind: Kind | None) -> Visitor:
        """Let a member ask in a server where the bot is.

        Parameters
        ----------
        kind
            Whose command's rules are to be asked; ``None``: Discord has done so.

        Raises
        ------
        Refusal
            They may not.
        """
        self._known(asker.guild_id)
        if not self.serves(asker.guild_id):
            raise Refusal(Reason.GUILD_NOT_ALLOWED)
        await self._require_age(asker.member_id, joined_at)
        await self._require_place(asker)
        if kind is not None:
            await self._access.check(asker, kind)
        return Visitor(guild_id=asker.guild_id, member_id=asker.member_id, role_ids=asker.role_ids)

    def serves(self, guild_id: int) -> bool:
        """Tell whether whoever runs the bot lets a server use it."""
        allowed = self._terms.allowed_guilds
        return allowed is None or guild_id in allowed

    async def too_young(self, member: discord.Member | discord.User) -> Refusal | None:
        """Return what a member is told who may ask for something only later, if that is so."""
        if not isinstance(member, discord.Member):
            return None
        try:
            await self._require_age(member.id, member.joined_at)
        except Refusal as refusal:
            return refusal
        return None

    async def _require_age(self, member_id: int, joined_at: datetime | None) -> None:
        now, days, minutes = self._clock.now(), self._terms.account_days, self._terms.joined_minutes
        # Whoever is no member for good has not joined yet.
        joined = now if joined_at is None else _milliseconds(joined_at)
        # Where nothing is asked for, Discord's clock may be ahead of this one.
        old_enough = _milliseconds(snowflake_time(member_id)) + days * DAY if days else 0
        known_enough = joined + minutes * MINUTE if minutes else 0
        if now >= max(old_enough, known_enough) or await self._is_operator(member_id):
            return
        reason = Reason.ACCOUNT_TOO_NEW if old_enough >= known_enough else Reason.JOINED_JUST_NOW
        raise Refusal(reason, goes_on=max(old_enough, known_enough))

    # What shows

    def show(self, interaction: AnyInteraction, *, direct: bool = False) -> int:
        """Let a member see what is theirs; return the server, ``NO_SERVER`` in direct messages.

        Parameters
        ----------
        direct
            Whether that may be in the bot's direct messages.

        Raises
        ------
        Refusal
            Not here.
        """
        if direct and interaction.guild_id is None and not interaction.context.private_channel:
            return NO_SERVER
        return self._require_server(interaction)

    def manage(self, interaction: AnyInteraction) -> int:
        """Let whoever runs a server choose something for it that is kept; return the server.

        Raises
        ------
        Refusal
            Not here, or whoever runs the bot does not let this server use it.
        """
        guild_id = self.show(interaction)
        if not self.serves(guild_id):
            raise Refusal(Reason.GUILD_NOT_ALLOWED)
        return guild_id

    def shows(self, interaction: AnyInteraction) -> bool:
        """Tell whether a member may see what is theirs in this server."""
        try:
            self.show(interaction)
        except Refusal:
            return False
        return True

    def touch(self, interaction: AnyInteraction, job: Job) -> None:
        """Let a button of a job be pressed where it was shown: elsewhere that job does not exist.

        Raises
        ------
        Refusal
            It was not shown there, or this is no place for it.
        """
        guild_id = self.show(interaction, direct=True)
        mine = interaction.user.id == job.member_id
        if mine and is_private(interaction) and guild_id in {job.guild_id, NO_SERVER}:
            return
        if guild_id == NO_SERVER:
            shown = mine and interaction.channel_id == job.card.channel_id
        else:
            channels = {job.channel_id, job.card.channel_id}
            shown = guild_id == job.guild_id and interaction.channel_id in channels
        if not shown:
            raise Refusal(Reason.NOT_FOUND)

    # Who runs it

    async def operate(self, interaction: AnyInteraction) -> None:
        """Let the application's owner do what is theirs alone.

        Raises
        ------
        Refusal
            They are not.
        """
        self.show(interaction, direct=True)
        if not await self._is_operator(interaction.user.id):
            raise Refusal(Reason.NOT_THE_OPERATOR)

    async def _require_place(self, asker: Asker) -> None:
        """Refuse a channel that the server did not choose; nobody knows yet where one without any asks."""
        if not asker.channel_ids:
            return
        settings = await self._settings(asker.guild_id)
        chosen = settings.answers_in
        if chosen and not set(chosen) & {*asker.channel_ids}:
            raise Refusal(Reason.OTHER_CHANNELS, channels=" ".join(map(str, chosen)))
        if settings.age_restricted and not asker.age_restricted:
            raise Refusal(Reason.AGE_RESTRICTED_ONLY)

    async def _is_operator(self, user_id: int) -> bool:
        user: Any = discord.Object(user_id)
        return await self._bot.is_owner(user)

    def _require_server(self, interaction: AnyInteraction) -> int:
        """Return the server of an interaction that came by way of the server."""
        if interaction.guild_id is None:
            raise Refusal(Reason.DIRECT_MESSAGE)
        if interaction.is_user_integration() and not interaction.is_guild_integration():
            raise Refusal(Reason.USER_INSTALL)
        return self._known(interaction.guild_id).id

    def _known(self, guild_id: int) -> discord.Guild:
        guild = self._bot.get_guild(guild_id)
        if guild is None:
            raise Refusal(Reason.NOT_IN_SERVER)
        return guild


def is_private(interaction: AnyInteraction) -> bool:
    """Tell whether the message of a button is one that only its member sees."""
    return interaction.message is not None and interaction.message.flags.ephemeral


def _asker(interaction: AnyInteraction, member: discord.Member) -> Asker:
    """Describe who asks. A thread shares the rules of the channel that it is in."""
    channel = interaction.channel
    parent = channel.parent_id if isinstance(channel, discord.Thread) else None
    return Asker(
        guild_id=interaction.guild_id or NO_SERVER,
        channel_ids=tuple(each for each in (interaction.channel_id, parent) if each is not None),
        member_id=member.id,
        role_ids=_role_ids(member),
        permissions=interaction.permissions,
        age_restricted=is_age_restricted(channel),
    )


def _role_ids(member: discord.Member) -> tuple[int, ...]:
    return tuple(role.id for role in member.roles)


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
