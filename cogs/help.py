"""``/help``: what the bot does here, what it costs and what is left; pages for whoever runs the server."""

import re
from collections.abc import Callable
from typing import Any, Self

import discord
from discord import app_commands, ui
from discord.ext import commands

from adapters.gate import NO_SERVER
from cogs.credits import prices_of, statement_for
from cogs.services import Services, services_in
from domain.errors import Reason, Refusal
from ui.boundary import PrivateItem
from ui.help import NAMES, Page, build_help, pages_for
from ui.statements import account_texts, prices_text

Tree = app_commands.CommandTree[Any]


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
        _require_served(services, services.gate.show(interaction))
        if self.page not in pages_for(usable(interaction.client.tree, interaction.permissions)):
            raise Refusal(Reason.MEMBER_MAY_NOT)
        await interaction.response.edit_message(view=await _page(services, interaction, self.page))


class Help(commands.Cog):
    """First contact, for those who ask."""

    def __init__(self, *, bot: commands.Bot, services: Services) -> None:
        self._services = services
        bot.add_dynamic_items(HelpButton)

    @app_commands.command(name="help", description="What this bot does, what it costs, what is left for you")
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    async def help(self, interaction: discord.Interaction[Any]) -> None:
        """Answer with the first page, privately; where the bot may not work, with a sentence."""
        guild_id = self._services.gate.show(interaction, direct=True)
        _require_served(self._services, guild_id)
        first = Page.DIRECT if guild_id == NO_SERVER else Page.MEMBERS
        view = await _page(self._services, interaction, first)
        await interaction.response.send_message(view=view, ephemeral=True)


def _require_served(services: Services, guild_id: int) -> None:
    if guild_id != NO_SERVER and not services.gate.serves(guild_id):
        raise Refusal(Reason.GUILD_NOT_ALLOWED)


def usable(tree: Tree, permissions: discord.Permissions) -> Callable[[str], bool]:
    """Return what tells of a command, by its name, whether somebody has the permissions that it asks for."""
    kinds = (discord.AppCommandType.chat_input, discord.AppCommandType.message)
    asked = {each.name: each.default_permissions for kind in kinds for each in tree.get_commands(type=kind)}

    def may(name: str) -> bool:
        return permissions.is_superset(asked[name] or discord.Permissions.none())

    return may


async def _page(services: Services, interaction: discord.Interaction[Any], page: Page) -> ui.LayoutView:
    may = usable(interaction.client.tree, interaction.permissions)
    account: list[str] = []
    others: list[ui.Item[Any]] = []
    if page is Page.DIRECT:
        account = [prices_text(await prices_of(services))]
    else:
        others = [HelpButton(other) for other in pages_for(may) if other is not page]
    if page is Page.MEMBERS:
        account = account_texts(await statement_for(services, interaction), await prices_of(services))
    styles = page is Page.MEMBERS and bool(await services.styles.usable(interaction.guild_id or 0))
    return build_help(
        page, may=may, has_styles=styles, ids=services.command_ids, account=account, turning=others
    )


async def setup(bot: commands.Bot) -> None:
    """Add the cog."""
    await bot.add_cog(Help(bot=bot, services=services_in(bot)))
