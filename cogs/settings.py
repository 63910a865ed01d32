"""``/settings``: what a member chose once for whatever they leave out, what a manager chose for a server."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Self, cast

import discord
from discord import app_commands, ui
from discord.ext import commands

from cogs.offers import default_of, offer_of, values_of
from cogs.server_settings import show_server_settings
from cogs.services import Services, services_in
from domain.credits import credits_text
from domain.job import Kind
from domain.options import Options
from domain.preferences import PREFERRED, Preferences
from jobs.choices.models import Models
from ui.boundary import PrivateItem
from ui.choices import choice_label, model_name, price_text
from ui.preferences import PINGS, Panel, build_panel, left_out_text

DEFAULT = "-"
"""The entry of a menu that stands for the bot's own default."""
MOST = 25
"""Entries of one menu (Discord)."""
MODELS = {"edit_model": Kind.EDIT, "generate_model": Kind.GENERATE}


class PreferenceMenu(
    PrivateItem[ui.Select[Any]], template=r"dr:mine:(?P<name>pings|[a-z]{4,8}_model|size|quality|count)"
):
    """Chooses one thing, at once."""

    def __init__(self, name: str, options: Sequence[discord.SelectOption] = ()) -> None:
        listed = [*options] or [discord.SelectOption(label=name, value=DEFAULT)]
        super().__init__(ui.Select(custom_id=f"dr:mine:{name}", options=listed))
        self.name = name

    @classmethod
    def again(cls, match: re.Match[str], /) -> Self:
        """Make the menu again from its id."""
        return cls(match["name"])

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Save what was chosen and show the panel as it is then."""
        services = services_in(interaction.client)
        services.gate.show(interaction, direct=True)
        # Not self.item.values: discord.py finds nothing there where an empty "resolved" comes along.
        values = cast("dict[str, Any]", interaction.data or {}).get("values", [])
        value = str(values[0])[:100] if values else DEFAULT
        chosen = await services.preferring.change(
            interaction.user.id, lambda before: _changed(before, self.name, value)
        )
        await interaction.response.edit_message(view=_panel(services, chosen))


class ResetButton(PrivateItem[ui.Button[Any]], template=r"dr:mine:reset"):
    """Back to the bot's defaults."""

    def __init__(self) -> None:
        super().__init__(ui.Button(label="Back to the bot’s defaults", custom_id="dr:mine:reset"))

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Forget all that was chosen."""
        services = services_in(interaction.client)
        services.gate.show(interaction, direct=True)
        chosen = await services.preferring.change(interaction.user.id, lambda _before: Preferences())
        await interaction.response.edit_message(view=_panel(services, chosen))


@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
class SettingsCog(
    commands.GroupCog,
    name="Settings",
    group_name="settings",
    group_description="How the bot works for you, or for a server",
):
    """Settings, a command for each whose they are."""

    def __init__(self, *, bot: commands.Bot, services: Services) -> None:
        self._services = services
        bot.add_dynamic_items(PreferenceMenu, ResetButton)

    @app_commands.command(
        name="me", description="Your own defaults: mentions, model, size, quality, number of images"
    )
    async def me(self, interaction: discord.Interaction[Any]) -> None:
        """Answer with the panel, privately."""
        self._services.gate.show(interaction, direct=True)
        await self._services.models.settle()
        chosen = await self._services.preferring.of(interaction.user.id)
        await interaction.response.send_message(view=_panel(self._services, chosen), ephemeral=True)

    @app_commands.command(
        name="server", description="For managers: channels, limits and what else is chosen for this server"
    )
    async def server(self, interaction: discord.Interaction[Any]) -> None:
        """Answer with the server's panel, privately."""
        await show_server_settings(interaction)


def _changed(before: Preferences, name: str, value: str) -> Preferences:
    """Return preferences with another choice; one that cannot be is no choice."""
    if name == "pings":
        return replace(before, pings=value != "off")
    if name == "count":
        return replace(before, count=int(value) if value.isdecimal() and int(value) else None)
    new: dict[str, Any] = {name: None if value == DEFAULT else value}
    return replace(before, **new)


