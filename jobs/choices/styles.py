"""The styles of servers: found for those who ask for an image, kept for managers."""

from collections.abc import Callable, Sequence

from domain.errors import Reason, Refusal
from domain.styles import MOST, Style, checked
from storage import styles
from storage.database import Database
from storage.tx import Tx


class Styles:
    """What managers wrote down."""

    def __init__(self, *, database: Database) -> None:
        self._database = database

    async def of(self, guild_id: int) -> list[Style]:
        """Return a server's styles, those used last first."""
        return await self._database.read(styles.of_server, guild_id)

    async def named(self, guild_id: int, name: str) -> Style:
        """Return one of a server's styles.

        Raises
        ------
        Refusal
            There is none of that name.
        """
        return await self._database.read(_named, guild_id, name)

    async def add(self, guild_id: int, new: Sequence[Style]) -> list[Style]:
        """Add styles, as far as there is room, and return those whose names were not there before.

        Raises
        ------
        Refusal
            One cannot be as it is, or there is no room for any.
        """
        return await self._database.run(_add, guild_id, [checked(style) for style in new])

    async def change(self, guild_id: int, name: str, change: Callable[[Style], Style]) -> Style:
        """Change a style and return it as it is then.

        Raises
        ------
        Refusal
            There is none of that name, another one has the new name, or it cannot be as it is.
        """
        return await self._database.run(_change, guild_id, name, change)

    async def remove(self, guild_id: int, name: str) -> Style:
        """Delete a style and return what it was.

        Raises
        ------
        Refusal
            There is none of that name.
        """
        return await self._database.run(_remove, guild_id, name)


def _named(tx: Tx, guild_id: int, name: str) -> Style:
    found = styles.named(tx, guild_id, name)
    if found is None:
        raise Refusal(Reason.STYLE_UNKNOWN, style=name)
    return found


def _add(tx: Tx, guild_id: int, new: Sequence[Style]) -> list[Style]:
    room = MOST - len(styles.of_server(tx, guild_id))
    if room <= 0:
        raise Refusal(Reason.STYLES_FULL, limit=MOST)
    missing = [style for style in new if styles.named(tx, guild_id, style.name) is None]
    return [style for style in missing[:room] if styles.add(tx, guild_id, style)]


def _change(tx: Tx, guild_id: int, name: str, change: Callable[[Style], Style]) -> Style:
    before = _named(tx, guild_id, name)
    after = checked(change(before))
    renamed = after.name.casefold() != before.name.casefold()
    if renamed and styles.named(tx, guild_id, after.name) is not None:
        raise Refusal(Reason.STYLE_TAKEN, style=after.name)
    styles.change(tx, guild_id, before.name, after)
    return after


def _remove(tx: Tx, guild_id: int, name: str) -> Style:
    found = _named(tx, guild_id, name)
    styles.remove(tx, guild_id, found.name)
    return found
