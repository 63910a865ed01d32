"""The open pages: who looks through which websocket, and what each of them is told."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from playground.discord.jsons import JsonObject, encode
from playground.discord.model import Channel
from playground.discord.outbox import Outbox
from playground.discord.permissions import bits
from playground.discord.posts import Message
from playground.discord.render_message import MessageRenderer, emoji_json
from playground.discord.world import World

HELLO_MESSAGES = 300
"""The newest messages of each channel that a page is given at first."""


@dataclass(eq=False, slots=True)
class PageConnection:
    """One open page and the account that it speaks for; a quiet one is told of no messages."""

    user_id: int
    outbox: Outbox
    quiet: bool = False

    def send(self, name: str, data: object) -> None:
        """Send one event."""
        self.outbox.put(encode({"t": name, "d": data}))


class PageHub:
    """Tells the open pages what happens, each only what its account may see."""

    def __init__(self, *, world: World, renderer: MessageRenderer) -> None:
        self._world = world
        self._renderer = renderer
        self._open: dict[int, PageConnection] = {}
        self._numbers = count()
        self.bot_online = False

    def join(self, connection: PageConnection) -> int:
        """Add a page; the number takes it out again."""
        number = next(self._numbers)
        self._open[number] = connection
        return number

    def leave(self, number: int) -> None:
        """Take a page out."""
        del self._open[number]

    def drop(self) -> None:
        """Cut every page off."""
        for page in list(self._open.values()):
            page.outbox.abort()

    def people(self, user_id: int) -> list[PageConnection]:
        """Return the pages of one account."""
        return [page for page in self._open.values() if page.user_id == user_id]

    def tell(self, user_id: int, name: str, data: object) -> None:
        """Send an event to all pages of one account."""
        for page in self.people(user_id):
            page.send(name, data)

    def tell_all(self, name: str, data: object) -> None:
        """Send an event to every page."""
        text = encode({"t": name, "d": data})
        for page in self._open.values():
            page.outbox.put(text)

    def message(self, name: str, message: Message) -> None:
        """Send a message to those who see it; written once unless reactions make a difference."""
        texts: dict[int, str] = {}
        for page in self._seeing(message):
            viewer = page.user_id if message.reactions else 0
            if viewer not in texts:
                texts[viewer] = encode({"t": name, "d": self.message_json(message, page.user_id)})
            page.outbox.put(texts[viewer])

    def message_deleted(self, message: Message) -> None:
        """Say that a message is gone."""
        data = {"id": str(message.id), "channel_id": str(message.channel_id)}
        for page in self._seeing(message):
            page.send("message_delete", data)

    def reactions(self, message: Message) -> None:
        """Send a message's reactions as they stand."""
        for page in self._seeing(message):
            reactions = [
                {"emoji": emoji_json(key), "count": len(users), "me": page.user_id in users}
                for key, users in message.reactions.items()
            ]
            body = {"message_id": str(message.id), "channel_id": str(message.channel_id)}
            page.send("reactions", {**body, "reactions": reactions})

    def bot(self, *, online: bool) -> None:
        """Say that the bot came or went."""
        if online != self.bot_online:
            self.bot_online = online
            self.tell_all("bot", {"online": online})

    def commands(self) -> None:
        """Send the registered commands."""
        self.tell_all("commands", {"commands": self.command_list()})

    def command_list(self) -> list[JsonObject]:
        """Return the commands that can be used: those of the application, then those of the server."""
        return list(self._world.application.commands.values())

    def message_json(self, message: Message, user_id: int) -> JsonObject:
        """Write a message for a page."""
        body = self._renderer.message(message, viewer=user_id)
        return {**body, "only_you": True} if message.only_for is not None else body

    def _seeing(self, message: Message) -> Iterator[PageConnection]:
        """Yield the pages that are told of a message."""
        for page in self._open.values():
            if not page.quiet and self._world.sees(page.user_id, message):
                yield page

    def hello(self, user_id: int, *, upload_limit: int, quiet: bool = False) -> JsonObject:
        """Write everything that a page needs at first."""
        world = self._world
        channels = self._channels(user_id)
        messages = [
            self.message_json(message, user_id)
            for channel in ([] if quiet else channels)
            for message in channel.timeline.newest(HELLO_MESSAGES)
            if world.sees(user_id, message)
        ]
        return {
            "guild": {"id": str(world.guild.id), "name": world.guild.name},
            "channels": [{"id": str(item.id), "name": item.name, "type": item.kind} for item in channels],
            "members": self._members(),
            "me": str(user_id),
            "bot": {"id": str(world.bot.id), "name": world.bot.title, "online": self.bot_online},
            "commands": self.command_list(),
            "messages": sorted(messages, key=lambda item: int(item["id"])),
            "upload_limit": upload_limit,
            "roles": [
                {"id": str(role.id), "name": role.name, "color": role.color}
                for role in world.guild.roles.values()
            ],
        }

    def _channels(self, user_id: int) -> list[Channel]:
        world = self._world
        seen = [channel for channel in world.guild.channels if world.may(user_id, channel, "VIEW_CHANNEL")]
        return [*seen, world.direct_channel(user_id)]

    def _members(self) -> list[JsonObject]:
        moderators = bits(["MANAGE_GUILD"])
        return [
            {
                "id": str(member.user.id),
                "name": member.user.title,
                "avatar_color": member.user.color,
                "moderator": any(
                    self._world.guild.roles[role].permissions & moderators for role in member.roles
                ),
                "roles": [str(role) for role in member.roles],
            }
            for member in self._world.guild.members.values()
            if not member.hidden
        ]
