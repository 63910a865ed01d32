"""The one error boundary: whatever goes wrong in a command, button, modal or menu ends in one sentence.

discord.py only logs an exception in a ``DynamicItem``'s callback and drops one in its check, so buttons are
``SafeItem``s, modals ``SafeModal``s, and the command tree hands its errors to the same ``report``.
"""

import logging
import re
from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, Generic, Self, TypeVar, cast

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from domain.errors import OutOfReach, Reason, Refusal
from ui.texts import reason_text, say
from ui.written import given_back, written_in

log = logging.getLogger(__name__)

ItemT = TypeVar("ItemT", bound=discord.ui.Item[Any])

ANSWERED, TOO_LATE = 40060, 10062
_SPENDS = re.compile(
    r"(?:edit|generate|Edit images)$|dr:(?:reroll|insist|use|edit|change|form:(?:result|prompt|images)):"
)
"""Names of commands, and how ids of buttons and forms begin, that can lead to a charge."""


async def report(interaction: discord.Interaction[Any], error: BaseException) -> None:
    """Tell the member in one sentence, only them, what went wrong; the unexpected goes to the log whole."""
    error = _unwrapped(error)
    if isinstance(error, discord.HTTPException) and error.code == ANSWERED:
        log.info("An interaction had been answered before: its event came twice.")
        return
    if isinstance(error, discord.HTTPException) and error.code == TOO_LATE:
        log.warning("An interaction was answered too late: its member was told that the bot did not respond.")
        return
    refusal = as_refusal(error)
    if isinstance(error, OutOfReach):
        interaction.client.dispatch("out_of_reach", error)
    if refusal.reason is Reason.INTERNAL:
        log.error("An interaction failed.", exc_info=error)
    said = say(refusal) if _spends(interaction) else reason_text(refusal)
    # A word that a server's managers forbid is not repeated, not even to whoever wrote it.
    kept = "" if refusal.reason is Reason.WORDS_NOT_ALLOWED else written_in(interaction.data or {})
    await answer_privately(interaction, said, written=kept)


def _spends(interaction: discord.Interaction[Any]) -> bool:
    """Tell whether what was refused could have been charged: of nothing else the price is said."""
    data: Mapping[str, Any] = interaction.data or {}
    return _SPENDS.match(str(data.get("name") or data.get("custom_id"))) is not None


def as_refusal(error: BaseException) -> Refusal:
    """Find the refusal in what discord.py wrapped; anything else is an internal error."""
    error = _unwrapped(error)
    if isinstance(error, Refusal):
        return error
    if isinstance(error, OutOfReach):
        return Refusal(Reason.STORAGE_FULL)
    if isinstance(error, app_commands.MissingPermissions):
        return Refusal(Reason.MEMBER_MAY_NOT)
    if isinstance(error, app_commands.NoPrivateMessage):
        return Refusal(Reason.DIRECT_MESSAGE)
    if isinstance(error, app_commands.TransformerError):
        return Refusal(Reason.OPTION_INVALID, option="that option", value=str(error.value))
    return Refusal(Reason.INTERNAL)


def _unwrapped(error: BaseException) -> BaseException:
    while isinstance(error, app_commands.CommandInvokeError | commands.CommandInvokeError):
        error = error.original
    return error


async def answer_privately(interaction: discord.Interaction[Any], text: str, *, written: str = "") -> None:
    """Say a text that only the member sees, as first answer or after it; ``written`` is given back."""
    said = given_back(text, written)
    try:
        if interaction.response.is_done():
            await interaction.followup.send(**said, ephemeral=True)
        else:
            await interaction.response.send_message(**said, ephemeral=True)
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        # Nobody is left to tell: the answer came too late, was given elsewhere, or Discord is out of reach.
        log.warning("An answer did not reach its member (%s).", getattr(error, "code", type(error).__name__))


class SafeItem(discord.ui.DynamicItem[ItemT], Generic[ItemT], template=r"(?!)"):
    """A persistent button or menu whose errors reach the member."""

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make it again from its id: what is raised here is lost, so nothing is looked up."""
        del interaction, item
        return cls.again(match)

    @classmethod
    def again(cls, match: re.Match[str], /) -> Self:
        """Make it again from what its id says; of most the id says nothing."""
        del match
        made: Callable[[], Self] = cast("Any", cls)
        return made()

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Run ``pressed`` inside the boundary."""
        try:
            await self.pressed(interaction)
        except Exception as error:  # noqa: BLE001 - the boundary: everything ends in a sentence
            await report(interaction, error)

    @abstractmethod
    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Do what the button says; raise ``Refusal`` to refuse."""


class PrivateItem(SafeItem[ItemT], Generic[ItemT], template=r"(?!)"):
    """A button or menu of an answer that only its member sees: on any other message it does not exist."""

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Run ``pressed`` inside the boundary, on a private message."""
        if interaction.message is None or not interaction.message.flags.ephemeral:
            await report(interaction, Refusal(Reason.NOT_FOUND))
            return
        await super().callback(interaction)


class SafeModal(discord.ui.Modal):
    """A modal whose errors reach the member; good for whoever opened it, where they did."""

    def __init__(self, *, title: str, opened_by: discord.Interaction[Any], name: str) -> None:
        # Who opened it, and where, is in its id: it may be sent to another run of the bot.
        self._place = (opened_by.user.id, opened_by.channel_id or 0, opened_by.guild_id)
        super().__init__(title=title, custom_id=f"{name}:{self._place[0]}:{self._place[1]}")

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Refuse a form that somebody else sends, or from somewhere else."""
        if self._place != (interaction.user.id, interaction.channel_id or 0, interaction.guild_id):
            raise Refusal(Reason.NOT_FOUND)
        return True

    async def on_error(self, interaction: discord.Interaction[Any], error: Exception, /) -> None:
        """Hand the error to the boundary."""
        await report(interaction, error)

    def take(
        self, interaction: discord.Interaction[Any], sent: Mapping[str, Any], *, place: tuple[int, int]
    ) -> None:
        """Take in what was filled in and do what follows, as discord.py's own store of forms has it (2.7)."""
        self._place = (*place, interaction.guild_id)
        self._dispatch_submit(interaction, sent["components"], sent.get("resolved", {}))


class SafeTree(app_commands.CommandTree[Any]):
    """The command tree of the bot; its errors end in the boundary."""

    async def on_error(
        self, interaction: discord.Interaction[Any], error: app_commands.AppCommandError, /
    ) -> None:
        """Hand the error to the boundary, unless the command's own handler answered it."""
        if interaction.command is not None and interaction.command.on_error is not None:
            return
        missing = isinstance(error, app_commands.CommandSignatureMismatch)
        await report(interaction, _what_is_missing(interaction) if missing else error)
        # discord.py tells listeners only of commands that came to an end.
        self.client.dispatch("command_refused", interaction)


def _what_is_missing(interaction: discord.Interaction[Any]) -> Refusal:
    """Name the option that Discord's own client insists on and that was left out all the same."""
    given = vars(interaction.namespace)
    return Refusal(Reason.NO_IMAGE if "prompt" in given else Reason.PROMPT_BLANK)
