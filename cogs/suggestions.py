"""What the options of ``/edit`` and ``/generate`` offer while somebody types: what the chosen model takes."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import Choice

from cogs.offers import other_prices
from cogs.services import services_in
from domain.job import Kind
from domain.options import Options
from domain.styles import Style
from domain.views import ListPrice
from jobs.choices.models import PRICED_BY
from jobs.choices.preferring import Filled
from ui.choices import choices_of
from ui.option_menu import with_chosen
from ui.styles import style_choices, styles_holding


def offer_values(command: app_commands.Command[Any, ..., Any], kind: Kind, *, options: Sequence[str]) -> None:
    """Let a command's options offer what the chosen model, or the first on offer, takes."""
    for option in options:
        command.autocomplete(option)(_suggesting(kind, option))


def offer_styles(command: app_commands.Command[Any, ..., Any], kind: Kind) -> None:
    """Let a command offer the styles of a server, with what they cost where they change the price."""

    async def suggest(interaction: discord.Interaction[Any], typed: str) -> list[Choice[str]]:
        return await suggest_styles(interaction, typed, kind)

    command.autocomplete("style")(suggest)


async def suggest_styles(
    interaction: discord.Interaction[Any], typed: str, kind: Kind | None = None
) -> list[Choice[str]]:
    """Offer the styles of a server, those used last first; for a ``kind``, what can be used, with prices."""
    services = services_in(interaction.client)
    if not services.gate.shows(interaction):
        return []
    asked = services.styles.of if kind is None else services.styles.usable
    found = styles_holding(await asked(interaction.guild_id or 0), typed)
    return style_choices(found, {} if kind is None else await _prices(interaction, kind, found))


async def _prices(
    interaction: discord.Interaction[Any], kind: Kind, styles: Sequence[Style]
) -> dict[str, ListPrice]:
    services, given = services_in(interaction.client), vars(interaction.namespace)
    chosen = await services.preferring.of(interaction.user.id)
    options = with_chosen(Options(), {name: str(given[name]) for name in PRICED_BY if given.get(name)})
    model = given.get("model")
    known = model if model in services.models.offered(kind) else None

    def filled(look: Style | None) -> Filled:
        return services.preferring.filled(chosen, kind, options, model=known, style=look)

    return other_prices(services.models, filled(None), {style.name: filled(style) for style in styles})


Suggest = Callable[[discord.Interaction[Any], str], Coroutine[Any, Any, list[Choice[str]]]]


def _suggesting(kind: Kind, option: str) -> Suggest:
    async def suggest(interaction: discord.Interaction[Any], current: str) -> list[Choice[str]]:
        services = services_in(interaction.client)
        if not services.gate.shows(interaction):
            return []
        offered = services.models.offered(kind)
        wanted = getattr(interaction.namespace, "model", None)
        wanted = wanted or (await services.preferring.of(interaction.user.id)).model(kind)
        model = wanted if wanted in offered else next(iter(offered), None)
        takes = None if model is None else services.models.takes(model).get(option)
        return [] if takes is None else choices_of(option, takes, typed=current)

    return suggest
