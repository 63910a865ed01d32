"""The buttons of cards: persistent, with the job in their id, so that they outlive any restart.

What they do is the bot's (``CardActions``); ids come from outside and are looked up and checked there.
"""

import re
from typing import Any, ClassVar, Protocol, Self, cast

import discord
from discord import ui

from ui.boundary import SafeItem

AnyInteraction = discord.Interaction[Any]

JOB_ID = r"(?P<job>[0-9a-f]{20}|[ir][0-9-]{1,70})"
"""A job's id, or the name that jobs had before their ids were random."""


class CardActions(Protocol):
    """What a button needs: each answers the interaction, or raises ``Refusal``."""

    async def reroll(self, interaction: AnyInteraction, job_id: str, *, insists: bool = False) -> None:
        """Ask for the same again, on the account of whoever pressed; at once once more if they insist."""
        ...

    async def use_successor(self, interaction: AnyInteraction, job_id: str) -> None:
        """Ask for the same of the model that can take over, on the account of whoever pressed."""
        ...

    async def edit_result(self, interaction: AnyInteraction, job_id: str) -> None:
        """Open the form that starts from a result."""
        ...

    async def change_prompt(self, interaction: AnyInteraction, job_id: str) -> None:
        """Open the form that asks for the same with other words."""
        ...

    async def cancel(self, interaction: AnyInteraction, job_id: str) -> None:
        """Withdraw a queued job."""
        ...

    async def delete(self, interaction: AnyInteraction, job_id: str, *, sure: bool = False) -> None:
        """Delete a card, its prompt and its files; ask before, if they are not sure and it was paid for."""
        ...

    async def keep(self, interaction: AnyInteraction, job_id: str) -> None:
        """Delete nothing."""
        ...

    async def collect(self, interaction: AnyInteraction, job_id: str) -> None:
        """Hand out results privately."""
        ...

    async def stop_reminders(self, interaction: AnyInteraction, job_id: str) -> None:
        """Send no more replies to this member when a long job ends."""
        ...


class _HasActions(Protocol):
    actions: CardActions


def actions_of(interaction: AnyInteraction) -> CardActions:
    """Return the bot's actions."""
    return cast("_HasActions", interaction.client).actions


class _JobButton(SafeItem[ui.Button[Any]], template=r"(?!)"):
    """A button that belongs to a job; ``label`` is what it says where nothing else is given."""

    name: ClassVar[str]
    label: ClassVar[str]
    emoji: ClassVar[str | None] = None
    style: ClassVar[discord.ButtonStyle] = discord.ButtonStyle.secondary

    def __init__(self, job_id: str, *, label: str = "") -> None:
        custom_id = f"dr:{self.name}:{job_id}"
        label = label or self.label
        super().__init__(ui.Button(label=label, style=self.style, emoji=self.emoji, custom_id=custom_id))
        self.job_id = job_id

    @classmethod
    def again(cls, match: re.Match[str], /) -> Self:
        """Make the button again from its id: what is raised here is lost, so nothing is done here."""
        return cls(match["job"])


class RerollButton(_JobButton, template=rf"dr:reroll:{JOB_ID}"):
    """The same again."""

    name, label, emoji = "reroll", "Reroll", "🔁"

    async def pressed(self, interaction: AnyInteraction) -> None:
        await actions_of(interaction).reroll(interaction, self.job_id)


class InsistButton(_JobButton, template=rf"dr:insist:{JOB_ID}"):
    """The same again, although it was asked for a moment ago."""

    name, label, emoji = "insist", "Do it all the same", "🔁"

    async def pressed(self, interaction: AnyInteraction) -> None:
        await actions_of(interaction).reroll(interaction, self.job_id, insists=True)


class UseModelButton(_JobButton, template=rf"dr:use:{JOB_ID}"):
    """The same by another model: the job's own has ended."""

    name, label = "use", "Use another model"
    style = discord.ButtonStyle.primary

    async def pressed(self, interaction: AnyInteraction) -> None:
        await actions_of(interaction).use_successor(interaction, self.job_id)


class EditResultButton(_JobButton, template=rf"dr:edit:{JOB_ID}"):
    """Go on from a result."""

    name, label, emoji = "edit", "Edit result", "✏️"

    async def pressed(self, interaction: AnyInteraction) -> None:
        await actions_of(interaction).edit_result(interaction, self.job_id)


class ChangePromptButton(_JobButton, template=rf"dr:change:{JOB_ID}"):
    """The same images, other words; ``first``: it is what helps."""

    name, label, emoji = "change", "Change prompt", "📝"

    def __init__(self, job_id: str, *, label: str = "", first: bool = False) -> None:
        super().__init__(job_id, label=label)
        if first:
            self.item.style = discord.ButtonStyle.primary

    async def pressed(self, interaction: AnyInteraction) -> None:
        await actions_of(interaction).change_prompt(interaction, self.job_id)


class CancelButton(_JobButton, template=rf"dr:cancel:{JOB_ID}"):
    """Withdraw a queued job."""

    name, label = "cancel", "Cancel · free"

    async def pressed(self, interaction: AnyInteraction) -> None:
        await actions_of(interaction).cancel(interaction, self.job_id)


class DeleteButton(_JobButton, template=rf"dr:delete:{JOB_ID}"):
    """Delete a card for good."""

    name, label, emoji = "delete", "Delete · free", "🗑️"

    async def pressed(self, interaction: AnyInteraction) -> None:
        await actions_of(interaction).delete(interaction, self.job_id)


class DeleteForGoodButton(_JobButton, template=rf"dr:gone:{JOB_ID}"):
    """Delete a card for good, having been asked."""

    name, label = "gone", "Delete"
    style = discord.ButtonStyle.danger

    async def pressed(self, interaction: AnyInteraction) -> None:
        await actions_of(interaction).delete(interaction, self.job_id, sure=True)


class KeepButton(_JobButton, template=rf"dr:keep:{JOB_ID}"):
    """Delete nothing, having been asked."""

    name, label = "keep", "Keep"

    async def pressed(self, interaction: AnyInteraction) -> None:
        await actions_of(interaction).keep(interaction, self.job_id)


class CollectButton(_JobButton, template=rf"dr:collect:{JOB_ID}"):
    """Fetch results that wait."""

    name, label = "collect", "Collect"
    style = discord.ButtonStyle.primary

    async def pressed(self, interaction: AnyInteraction) -> None:
        await actions_of(interaction).collect(interaction, self.job_id)


class StopRemindersButton(_JobButton, template=rf"dr:hush:{JOB_ID}"):
    """No more replies when a long job ends."""

    name, label = "hush", "Stop these"

    async def pressed(self, interaction: AnyInteraction) -> None:
        await actions_of(interaction).stop_reminders(interaction, self.job_id)


CARD_BUTTONS: tuple[type[SafeItem[Any]], ...] = (
    RerollButton,
    InsistButton,
    UseModelButton,
    EditResultButton,
    ChangePromptButton,
    CancelButton,
    DeleteButton,
    DeleteForGoodButton,
    KeepButton,
    CollectButton,
    StopRemindersButton,
)
"""Registered once with the bot at start."""
