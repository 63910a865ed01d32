"""``/jobs``: my jobs here, and what waits for me from anywhere."""

import re
from typing import Any, Self

import discord
from discord import app_commands, ui
from discord.ext import commands

from cogs.services import Services, services_in
from jobs.archive import Page
from ui.boundary import PrivateItem
from ui.job_list import build_list


class PageButton(PrivateItem[ui.Button[Any]], template=r"dr:jobs:(?P<page>[0-9]{1,6})"):
    """Turn to another page."""

    def __init__(self, page: int, *, label: str = "", disabled: bool = False) -> None:
        super().__init__(ui.Button(label=label, disabled=disabled, custom_id=f"dr:jobs:{page}"))
        self.page = page

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the button again from its id."""
        del interaction, item
        return cls(int(match["page"]), label="page")

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show the page, always of whoever pressed."""
        page = await _page(services_in(interaction.client), interaction, self.page)
        await interaction.response.edit_message(view=_layout(page, interaction))


class Jobs(commands.Cog):
    """Lists jobs."""

    def __init__(self, *, bot: commands.Bot, services: Services) -> None:
        self._services = services
        bot.add_dynamic_items(PageButton)

    @app_commands.command(name="jobs", description="Your recent jobs here, and results that wait for you")
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    async def jobs(self, interaction: discord.Interaction[Any]) -> None:
        """Answer with the first page, privately."""
        page = await _page(self._services, interaction, 0)
        await interaction.response.send_message(view=_layout(page, interaction), ephemeral=True)


async def _page(services: Services, interaction: discord.Interaction[Any], number: int) -> Page:
    guild_id = services.gate.show(interaction, direct=True)
    page = await services.archive.page(member_id=interaction.user.id, guild_id=guild_id, number=number)
    if any(not job.collected for job in page.jobs):
        services.stale.hurry()
    return page


def _layout(page: Page, interaction: discord.Interaction[Any]) -> ui.LayoutView:
    buttons: list[ui.Item[Any]] = []
    if page.last:
        # A page of a live list has no fixed edges: the ids of the two buttons must differ all the same.
        before, after = max(page.number - 1, 0), page.number + 1
        buttons = [
            PageButton(before, label="Newer", disabled=page.number == 0),
            PageButton(after, label="Older", disabled=page.number == page.last),
        ]
    direct = interaction.guild_id is None
    return build_list(page.jobs, number=page.number, last=page.last, direct=direct, paging=buttons)


async def setup(bot: commands.Bot) -> None:
    """Add the cog."""
    await bot.add_cog(Jobs(bot=bot, services=services_in(bot)))
