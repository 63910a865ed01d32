"""Cards on Discord: what ``jobs`` needs of it (``jobs.delivery.ports.Messenger``), and nothing else."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, cast

import discord
from discord import ui
from discord.utils import MISSING

from adapters.asides import Asides
from adapters.attachments import Attachments
from adapters.known_again import begin_of, nonce_of, reminds, shows
from adapters.own_deletions import OwnDeletions
from adapters.rights import OwnRights
from adapters.trouble import TROUBLE, classified
from domain.errors import Refusal
from domain.job import Job, Rung, Status
from domain.places import Deed
from domain.views import CardView, Placed, Upload
from jobs.delivery.ports import MessengerError, Oversize, RungBroken
from ui.buttons import StopRemindersButton
from ui.cards import build_card, build_part
from ui.moderation import build_log, log_mark_of
from ui.texts import say

log = logging.getLogger(__name__)

NO_REFERENCE = frozenset({160002, 160009, 160010})
"""A message may be sent, but not as a reply: what it refers to may not be read, or not any more."""
REROLL = "🔁"
MOST_SEARCHED = 1_000
"""Messages that are looked through for one of ours, the newest first."""
RESULT_NAMES = "darkroom-"
"""How the names of attached results begin."""
_Known = discord.PartialMessageable | discord.DMChannel
NO_LONGER_SHOWN = frozenset({Status.FAILED, Status.CANCELLED})


class DiscordMessenger:
    """Brings cards to members through discord.py."""

    def __init__(
        self, *, bot: discord.Client, asides: Asides, rights: OwnRights, deletions: OwnDeletions
    ) -> None:
        self._bot = bot
        self._asides = asides
        self._rights = rights
        self._deletions = deletions
        self._attachments = Attachments()

    async def bring(self, rung: Rung, view: CardView, uploads: Sequence[Upload]) -> Placed:
        """Bring a card by one way (see ``Messenger``)."""
        async with self._attachments.opened(uploads) as files:
            with classified():
                message = await self._take(rung, view, files)
        return _placed(message)

    async def _take(self, rung: Rung, view: CardView, files: list[discord.File]) -> discord.Message:
        match rung:
            case Rung.TOKEN:
                return await self._by_token(view, files)
            case Rung.MESSAGE:
                return await self._by_message(view, files)
            case Rung.CHANNEL:
                self._require(Deed.SEND, view.job.channel_id, files=bool(files))
                return await self._send(self._channel(view.job), view, files, rung)
            case Rung.DIRECT:
                channel = await self._bot.create_dm(discord.Object(view.job.member_id))
                return await self._send(channel, view, files, rung)
            case Rung.KEPT:
                raise RungBroken

    async def _by_token(self, view: CardView, files: list[discord.File]) -> discord.Message:
        # Discord knows the first answer by this word too, for a job whose message was not noted.
        message_id = view.job.card.message_id or cast("int", "@original")
        return await self._webhook(view.job).edit_message(
            message_id,
            view=build_card(view),
            attachments=_attachments(view, files),
            allowed_mentions=discord.AllowedMentions.none(),
        )

    async def _by_message(self, view: CardView, files: list[discord.File]) -> discord.Message:
        self._require(Deed.EDIT, view.job.card.channel_id, files=bool(files))
        return await self._card(view.job).edit(
            view=build_card(view),
            attachments=_attachments(view, files),
            allowed_mentions=discord.AllowedMentions.none(),
        )

    async def _send(
        self, channel: discord.abc.Messageable, view: CardView, files: list[discord.File], rung: Rung
    ) -> discord.Message:
        return await _replying(
            channel,
            _reference(view) if rung is Rung.CHANNEL else None,
            view=build_card(view),
            files=files,
            # By status: within minutes of its first card a job may have to send its results anew.
            nonce=nonce_of(view.job.id, f"{rung} {view.job.status}"),
            allowed_mentions=_mention(view.job) if view.mention else discord.AllowedMentions.none(),
        )

    async def attach(
        self, view: CardView, uploads: Sequence[Upload], *, part: int, names: Sequence[str]
    ) -> Placed:
        """Send a further message below the card, unless it is there already (see ``Messenger``)."""
        job = view.job
        # A nonce is good for minutes; a bot that died between sending and noting may be back after hours.
        part_files = [{(each.name.replace(job.id, name), each.size) for each in uploads} for name in names]
        earlier = await self._search(
            self._bot.get_partial_messageable(job.card.channel_id or 0),
            after=job.card.message_id or 0,
            wanted=lambda message: {(each.filename, each.size) for each in message.attachments} in part_files,
        )
        if earlier is not None:
            return earlier
        self._require(Deed.SEND, job.card.channel_id, files=True)
        async with self._attachments.opened(uploads) as files:
            with classified():
                message = await _replying(
                    self._card(job).channel,
                    _reply_to_card(job),
                    view=build_part(view, part),
                    files=files,
                    # By sizes: what was packed anew is another message.
                    nonce=nonce_of(job.id, f"part {part} {[upload.size for upload in uploads]}"),
                    allowed_mentions=discord.AllowedMentions.none(),
                )
        return _placed(message)

    async def find(self, job: Job, rung: Rung, *, names: Sequence[str]) -> Placed | None:
        """Look for a message that is this job's card, sent after what asked for it, or its card before."""
        channel: _Known = self._channel(job)
        if rung is Rung.DIRECT:
            with classified():
                channel = await self._bot.create_dm(discord.Object(job.member_id))
        return await self._search(
            channel,
            after=begin_of(job, names),
            wanted=lambda message: any(shows(message.components, name) for name in names),
        )

    async def _search(
        self, channel: _Known, *, after: int, wanted: Callable[[discord.Message], bool]
    ) -> Placed | None:
        """Look for a message of ours that was sent after a snowflake: Discord's clock, whatever ours says."""
        if not self._rights.may(Deed.READ, channel.id):
            log.info("Earlier messages cannot be read in a channel; the nonce must do.")
            return None
        with classified():
            try:
                async for message in channel.history(limit=MOST_SEARCHED):
                    if message.id <= after:
                        break
                    if self._is_mine(message) and wanted(message):
                        return _placed(message)
            except discord.Forbidden:
                log.info("Earlier messages cannot be read in a channel; the nonce must do.")
        return None

    async def log(self, job: Job, uploads: Sequence[Upload], *, channel_id: int) -> Placed:
        """Tell of a job in its server's log, unless that is there already (see ``Messenger``)."""
        channel = self._bot.get_partial_messageable(channel_id, guild_id=job.guild_id)
        earlier = await self._search(
            channel,
            after=begin_of(job, ()),
            wanted=lambda message: any(
                getattr(each, "id", None) == log_mark_of(job.id) for each in message.components
            ),
        )
        if earlier is not None:
            return earlier
        self._require(Deed.SEND, channel_id, files=bool(uploads))
        async with self._attachments.opened(uploads) as files:
            with classified():
                message = await channel.send(
                    view=build_log(job, [upload.name for upload in uploads]),
                    files=files,
                    nonce=nonce_of(job.id, "log"),
                    allowed_mentions=discord.AllowedMentions.none(),
                )
        return _placed(message)

    async def refuse(self, job: Job, refusal: Refusal) -> bool:
        """Say privately why a job ended and take its card away (see ``Messenger``)."""
        if job.hidden:
            # Nothing is said in that channel any more.
            return False
        try:
            if job.card.token is not None:
                await self._webhook(job).send(say(refusal), ephemeral=True, wait=True)
            else:
                await self._asides.tell(job.channel_id, job.member_id, refusal)
            if job.card.message_id is not None:
                await self._withdraw(job)
        except (*TROUBLE, MessengerError) as error:
            log.info("%r: the reason could not be said privately (%s).", job, type(error).__name__)
            return False
        return True

    async def _withdraw(self, job: Job) -> None:
        self._deletions.note(job.card.message_id or 0)
        if job.card.token is not None and job.card.message_id is not None:
            await self._webhook(job).delete_message(job.card.message_id)
        else:
            await self._card(job).delete()

    async def remove(self, channel_id: int, message_id: int) -> None:
        """Delete a message of ours; one that is gone already is fine."""
        self._require(Deed.EDIT, channel_id)
        self._deletions.note(message_id)
        with classified():
            try:
                await self._bot.get_partial_messageable(channel_id).get_partial_message(message_id).delete()
            except discord.NotFound:
                log.info("A message that was to be deleted is gone already.")

    async def strip(self, view: CardView) -> None:
        """Show a finished card without its sources (see ``Messenger``)."""
        self._require(Deed.EDIT, view.job.card.channel_id)
        nobody = discord.AllowedMentions.none()
        with classified():
            # Only the answer says what the message carries: its history need not be readable.
            bare = build_card(replace(view, shown=()))
            message = await self._card(view.job).edit(view=bare, allowed_mentions=nobody)
            kept = [each for each in message.attachments if each.filename.startswith(RESULT_NAMES)]
            view = replace(view, shown=tuple(each.filename for each in kept))
            await self._card(view.job).edit(view=build_card(view), attachments=kept, allowed_mentions=nobody)

    async def remind(self, job: Job) -> Placed | None:
        """Reply to a finished card, mentioning its member, unless that was done (see ``Messenger``)."""
        layout = ui.LayoutView(timeout=None)
        ready = "your images are" if job.options.images > 1 else "your image is"
        layout.add_item(ui.TextDisplay(f"<@{job.member_id}>, {ready} ready."))
        row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
        row.add_item(StopRemindersButton(job.id))
        layout.add_item(row)
        try:
            channel = self._bot.get_partial_messageable(self._card(job).channel.id)
            earlier = await self._search(
                channel, after=begin_of(job, ()), wanted=lambda each: reminds(each.components, job.id)
            )
            if earlier is not None:
                return earlier
            self._require(Deed.SEND, job.card.channel_id)
            with classified():
                message = await _replying(
                    channel,
                    _reply_to_card(job),
                    view=layout,
                    nonce=nonce_of(job.id, "reminder"),
                    allowed_mentions=_mention(job),
                )
        except (RungBroken, Oversize):
            return None
        return _placed(message)

    async def invite_reroll(self, job: Job) -> None:
        """Put the reroll reaction on a finished card, where that is permitted."""
        self._require(Deed.REACT, job.card.channel_id)
        with classified():
            await self._card(job).add_reaction(REROLL)

    def _require(self, deed: Deed, channel_id: int | None, *, files: bool = False) -> None:
        """Spare Discord a request that it would refuse: refusals count, and no member hears of them."""
        if channel_id is not None and not self._rights.may(deed, channel_id, files=files):
            raise RungBroken

    def _webhook(self, job: Job) -> discord.Webhook:
        if job.card.token is None or self._bot.application_id is None:
            raise RungBroken
        webhook = discord.Webhook.partial(self._bot.application_id, job.card.token, client=self._bot)
        # What discord.py makes for an interaction's own follow-ups; of another type none can be private.
        webhook.type = discord.WebhookType.application
        return webhook

    def _channel(self, job: Job) -> discord.PartialMessageable:
        return self._bot.get_partial_messageable(job.channel_id, guild_id=job.guild_id)

    def _card(self, job: Job) -> discord.PartialMessage:
        if job.card.place is None:
            raise RungBroken
        channel_id, message_id = job.card.place
        return self._bot.get_partial_messageable(channel_id).get_partial_message(message_id)

    def _is_mine(self, message: discord.Message) -> bool:
        return self._bot.user is not None and message.author.id == self._bot.user.id


