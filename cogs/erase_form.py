"""The form that asks twice before a member is erased."""

from typing import Any

import discord
from discord import ui

from cogs.services import services_in
from ui.boundary import SafeModal, answer_privately
from ui.privacy import ERASE_TEXT, NOT_ERASED, erasing_text

WORD = "ERASE"


class EraseForm(SafeModal):
    """Erases nobody who does not type the word."""

    def __init__(self, *, opened_by: discord.Interaction[Any]) -> None:
        super().__init__(title="Erase my data", opened_by=opened_by, name="dr:erase")
        self.word = ui.TextInput[Any](custom_id="word", placeholder=WORD, max_length=20)
        self.add_item(ui.TextDisplay(ERASE_TEXT))
        self.add_item(ui.Label(text=f"Type {WORD}", component=self.word))

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Have it done, and say what is still under way."""
        services = services_in(interaction.client)
        services.gate.show(interaction, direct=True)
        if str(self.word.value).strip().upper() != WORD:
            await answer_privately(interaction, NOT_ERASED)
            return
        under_way = await services.personal.eraser.ask(interaction.user.id)
        await answer_privately(
            interaction, erasing_text(cancelled=under_way.cancelled, running=under_way.running)
        )