def _panel(services: Services, chosen: Preferences) -> ui.LayoutView:
    models = services.models
    filled = {kind: services.preferring.filled(chosen, kind, Options()) for kind in MODELS.values()}
    notes = [
        f"-# {left_out_text(each.left_out, each.costs_as or '')}" for each in filled.values() if each.left_out
    ]
    offers = {kind: offer_of(models, each) for kind, each in filled.items() if each.costs_as is not None}
    words = {Kind.EDIT: "an edit", Kind.GENERATE: "a new image"}
    prices = [f"{words[kind]} for about {credits_text(offer.cost)}" for kind, offer in offers.items()]
    menus: dict[str, ui.Item[ui.LayoutView]] = {
        name: _any(PreferenceMenu(name, entries))
        for name, entries in _entries(
            models, chosen, {kind: each.costs_as for kind, each in filled.items()}
        ).items()
    }
    return build_panel(
        Panel(
            menus=menus,
            prices=f"With these: {', '.join(prices)}." if prices else "No model is on offer at the moment.",
            notes=notes,
            reset=None if chosen == Preferences() else _any(ResetButton()),
        )
    )


def _entries(
    models: Models, chosen: Preferences, used: Mapping[Kind, str | None]
) -> dict[str, list[discord.SelectOption]]:
    pings = [_entry(label, value) for value, label in PINGS.items()]
    menus = {"pings": _menu(pings, "on" if chosen.pings else "off")}
    for name, kind in MODELS.items():
        prices = {each: price_text(models.list_price(each, Options())) for each in models.offered(kind)}
        first = next(iter(prices), None)
        default = "Default: none on offer" if first is None else f"Default: {model_name(first)}"
        entries = [_entry(default, DEFAULT, prices.get(first or ""))]
        others = (each for each in prices if each != first or each == chosen.model(kind))
        entries += [_entry(model_name(each), each, prices[each]) for each in others]
        menus[name] = _menu(entries, chosen.model(kind))
    model = used[Kind.EDIT] or used[Kind.GENERATE] or ""
    for name in PREFERRED:
        value, default = getattr(chosen, name), default_of(models, model, name)
        words = "what the model does" if default is None else choice_label(name, default)
        entries = [_entry(f"Default: {words[:1].lower()}{words[1:]}", DEFAULT)]
        others = [each for each in values_of(models, model, name) if each != default or each == value]
        if value is not None and value not in others:
            # Another model may take it, or this one something that comes to the same.
            same = choice_label(name, value)
            others = [*(each for each in others if choice_label(name, each) != same), value]
        entries += [_entry(choice_label(name, each), str(each)) for each in others]
        menus[name] = _menu(entries, None if value is None else str(value))
    return menus


def _menu(entries: Sequence[discord.SelectOption], chosen: str | None) -> list[discord.SelectOption]:
    """Return a menu of what fits one, with what was chosen marked, even if it is gone."""
    wanted = DEFAULT if chosen is None else chosen
    listed = [each for each in entries if len(each.value) <= 100]
    marked = next((each for each in listed if each.value == wanted), None)
    if marked is None:
        marked = _entry(f"{model_name(wanted)} (not on offer)", wanted)
    marked.default = True
    shown = listed[:MOST]
    return shown if marked in shown else [*shown[: MOST - 1], marked]


def _entry(label: str, value: str, price: str | None = None) -> discord.SelectOption:
    return discord.SelectOption(label=label[:100], value=value[:100], description=price)


def _any(item: ui.Item[Any]) -> ui.Item[Any]:
    """Say that an item fits any layout, which discord.py's types do not infer for dynamic items."""
    return item


async def setup(bot: commands.Bot) -> None:
    """Add the cog."""
    await bot.add_cog(SettingsCog(bot=bot, services=services_in(bot)))
