"""``/privacy``: what is kept of a member, and what they can do about it; also by direct message."""

import re
from typing import Any, Self

import discord
from discord import app_commands, ui
from discord.ext import commands

from cogs.erase_form import EraseForm
from cogs.forms import open_form
from cogs.services import Services, services_in
from domain.limits import REQUEST_BYTES
from ui.boundary import PrivateItem
from ui.privacy import build_privacy, handed_text, privacy_lines

ENVELOPE = 2**16
"""Bytes of a request beside its file."""


class ShareButton(PrivateItem[ui.Button[Any]], template=r"dr:privacy:share:(?P<keep>[01])"):
    """Let others use one's images, or nobody."""

    def __init__(self, *, keep: bool) -> None:
        label = "Do not let others use my images" if keep else "Let others use my images"
        super().__init__(ui.Button(label=label, custom_id=f"dr:privacy:share:{int(keep)}"))
        self.keep = keep

    @classmethod
    def again(cls, match: re.Match[str], /) -> Self:
        """Make the button again from its id."""
        return cls(keep=match["keep"] == "1")

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Note it and show the page anew."""
        services = services_in(interaction.client)
        services.gate.show(interaction, direct=True)
        await services.personal.keep_images(interaction.user.id, keep=self.keep)
        await interaction.response.edit_message(view=await _page(services, interaction))


class ExportButton(PrivateItem[ui.Button[Any]], template=r"dr:privacy:export"):
    """Have one's data."""

    def __init__(self) -> None:
        super().__init__(ui.Button(label="Export my data", custom_id="dr:privacy:export"))

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Hand the files over, a message for each."""
        services = services_in(interaction.client)
        services.gate.show(interaction, direct=True)
        await interaction.response.defer(ephemeral=True, thinking=True)
        limit = min(interaction.filesize_limit, REQUEST_BYTES - ENVELOPE)
        async with services.personal.export(interaction.user.id, part_bytes=limit) as handed:
            for path in handed.paths:
                with path.open("rb") as opened:
                    await interaction.followup.send(
                        file=discord.File(opened, filename=path.name), ephemeral=True
                    )
        await interaction.followup.send(handed_text(handed.left_out), ephemeral=True)


class EraseButton(PrivateItem[ui.Button[Any]], template=r"dr:privacy:erase"):
    """Have one's data erased."""

    def __init__(self) -> None:
        button = ui.Button[Any](
            label="Erase my data…", style=discord.ButtonStyle.danger, custom_id="dr:privacy:erase"
        )
        super().__init__(button)

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Ask for the word first."""
        services_in(interaction.client).gate.show(interaction, direct=True)
        await open_form(interaction, EraseForm(opened_by=interaction))


class Privacy(commands.Cog):
    """A member's own data."""

    def __init__(self, *, bot: commands.Bot, services: Services) -> None:
        self._services = services
        bot.add_dynamic_items(ShareButton, ExportButton, EraseButton)

    @app_commands.command(name="privacy", description="What is kept of you, and what you can do about it")
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    async def privacy(self, interaction: discord.Interaction[Any]) -> None:
        """Answer with the page, privately."""
        self._services.gate.show(interaction, direct=True)
        await interaction.response.send_message(view=await _page(self._services, interaction), ephemeral=True)


async def _page(services: Services, interaction: discord.Interaction[Any]) -> ui.LayoutView:
    keeps = await services.personal.keeps_images(interaction.user.id)
    server = await services.servers.settings(interaction.guild_id or 0)
    about = services.about
    lines = privacy_lines(
        days=about.days,
        keeps_images=keeps,
        logged=server.log_channel is not None,
        contact=about.contact,
        url=about.url,
    )
    return build_privacy(
        lines,
        buttons=[ExportButton(), ShareButton(keep=not keeps), EraseButton()],
    )


async def setup(bot: commands.Bot) -> None:
    """Add the cog."""
    await bot.add_cog(Privacy(bot=bot, services=services_in(bot)))
