"""``/channels/{channel}/messages``: with the bot's own token."""

from playground.discord.access import Access
from playground.discord.calls import NOTHING, Call, Reply, Route
from playground.discord.drafts import draft_of
from playground.discord.errors import (
    ApiError,
    bad_form,
    closed_direct_messages,
    not_yours,
    unknown_message,
    unreadable_reference,
)
from playground.discord.faults import Faults
from playground.discord.jsons import JsonObject, as_id, as_list, as_object
from playground.discord.messages import Messages, Origin
from playground.discord.model import Channel
from playground.discord.posts import Message
from playground.discord.ratelimits import DELETE, EDIT, HISTORY, SEND
from playground.discord.render_message import MessageRenderer
from playground.discord.rest_callbacks import REPLY_MESSAGE
from playground.discord.upload_limits import UploadLimits
from playground.discord.world import World

NONCE_WINDOW = 5 * 60_000
"""Milliseconds in which a repeated nonce finds the first message ("the past few minutes")."""


class MessageRoutes:
    """Reads, sends, edits and deletes messages."""

    def __init__(
        self,
        *,
        world: World,
        access: Access,
        messages: Messages,
        renderer: MessageRenderer,
        limits: UploadLimits,
        faults: Faults,
    ) -> None:
        self._world = world
        self._access = access
        self._messages = messages
        self._renderer = renderer
        self._limits = limits
        self._faults = faults

    def routes(self) -> list[Route]:
        """Return the routes."""
        base = "/channels/{channel_id}/messages"
        one = base + "/{message_id}"
        return [
            Route("POST", base + "/bulk-delete", self._bulk_delete, limit=DELETE),
            Route("GET", base, self._list, limit=HISTORY),
            Route("POST", base, self._send, limit=SEND),
            Route("GET", one, self._get, limit=HISTORY),
            Route("PATCH", one, self._edit, limit=EDIT),
            Route("DELETE", one, self._delete, limit=DELETE),
        ]

    def _show(self, message: Message) -> JsonObject:
        body = self._renderer.message(message, viewer=self._world.bot.id)
        return self._messages.redacted(body, message)

    async def _list(self, call: Call) -> Reply:
        channel = self._access.channel(call.id("channel_id"))
        if not self._world.may(self._world.bot.id, channel, "READ_MESSAGE_HISTORY"):
            return Reply([])
        count = call.number("limit", 50, low=1, high=100)
        found = [message for message in _page(channel, call, count) if message.only_for is None]
        return Reply([self._show(message) for message in reversed(found)])

    async def _get(self, call: Call) -> Reply:
        channel, message = self._access.message(call.id("channel_id"), call.id("message_id"))
        self._access.require(channel, "READ_MESSAGE_HISTORY")
        return Reply(self._show(message))

    async def _send(self, call: Call) -> Reply:
        channel, payload = self._access.channel(call.id("channel_id")), call.body.object
        self._check_may_send(channel, files=bool(call.body.files))
        repeated = self._repeated(payload)
        if repeated is not None:
            return Reply(self._show(repeated))
        reply_to = self._reference(channel, payload)
        limit = self._limits.for_bot(direct=channel.guild_id is None)
        draft = draft_of(call.body, payload, limit=limit)
        self._mention_replied(channel, reply_to, payload, draft.mentions)
        origin = Origin(
            kind=REPLY_MESSAGE if reply_to else 0,
            reply_to=reply_to,
            nonce=payload.get("nonce"),
            tts=payload.get("tts") is True,
        )
        message = self._messages.create(
            author_id=self._world.bot.id, channel=channel, draft=draft, origin=origin
        )
        if origin.nonce is not None:
            self._world.nonces[str(origin.nonce)] = message
        shown = self._show(message)
        return Reply(shown if origin.nonce is None else {**shown, "nonce": origin.nonce})

    def _check_may_send(self, channel: Channel, *, files: bool) -> None:
        if channel.guild_id is None:
            if self._faults.closed_dms:
                raise closed_direct_messages()
            return
        self._access.require(channel, "SEND_MESSAGES", *(["ATTACH_FILES"] if files else []))

    def _repeated(self, payload: JsonObject) -> Message | None:
        """Find the message that was sent with the same nonce a moment ago."""
        if payload.get("enforce_nonce") is not True or payload.get("nonce") is None:
            return None
        first = self._world.nonces.get(str(payload["nonce"]))
        if first is None or self._world.clock.now() - first.created > NONCE_WINDOW:
            return None
        return first

    def _reference(self, channel: Channel, payload: JsonObject) -> int | None:
        reference = as_object(payload.get("message_reference"))
        if not reference:
            return None
        if not self._world.may(self._world.bot.id, channel, "READ_MESSAGE_HISTORY"):
            raise ApiError(400, 160002, "Cannot reply without permission to read message history")
        elsewhere = self._world.channels.get(as_id(reference.get("channel_id")) or channel.id)
        if elsewhere is None or not self._world.may(self._world.bot.id, elsewhere, "VIEW_CHANNEL"):
            raise unreadable_reference()
        target = channel.timeline.get(as_id(reference.get("message_id")) or 0)
        if target is not None and target.only_for is None:
            return target.id
        if reference.get("fail_if_not_exists", True) is False:
            return None
        problem = {"code": "REPLIES_UNKNOWN_MESSAGE", "message": "Unknown message"}
        raise bad_form({"message_reference": {"_errors": [problem]}})

    @staticmethod
    def _mention_replied(
        channel: Channel, reply_to: int | None, payload: JsonObject, mentions: list[int]
    ) -> None:
        target = channel.timeline.get(reply_to) if reply_to else None
        rules = payload.get("allowed_mentions")
        wanted = rules is None or as_object(rules).get("replied_user") is True
        if target is not None and wanted and target.author_id not in mentions:
            mentions.append(target.author_id)

    async def _edit(self, call: Call) -> Reply:
        channel, message = self._access.message(call.id("channel_id"), call.id("message_id"))
        if message.author_id != self._world.bot.id:
            raise not_yours()
        if call.body.files and channel.guild_id is not None:
            self._access.require(channel, "ATTACH_FILES")
        limit = self._limits.for_bot(direct=channel.guild_id is None)
        self._messages.edit(message, draft_of(call.body, call.body.object, limit=limit, old=message))
        return Reply(self._show(message))

    async def _delete(self, call: Call) -> Reply:
        channel, message = self._access.message(call.id("channel_id"), call.id("message_id"))
        if message.author_id != self._world.bot.id:
            if channel.guild_id is None:
                raise ApiError(403, 50003, "Cannot execute action on a DM channel")
            self._access.require(channel, "MANAGE_MESSAGES")
        self._messages.delete(message)
        return NOTHING

    async def _bulk_delete(self, call: Call) -> Reply:
        channel = self._access.channel(call.id("channel_id"))
        self._access.require(channel, "MANAGE_MESSAGES")
        wanted = [as_id(item) or 0 for item in as_list(call.body.object.get("messages"))]
        if not 2 <= len(wanted) <= 100:
            problem = {"code": "BASE_TYPE_BAD_LENGTH", "message": "Must be between 2 and 100 in length."}
            raise bad_form({"messages": {"_errors": [problem]}})
        found = [channel.timeline.get(item) for item in wanted]
        if not any(found):
            raise unknown_message()
        for message in found:
            if message is not None and message.only_for is None:
                self._messages.delete(message)
        return NOTHING


def _page(channel: Channel, call: Call, count: int) -> list[Message]:
    timeline = channel.timeline
    top = 2**63
    if "before" in call.query:
        return timeline.before(call.number("before", 0, low=0, high=top), count)
    if "after" in call.query:
        return timeline.after(call.number("after", 0, low=0, high=top), count)
    if "around" in call.query:
        middle = call.number("around", 0, low=0, high=top)
        half = count // 2
        return [*timeline.before(middle, half), *timeline.after(middle - 1, count - half)]
    return timeline.newest(count)
