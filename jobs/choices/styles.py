"""The styles of servers: found for those who ask for an image, kept for managers."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import chain

from emoji import is_emoji

from domain.errors import Reason, Refusal
from domain.job import Kind
from domain.model_order import related
from domain.styles import MOST, Style, checked, looks, named
from domain.views import StyleView
from domain.words import forbids
from jobs.choices.models import Models
from storage import server_settings, styles
from storage.database import Database
from storage.tx import Tx

ANY_MODEL = "any model on offer"


class Styles:
    """What managers wrote down."""

    def __init__(self, *, database: Database, models: Models) -> None:
        self._database = database
        self._models = models

    async def of(self, guild_id: int) -> list[Style]:
        """Return a server's styles, those used last first."""
        return await self._database.read(styles.of_server, guild_id)

    async def usable(self, guild_id: int) -> list[Style]:
        """Return those that say nothing themselves that their server forbids, those used last first."""
        return await self._database.read(_usable, guild_id)

    async def views(self, guild_id: int) -> list[StyleView]:
        """Return a server's styles with what keeps members from using them, those used last first."""
        return await self._database.read(self._views, guild_id)

    async def view(self, guild_id: int, style: Style) -> StyleView:
        """Return one with what keeps members from using it."""
        return self._view(style, (await self._database.read(server_settings.of, guild_id)).words)

    def _views(self, tx: Tx, guild_id: int) -> list[StyleView]:
        words = server_settings.of(tx, guild_id).words
        return [self._view(style, words) for style in styles.of_server(tx, guild_id)]

    def _view(self, style: Style, words: tuple[str, ...]) -> StyleView:
        model, offered = style.model, self._models.offered
        kinds = [kind for kind in Kind if model is None or related(model, offered(kind))]
        return StyleView(style=style, forbidden=_forbids(words, style.own), kinds=tuple(kinds))

    async def named(self, guild_id: int, name: str) -> Style:
        """Return one of a server's styles.

        Raises
        ------
        Refusal
            There is none of that name.
        """
        return await self._database.read(_named, guild_id, name)

    async def add(self, guild_id: int, new: Sequence[Style]) -> list[Style]:
        """Add styles, as far as there is room, and return those that look like none that was there before.

        Raises
        ------
        Refusal
            One cannot be as it is, or there is no room for any.
        """
        return await self._database.run(_add, guild_id, [self._possible(style, None) for style in new])

    async def change(self, guild_id: int, name: str, change: Callable[[Style], Style]) -> Style:
        """Change a style and return it as it is then.

        Raises
        ------
        Refusal
            There is none of that name, another one looks as it would then, or it cannot be as it is.
        """
        return await self._database.run(
            _change, guild_id, name, lambda before: self._possible(change(before), before)
        )

    async def remove(self, guild_id: int, name: str) -> Style:
        """Delete a style and return what it was.

        Raises
        ------
        Refusal
            There is none of that name.
        """
        return await self._database.run(_remove, guild_id, name)

    def models(self) -> list[str]:
        """Return the models that a style may have."""
        return [*dict.fromkeys(model for kind in Kind for model in self._models.offered(kind))]

    def values(self, option: str, model: str | None) -> list[str]:
        """Return what a model takes for an option; of no model in particular, what any takes."""
        known = self.models()
        takes = [self._models.takes(each) for each in ([model] if model in known else known)]
        return [
            *dict.fromkeys(str(value) for each in takes if option in each for value in each[option].choices)
        ]

    def _possible(self, style: Style, before: Style | None) -> Style:
        """Return a style as it may be kept; what was so before, and what went with it, may stay.

        Raises
        ------
        Refusal
            Its emoji is not one, or its model does not exist or take what it says.
        """
        style = checked(style)
        if style.emoji not in {"", before and before.emoji} and not is_emoji(style.emoji):
            raise Refusal(Reason.STYLE_EMOJI)
        model, same = style.model, before is not None and style.model == before.model
        if model is not None and not same and model not in self.models():
            raise Refusal(Reason.NO_MODEL, model=model)
        for option in ("size", "quality"):
            value = getattr(style, option)
            if value is not None and not (same and value == getattr(before, option)):
                self._require_taken(option, value, model)
        return style

    def _require_taken(self, option: str, value: str, model: str | None) -> None:
        allowed, name = self.values(option, model), model or ANY_MODEL
        if not allowed:
            raise Refusal(Reason.OPTION_UNSUPPORTED, model=name, option=option)
        if value not in allowed:
            raise Refusal(
                Reason.VALUE_NOT_TAKEN, model=name, option=option, value=value, allowed=", ".join(allowed)
            )


@lru_cache(maxsize=512)
def _forbids(words: tuple[str, ...], own: str) -> bool:
    # Asked of every style at every letter that somebody types.
    return forbids(words, own)


def _usable(tx: Tx, guild_id: int) -> list[Style]:
    words = server_settings.of(tx, guild_id).words
    return [style for style in styles.of_server(tx, guild_id) if not _forbids(words, style.own)]


def _named(tx: Tx, guild_id: int, name: str) -> Style:
    found = named(styles.of_server(tx, guild_id), name)
    if found is None:
        raise Refusal(Reason.STYLE_UNKNOWN, style=name)
    return found


def _add(tx: Tx, guild_id: int, new: Sequence[Style]) -> list[Style]:
    there = styles.of_server(tx, guild_id)
    room = MOST - len(there)
    if room <= 0:
        raise Refusal(Reason.STYLES_FULL, limit=MOST)
    taken, added = set[str]().union(*map(looks, there)), list[Style]()
    for style in new:
        if len(added) < room and taken.isdisjoint(looks(style)) and styles.add(tx, guild_id, style):
            taken |= looks(style)
            added.append(style)
    return added


def _change(tx: Tx, guild_id: int, name: str, change: Callable[[Style], Style]) -> Style:
    before = _named(tx, guild_id, name)
    after = change(before)
    others = [each for each in styles.of_server(tx, guild_id) if each != before]
    # Two that looked the same when that could be may still change in other ways.
    renamed = looks(after) - looks(before)
    if not renamed.isdisjoint(chain.from_iterable(map(looks, others))):
        raise Refusal(Reason.STYLE_TAKEN, style=after.name)
    styles.change(tx, guild_id, before.name, after)
    return after


def _remove(tx: Tx, guild_id: int, name: str) -> Style:
    found = _named(tx, guild_id, name)
    styles.remove(tx, guild_id, found.name)
    return found
