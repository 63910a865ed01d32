"""Everything that exists in the stand-in, and the questions that many parts ask of it."""

import random
from dataclasses import dataclass, field

from playground.discord import permissions
from playground.discord.clock import PlaygroundClock
from playground.discord.model import DIRECT_CHANNEL, Application, Channel, Guild, Interaction, Member, User
from playground.discord.posts import Attachment, Message
from playground.discord.snowflake import Snowflakes


@dataclass(slots=True)
class World:
    """The server, its people, the bot, and what has happened.

    Attributes
    ----------
    uploads
        Files that members have chosen in the page but that belong to no message.
    nonces
        Messages by the nonce they were sent with, for ``enforce_nonce``.
    bot_inside
        False after the bot was removed from the server.
    """

    clock: PlaygroundClock
    ids: Snowflakes
    rng: random.Random
    guild: Guild
    application: Application
    users: dict[int, User] = field(default_factory=dict[int, User])
    channels: dict[int, Channel] = field(default_factory=dict[int, Channel])
    direct: dict[int, Channel] = field(default_factory=dict[int, Channel])
    uploads: dict[int, Attachment] = field(default_factory=dict[int, Attachment])
    attachments: dict[int, Attachment] = field(default_factory=dict[int, Attachment])
    interactions: dict[int, Interaction] = field(default_factory=dict[int, Interaction])
    tokens: dict[str, Interaction] = field(default_factory=dict[str, Interaction])
    nonces: dict[str, Message] = field(default_factory=dict[str, Message])
    deleted: list[Message] = field(default_factory=list[Message])
    bot_inside: bool = True

    @property
    def bot(self) -> User:
        """The bot's account."""
        return self.application.bot

    def direct_channel(self, user_id: int) -> Channel:
        """Find or make the direct messages of an account with the bot."""
        channel = self.direct.get(user_id)
        if channel is None:
            channel = Channel(
                self.ids.next(), DIRECT_CHANNEL, self.application.bot.title, recipient_id=user_id
            )
            self.direct[user_id] = self.channels[channel.id] = channel
        return channel

    def message(self, channel_id: int, message_id: int) -> Message | None:
        """Find a message, ephemeral ones included."""
        channel = self.channels.get(channel_id)
        return channel.timeline.get(message_id) if channel else None

    def permissions(self, user_id: int, channel: Channel) -> int:
        """Compute what an account may do in a channel."""
        if channel.kind == DIRECT_CHANNEL:
            inside = user_id in (channel.recipient_id, self.bot.id)
            return permissions.DIRECT if inside else 0
        if user_id == self.bot.id and not self.bot_inside:
            return 0
        return permissions.in_channel(self.guild, channel, user_id)

    def may(self, user_id: int, channel: Channel, name: str) -> bool:
        """Say whether an account has a permission in a channel."""
        return permissions.has(self.permissions(user_id, channel), name)

    def sees(self, user_id: int, message: Message) -> bool:
        """Say whether an account sees a message."""
        if message.only_for is not None:
            return message.only_for == user_id
        return self.may(user_id, self.channels[message.channel_id], "VIEW_CHANNEL")

    def member(self, user_id: int) -> Member | None:
        """Find a member of the server."""
        return self.guild.members.get(user_id)

    def person(self, wanted: str) -> int | None:
        """Find a member that the page may speak for, by id or name; the first if nothing is said."""
        people = [member.user for member in self.guild.members.values() if not member.hidden]
        for user in people:
            if wanted in ("", str(user.id), user.name):
                return user.id
        return None
