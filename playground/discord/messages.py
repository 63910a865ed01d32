"""Messages coming, changing and going, and who is told."""

from dataclasses import dataclass

from playground.discord import intents
from playground.discord.drafts import Draft, NewFile
from playground.discord.errors import too_many_late_edits
from playground.discord.faults import Faults
from playground.discord.gateway import GatewayHub
from playground.discord.jsons import JsonObject
from playground.discord.model import Channel
from playground.discord.page_hub import PageHub
from playground.discord.posts import Attachment, Message
from playground.discord.render_message import MessageRenderer
from playground.discord.world import World

HOUR = 3_600_000
"""Milliseconds after which edits of a message are counted."""


@dataclass(frozen=True, slots=True)
class Origin:
    """How a message came to be, beside its contents.

    Attributes
    ----------
    only_for
        The one account that sees it, if it is ephemeral.
    metadata
        Discord's ``interaction_metadata``.
    """

    kind: int = 0
    reply_to: int | None = None
    only_for: int | None = None
    metadata: JsonObject | None = None
    webhook_id: int | None = None
    nonce: str | int | None = None
    tts: bool = False


class Messages:
    """Makes, changes and removes messages, and tells the bot and the pages."""

    def __init__(
        self, *, world: World, renderer: MessageRenderer, gateway: GatewayHub, pages: PageHub, faults: Faults
    ) -> None:
        self._world = world
        self._renderer = renderer
        self._gateway = gateway
        self._pages = pages
        self._faults = faults

    def create(self, *, author_id: int, channel: Channel, draft: Draft, origin: Origin) -> Message:
        """Put a new message at the end of a channel."""
        message = Message(
            self._world.ids.next(),
            channel.id,
            author_id,
            self._world.clock.now(),
            kind=origin.kind,
            reply_to=origin.reply_to,
            only_for=origin.only_for,
            metadata=origin.metadata,
            webhook_id=origin.webhook_id,
            nonce=origin.nonce,
            tts=origin.tts,
        )
        self._fill(message, draft)
        channel.timeline.add(message)
        self._pages.message("message_create", message)
        self._dispatch("MESSAGE_CREATE", message)
        return message

    def edit(self, message: Message, draft: Draft) -> None:
        """Change a message.

        Raises
        ------
        ApiError
            30046, if it is older than an hour and was edited too often.
        """
        now = self._world.clock.now()
        self._count_late_edit(message, now)
        before = message.attachments
        self._fill(message, draft)
        for item in before:
            item.gone = item not in message.attachments
        message.edited = now
        self._pages.message("message_update", message)
        self._dispatch("MESSAGE_UPDATE", message)

    def delete(self, message: Message) -> None:
        """Remove a message; its files go with it."""
        channel = self._world.channels[message.channel_id]
        channel.timeline.remove(message.id)
        self._world.deleted.append(message)
        for item in message.attachments:
            item.gone = True
        self._pages.message_deleted(message)
        if message.only_for is None:
            body: JsonObject = {"id": str(message.id), "channel_id": str(channel.id)}
            self.tell_bot("MESSAGE_DELETE", self.located(body, channel), channel, kind="messages")

    def tell_bot(
        self, event: str, body: JsonObject, channel: Channel, *, kind: str, redacted: JsonObject | None = None
    ) -> None:
        """Send the bot an event about a channel that it can see.

        Parameters
        ----------
        kind
            ``messages`` or ``reactions``: decides the intent.
        """
        if not self._world.may(self._world.bot.id, channel, "VIEW_CHANNEL"):
            return
        direct = channel.guild_id is None
        if kind == "messages":
            needs = intents.DIRECT_MESSAGES if direct else intents.GUILD_MESSAGES
        else:
            needs = intents.DIRECT_MESSAGE_REACTIONS if direct else intents.GUILD_MESSAGE_REACTIONS
        self._gateway.dispatch(event, body, needs=needs, direct=direct, redacted=redacted)

    @staticmethod
    def located(body: JsonObject, channel: Channel) -> JsonObject:
        """Add the server's id, if the channel is the server's."""
        return body if channel.guild_id is None else {**body, "guild_id": str(channel.guild_id)}

    def redacted(self, body: JsonObject, message: Message) -> JsonObject:
        """Empty what a bot without the message-content intent does not get to see."""
        bot = self._world.bot.id
        direct = self._world.channels[message.channel_id].guild_id is None
        if direct or message.author_id == bot or bot in message.mentions:
            return body
        return {**body, "content": "", "embeds": [], "attachments": [], "components": []}

    def _dispatch(self, event: str, message: Message) -> None:
        if message.only_for is not None:
            return
        body = self._renderer.event(message)
        channel = self._world.channels[message.channel_id]
        self.tell_bot(event, body, channel, kind="messages", redacted=self.redacted(body, message))

    def _fill(self, message: Message, draft: Draft) -> None:
        message.content = draft.content
        message.flags = draft.flags
        message.components = draft.components
        message.embeds = draft.embeds
        message.mentions = [user for user in draft.mentions if user in self._world.users]
        message.mentions_everyone = draft.mentions_everyone
        message.attachments = [
            self._attach(item, message) if isinstance(item, NewFile) else item for item in draft.files
        ]

    def _attach(self, new: NewFile, message: Message) -> Attachment:
        attachment = Attachment(
            self._world.ids.next(),
            message.channel_id,
            message.author_id,
            new.file,
            new.filename,
            self._world.clock.now(),
            ephemeral=message.only_for is not None,
            description=new.description,
            spoiler=new.filename.startswith("SPOILER_"),
        )
        self._world.attachments[attachment.id] = attachment
        return attachment

    def _count_late_edit(self, message: Message, now: int) -> None:
        if now - message.created < HOUR:
            return
        edits = message.late_edits
        while edits and edits[0] < now - HOUR:
            edits.popleft()
        if len(edits) >= self._faults.late_edit_limit:
            raise too_many_late_edits()
        edits.append(now)
