"""Reactions: one list of people per emoji and message."""

import re
import unicodedata

from playground.discord.errors import unknown_emoji
from playground.discord.jsons import JsonObject
from playground.discord.messages import Messages
from playground.discord.page_hub import PageHub
from playground.discord.posts import Message
from playground.discord.render import member_json
from playground.discord.render_message import emoji_json
from playground.discord.world import World

_CUSTOM = re.compile(r"[A-Za-z0-9_]{2,32}:\d{15,20}")


def emoji_key(text: str) -> str:
    """Read an emoji out of a path or a wish: one or several symbol characters, or ``name:id``.

    Raises
    ------
    ApiError
        10014, if it is neither.
    """
    symbols = [letter for letter in text if unicodedata.category(letter) in ("So", "Sk")]
    flag_or_key = "\u20e3" in text or any(0x1F1E6 <= ord(letter) <= 0x1F1FF for letter in text)
    if _CUSTOM.fullmatch(text) or (0 < len(text) <= 16 and (symbols or flag_or_key)):
        return text
    raise unknown_emoji()


class Reactions:
    """Adds and takes away reactions, and tells the bot and the pages."""

    def __init__(self, *, world: World, messages: Messages, pages: PageHub) -> None:
        self._world = world
        self._messages = messages
        self._pages = pages

    def add(self, message: Message, user_id: int, emoji: str) -> None:
        """Add one person's reaction; a second time changes nothing."""
        people = message.reactions.setdefault(emoji, [])
        if user_id in people:
            return
        people.append(user_id)
        body = self._person(message, user_id, emoji)
        body |= {"message_author_id": str(message.author_id), "burst": False, "type": 0}
        member = self._world.member(user_id)
        if member is not None and self._world.channels[message.channel_id].guild_id is not None:
            body["member"] = member_json(member)
        self._tell("MESSAGE_REACTION_ADD", message, body)

    def remove(self, message: Message, user_id: int, emoji: str) -> None:
        """Take one person's reaction away, if it is there."""
        people = message.reactions.get(emoji, [])
        if user_id not in people:
            return
        people.remove(user_id)
        if not people:
            del message.reactions[emoji]
        body = {**self._person(message, user_id, emoji), "burst": False, "type": 0}
        self._tell("MESSAGE_REACTION_REMOVE", message, body)

    def clear(self, message: Message) -> None:
        """Take all reactions away."""
        message.reactions.clear()
        self._tell("MESSAGE_REACTION_REMOVE_ALL", message, self._place(message))

    def clear_emoji(self, message: Message, emoji: str) -> None:
        """Take all reactions with one emoji away."""
        message.reactions.pop(emoji, None)
        body = {**self._place(message), "emoji": emoji_json(emoji)}
        self._tell("MESSAGE_REACTION_REMOVE_EMOJI", message, body)

    def _place(self, message: Message) -> JsonObject:
        channel = self._world.channels[message.channel_id]
        body: JsonObject = {"channel_id": str(channel.id), "message_id": str(message.id)}
        return self._messages.located(body, channel)

    def _person(self, message: Message, user_id: int, emoji: str) -> JsonObject:
        return {**self._place(message), "user_id": str(user_id), "emoji": emoji_json(emoji)}

    def _tell(self, event: str, message: Message, body: JsonObject) -> None:
        self._pages.reactions(message)
        if message.only_for is None:
            channel = self._world.channels[message.channel_id]
            self._messages.tell_bot(event, body, channel, kind="reactions")
