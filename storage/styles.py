"""Rows of ``styles``: a server's, known by their names in any case."""

from domain.styles import Style
from storage.tx import Tx

_COLUMNS = "name, text, emoji, model, size, quality"


def of_server(tx: Tx, guild_id: int) -> list[Style]:
    """Return a server's styles, those used last first."""
    rows = tx.execute(
        f"SELECT {_COLUMNS} FROM styles WHERE guild_id = ? ORDER BY used_at DESC, folded", (guild_id,)
    )
    return [_style(row) for row in rows]


def add(tx: Tx, guild_id: int, style: Style) -> bool:
    """Write a new style; ``False`` if there is one of that name."""
    row = tx.execute(
        f"INSERT INTO styles (guild_id, folded, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (guild_id, folded) DO NOTHING RETURNING name",
        (guild_id, style.name.casefold(), *_values(style)),
    ).fetchone()
    return row is not None


def change(tx: Tx, guild_id: int, name: str, style: Style) -> None:
    """Put a style in the place of one, under another name or the same."""
    tx.execute(
        "UPDATE styles SET folded = ?, name = ?, text = ?, emoji = ?, model = ?, size = ?, quality = ?"
        " WHERE guild_id = ? AND folded = ?",
        (style.name.casefold(), *_values(style), guild_id, name.casefold()),
    )


def remove(tx: Tx, guild_id: int, name: str) -> None:
    """Delete a style; jobs that have it keep its name."""
    tx.execute("DELETE FROM styles WHERE guild_id = ? AND folded = ?", (guild_id, name.casefold()))


def used(tx: Tx, guild_id: int, name: str, *, at: int) -> None:
    """Note that a style was used (``at``: Unix milliseconds)."""
    tx.execute(
        "UPDATE styles SET used_at = ? WHERE guild_id = ? AND folded = ?", (at, guild_id, name.casefold())
    )


def _values(style: Style) -> tuple[str | None, ...]:
    return style.name, style.text, style.emoji, style.model, style.size, style.quality


def _style(row: tuple[str, str, str, str | None, str | None, str | None]) -> Style:
    name, text, emoji, model, size, quality = row
    return Style(name=name, text=text, emoji=emoji, model=model, size=size, quality=quality)
