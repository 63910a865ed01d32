"""``/help``: what the bot does here, what it costs and what is left; pages for whoever runs the server."""

import re
from typing import Any, Self

import discord
from discord import app_commands, ui
from discord.ext import commands

from cogs.credits import prices_of, statement_for
from cogs.services import Services, services_in
from domain.errors import Reason, Refusal
from ui.boundary import PrivateItem
from ui.help import NAMES, Page, build_help
from ui.statements import account_texts
from ui.texts import reason_text


class HelpButton(PrivateItem[ui.Button[Any]], template=r"dr:help:(?P<page>members|moderators|managers)"):
    """Turns to another page."""

    def __init__(self, page: Page) -> None:
        super().__init__(ui.Button(label=NAMES[page], custom_id=f"dr:help:{page}"))
        self.page = page

    @classmethod
    def again(cls, match: re.Match[str], /) -> Self:
        """Make the button again from its id."""
        return cls(Page(match["page"]))

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show the page, if it is for whoever reads it."""
        services = services_in(interaction.client)
        services.gate.show(interaction)
        if self.page not in _pages(interaction.permissions):
            raise Refusal(Reason.MEMBER_MAY_NOT)
        await interaction.response.edit_message(view=await _page(services, interaction, self.page))


class Help(commands.Cog):
    """First contact, for those who ask."""

    def __init__(self, *, bot: commands.Bot, services: Services) -> None:
        self._services = services
        bot.add_dynamic_items(HelpButton)

    @app_commands.command(name="help", description="What this bot does, what it costs, what is left for you")
    @app_commands.guild_only()
    async def help(self, interaction: discord.Interaction[Any]) -> None:
        """Answer with the first page, privately; where the bot may not work, with a sentence."""
        guild_id = self._services.gate.show(interaction)
        if not self._services.gate.serves(guild_id):
            text = reason_text(Refusal(Reason.GUILD_NOT_ALLOWED))
            await interaction.response.send_message(text, ephemeral=True)
            return
        view = await _page(self._services, interaction, Page.MEMBERS)
        await interaction.response.send_message(view=view, ephemeral=True)


def _pages(permissions: discord.Permissions) -> list[Page]:
    """Return the pages for somebody with these permissions."""
    pages = {Page.MODERATORS: permissions.moderate_members, Page.MANAGERS: permissions.manage_guild}
    return [Page.MEMBERS, *(page for page, theirs in pages.items() if theirs)]


async def _page(services: Services, interaction: discord.Interaction[Any], page: Page) -> ui.LayoutView:
    account: list[str] = []
    if page is Page.MEMBERS:
        account = account_texts(await statement_for(services, interaction), prices_of(services))
    others: list[ui.Item[Any]] = [
        HelpButton(other) for other in _pages(interaction.permissions) if other is not page
    ]
    return build_help(page, ids=services.command_ids, account=account, turning=others)


async def setup(bot: commands.Bot) -> None:
    """Add the cog."""
    await bot.add_cog(Help(bot=bot, services=services_in(bot)))
