"""The form with the words that a server's prompts may not have."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import discord
from discord import ui

from cogs.allowance import require_manager
from cogs.forms import text_in
from domain.limits import MODAL_TEXT
from domain.words import listed
from ui.boundary import SafeModal
from ui.server_settings import WORDS_HINT, WORDS_LABEL, WORDS_TITLE

Save = Callable[[discord.Interaction[Any], tuple[str, ...]], Awaitable[None]]


class WordsForm(SafeModal):
    """Takes them one a line; ``save`` stores them and answers."""

    def __init__(self, *, opened_by: discord.Interaction[Any], words: Sequence[str], save: Save) -> None:
        super().__init__(title=WORDS_TITLE, opened_by=opened_by, name="dr:form:words")
        self._save = save
        field = ui.TextInput[Any](
            custom_id="words",
            style=discord.TextStyle.paragraph,
            default="\n".join(words) or None,
            required=False,
            max_length=MODAL_TEXT,
        )
        self.words = ui.Label[Any](text=WORDS_LABEL, description=WORDS_HINT, component=field)
        self.add_item(self.words)

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Save what was filled in."""
        require_manager(interaction)
        await self._save(interaction, listed(text_in(self.words)))
