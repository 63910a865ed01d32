"""``/jobs``: my jobs here, and what waits for me from anywhere."""

import re
from typing import Any, Self

import discord
from discord import app_commands, ui
from discord.app_commands import Range
from discord.ext import commands

from cogs.services import Services, services_in
from domain.errors import Reason, Refusal
from domain.job_filter import ALL_JOBS, MOST_WORDS, Group, JobFilter
from domain.text import storable
from jobs.keeping.archive import Page
from ui.boundary import PrivateItem
from ui.job_list import GROUP_CHOICES, build_list


class PageButton(
    PrivateItem[ui.Button[Any]],
    template=r"dr:jobs:(?P<page>[0-9]{1,6})(?::(?P<group>[a-z]*):(?P<words>[\s\S]*))?",
):
    """Turn to another page of the same list."""

    def __init__(self, page: int, wanted: JobFilter, *, label: str = "page", disabled: bool = False) -> None:
        custom_id = f"dr:jobs:{page}:{wanted.group or ''}:{wanted.words}"
        super().__init__(ui.Button(label=label, disabled=disabled, custom_id=custom_id))
        self.page = page
        self.wanted = wanted

    @classmethod
    def again(cls, match: re.Match[str], /) -> Self:
        """Make the button again from its id."""
        return cls(int(match["page"]), _filter(match["group"], match["words"]))

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show the page, always of whoever pressed."""
        page = await _page(services_in(interaction.client), interaction, self.page, self.wanted)
        await interaction.response.edit_message(view=_layout(page, interaction))


class Jobs(commands.Cog):
    """Lists jobs."""

    def __init__(self, *, bot: commands.Bot, services: Services) -> None:
        self._services = services
        bot.add_dynamic_items(PageButton)

    @app_commands.command(name="jobs", description="Your recent jobs here, and results that wait for you")
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    @app_commands.describe(state="Only these; left out: all", words="Only those whose prompt has these words")
    @app_commands.choices(state=GROUP_CHOICES)
    async def jobs(
        self,
        interaction: discord.Interaction[Any],
        state: str | None = None,
        words: Range[str, 1, MOST_WORDS] | None = None,
    ) -> None:
        """Answer with the first page, privately."""
        page = await _page(self._services, interaction, 0, _filter(state, words))
        await interaction.response.send_message(view=_layout(page, interaction), ephemeral=True)


def _filter(group: str | None, words: str | None) -> JobFilter:
    """Make a filter of what came from outside; a group that there is not is no filter."""
    known = Group(group) if group in set(Group) else None
    return JobFilter(known, " ".join(storable(words or "").split()))


async def _page(
    services: Services, interaction: discord.Interaction[Any], number: int, wanted: JobFilter
) -> Page:
    guild_id = services.gate.show(interaction, direct=True)
    member_id = interaction.user.id
    page = await services.archive.page(member_id=member_id, guild_id=guild_id, number=number, wanted=wanted)
    if not page.jobs and wanted == ALL_JOBS and _is_closed(services, interaction):
        raise Refusal(Reason.GUILD_NOT_ALLOWED)
    if any(not job.collected for job in page.jobs):
        services.stale.hurry()
    return page


def _is_closed(services: Services, interaction: discord.Interaction[Any]) -> bool:
    """Tell whether nobody may ask where this comes from: what they paid for there is theirs all the same."""
    return interaction.guild_id is not None and not services.gate.serves(interaction.guild_id)


def _layout(page: Page, interaction: discord.Interaction[Any]) -> ui.LayoutView:
    buttons: list[ui.Item[Any]] = []
    if page.last:
        # A page of a live list has no fixed edges: the ids of the two buttons must differ all the same.
        before, after = max(page.number - 1, 0), page.number + 1
        buttons = [
            PageButton(before, page.wanted, label="Newer", disabled=page.number == 0),
            PageButton(after, page.wanted, label="Older", disabled=page.number == page.last),
        ]
    services = services_in(interaction.client)
    return build_list(
        page.jobs,
        wanted=page.wanted,
        number=page.number,
        last=page.last,
        direct=interaction.guild_id is None,
        closed=_is_closed(services, interaction),
        paging=buttons,
        prices=services.models.prices,
    )


async def setup(bot: commands.Bot) -> None:
    """Add the cog."""
    await bot.add_cog(Jobs(bot=bot, services=services_in(bot)))
