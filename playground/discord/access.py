"""What the bot may reach with its own token: channels, messages, permissions."""

from playground.discord.errors import (
    missing_access,
    missing_permissions,
    unknown_channel,
    unknown_message,
)
from playground.discord.model import Channel
from playground.discord.posts import Message
from playground.discord.world import World


class Access:
    """Finds things for the bot, or refuses as Discord does."""

    def __init__(self, *, world: World) -> None:
        self._world = world

    def channel(self, channel_id: int) -> Channel:
        """Find a channel that the bot sees.

        Raises
        ------
        ApiError
            10003 if there is none, 50001 if it is hidden from the bot.
        """
        channel = self._world.channels.get(channel_id)
        if channel is None:
            raise unknown_channel()
        if not self._world.may(self._world.bot.id, channel, "VIEW_CHANNEL"):
            raise missing_access()
        return channel

    def message(self, channel_id: int, message_id: int) -> tuple[Channel, Message]:
        """Find a message that the bot sees; ephemeral ones it never does.

        Raises
        ------
        ApiError
            10008 if there is none, or as for its channel.
        """
        channel = self.channel(channel_id)
        message = channel.timeline.get(message_id)
        if message is None or message.only_for is not None:
            raise unknown_message()
        return channel, message

    def require(self, channel: Channel, *names: str) -> None:
        """Make sure that the bot has permissions in a channel.

        Raises
        ------
        ApiError
            50013, if one is missing.
        """
        if not all(self._world.may(self._world.bot.id, channel, name) for name in names):
            raise missing_permissions()
