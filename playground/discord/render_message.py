"""Discord's JSON objects for messages: attachments signed anew, media resolved, reactions counted."""

from typing import cast

from playground.discord.clock import iso
from playground.discord.jsons import JsonObject, as_list, as_object, as_text
from playground.discord.posts import Attachment, Message
from playground.discord.render import member_json, user_json
from playground.discord.signing import Signer
from playground.discord.world import World

FILE = 13
"""Component type of a file."""


def emoji_json(key: str) -> JsonObject:
    """Write a partial emoji from its key: the character itself, or ``name:id``."""
    name, _, identifier = key.partition(":")
    return {"id": identifier or None, "name": name}


class MessageRenderer:
    """Writes messages for the bot and for people."""

    def __init__(self, *, world: World, signer: Signer) -> None:
        self._world = world
        self._signer = signer

    def attachment(self, item: Attachment) -> JsonObject:
        """Write an attachment object; its URLs are signed now."""
        url = self._signer.url(item)
        body: JsonObject = {
            "id": str(item.id),
            "filename": item.filename,
            "size": item.file.size,
            "url": url,
            "proxy_url": url,
            "content_type": item.file.content_type,
            "content_scan_version": 0,
        }
        if item.file.width is not None:
            body |= {"width": item.file.width, "height": item.file.height}
        if item.description is not None:
            body["description"] = item.description
        if item.ephemeral:
            body["ephemeral"] = True
        if item.spoiler:
            body["flags"] = 1 << 3
        return body

    def message(self, message: Message, *, viewer: int, quote: bool = True) -> JsonObject:
        """Write a message object as one account sees it.

        Parameters
        ----------
        viewer
            Whose reactions count as ``me``.
        quote
            Whether the message it replies to is written too.
        """
        channel = self._world.channels[message.channel_id]
        body: JsonObject = {
            "id": str(message.id),
            "channel_id": str(message.channel_id),
            "type": message.kind,
            "author": user_json(self._world.users[message.author_id]),
            "content": message.content,
            "timestamp": iso(message.created),
            "edited_timestamp": None if message.edited is None else iso(message.edited),
            "tts": message.tts,
            "mention_everyone": message.mentions_everyone,
            "mentions": [user_json(self._world.users[user]) for user in message.mentions],
            "mention_roles": [],
            "attachments": [self.attachment(item) for item in message.attachments],
            "embeds": [self.media(embed, message) for embed in message.embeds],
            "components": [self.media(item, message) for item in message.components],
            "reactions": self.reactions(message, viewer=viewer),
            "pinned": False,
            "flags": message.flags,
            "position": 0,
        }
        if message.snapshots:
            body["message_snapshots"] = [*message.snapshots]
        self._add_origin(body, message)
        if channel.guild_id is not None and message.only_for is not None:
            body["guild_id"] = str(channel.guild_id)
        if message.reply_to is not None:
            self._add_reply(body, message, viewer=viewer, quote=quote)
        return body

    def event(self, message: Message) -> JsonObject:
        """Write what MESSAGE_CREATE and MESSAGE_UPDATE carry: also the server and the author's member."""
        body = self.message(message, viewer=self._world.bot.id)
        channel = self._world.channels[message.channel_id]
        if channel.guild_id is not None:
            body["guild_id"] = str(channel.guild_id)
            member = self._world.member(message.author_id)
            if member is not None and message.webhook_id is None:
                body["member"] = member_json(member, with_user=False)
        if message.nonce is not None:
            body["nonce"] = message.nonce
        return body

    def reactions(self, message: Message, *, viewer: int) -> list[JsonObject]:
        """Write the counted reactions."""
        return [
            {
                "emoji": emoji_json(key),
                "count": len(users),
                "count_details": {"normal": len(users), "burst": 0},
                "burst_colors": [],
                "me": viewer in users,
                "me_burst": False,
                "burst_me": False,
                "burst_count": 0,
            }
            for key, users in message.reactions.items()
        ]

    def media(self, item: JsonObject, message: Message) -> JsonObject:
        """Copy a component or embed, with every ``attachment://`` resolved to the message's own file."""
        copy: JsonObject = {key: self._value(value, message) for key, value in item.items()}
        address = as_text(copy.get("url"))
        if address.startswith("attachment://"):
            self._resolve(copy, address.removeprefix("attachment://"), message)
        if copy.get("type") == FILE:
            self._name_file(copy, message)
        return copy

    def _value(self, value: object, message: Message) -> object:
        if isinstance(value, list):
            return [self._value(item, message) for item in as_list(cast("object", value))]
        if isinstance(value, dict):
            return self.media(as_object(cast("object", value)), message)
        return value

    def _name_file(self, component: JsonObject, message: Message) -> None:
        wanted = as_object(component.get("file")).get("attachment_id")
        for found in message.attachments:
            if str(found.id) == wanted:
                component |= {"name": found.filename, "size": found.file.size}

    def _resolve(self, item: JsonObject, name: str, message: Message) -> None:
        found = next((file for file in message.attachments if file.filename == name), None)
        if found is None:
            return
        url = self._signer.url(found)
        item |= {
            "id": str(found.id),
            "url": url,
            "proxy_url": url,
            "width": found.file.width,
            "height": found.file.height,
            "content_type": found.file.content_type,
            "attachment_id": str(found.id),
            "loading_state": 2,
            "flags": 0,
        }

    def _add_origin(self, body: JsonObject, message: Message) -> None:
        if message.webhook_id is not None:
            body["webhook_id"] = str(message.webhook_id)
        if message.author_id == self._world.bot.id:
            body["application_id"] = str(self._world.application.id)
        if message.metadata is not None:
            body["interaction_metadata"] = message.metadata

    def _add_reply(self, body: JsonObject, message: Message, *, viewer: int, quote: bool) -> None:
        channel = self._world.channels[message.channel_id]
        body["message_reference"] = {
            "type": 0,
            "channel_id": str(message.channel_id),
            "message_id": str(message.reply_to),
        }
        if channel.guild_id is not None:
            body["message_reference"]["guild_id"] = str(channel.guild_id)
        if quote:
            target = channel.timeline.get(message.reply_to or 0)
            body["referenced_message"] = target and self.message(target, viewer=viewer, quote=False)