async def _replying(
    channel: discord.abc.Messageable,
    reference: discord.MessageReference | None,
    **message: Any,  # noqa: ANN401 - as discord.py takes them
) -> discord.Message:
    """Send a message as a reply, or without that where Discord does not let it refer to another."""
    if reference is not None:
        try:
            return await channel.send(reference=reference, **message)
        except discord.HTTPException as error:
            if error.code not in NO_REFERENCE:
                raise
        for file in message.get("files", ()):
            file.reset()
    return await channel.send(**message)


def _placed(message: discord.Message) -> Placed:
    urls = {attachment.filename: attachment.url for attachment in message.attachments}
    return Placed(channel_id=message.channel.id, message_id=message.id, urls=urls)


def _attachments(view: CardView, files: list[discord.File]) -> list[discord.File]:
    """Return what the message carries from now on; left out, it keeps what it has."""
    if (
        files
        or view.elsewhere
        or view.job.withdrawn
        or (view.job.status in NO_LONGER_SHOWN and not view.published)
    ):
        return files
    return MISSING


def _mention(job: Job) -> discord.AllowedMentions:
    return discord.AllowedMentions(
        everyone=False, roles=False, users=[discord.Object(job.member_id)], replied_user=False
    )


def _reference(view: CardView) -> discord.MessageReference | None:
    if view.reply_to is None or view.reply_to[0] != view.job.channel_id:
        return None
    channel_id, message_id = view.reply_to
    return discord.MessageReference(message_id=message_id, channel_id=channel_id, fail_if_not_exists=False)


def _reply_to_card(job: Job) -> discord.MessageReference:
    return discord.MessageReference(
        message_id=job.card.message_id or 0, channel_id=job.card.channel_id or 0, fail_if_not_exists=False
    )
