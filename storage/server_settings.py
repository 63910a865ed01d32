"""Rows of ``server_settings``: one for each server that chose something."""

import json

from domain.server_settings import ServerSettings
from storage.database import Tx


def of(tx: Tx, guild_id: int) -> ServerSettings:
    """Return what a server chose."""
    row = tx.execute("SELECT answers_in FROM server_settings WHERE guild_id = ?", (guild_id,)).fetchone()
    return ServerSettings() if row is None else ServerSettings(answers_in=tuple(json.loads(row[0])))


def save(tx: Tx, guild_id: int, chosen: ServerSettings) -> None:
    """Put what a server chose in the place of what it chose before."""
    tx.execute(
        "INSERT INTO server_settings (guild_id, answers_in) VALUES (?, ?)"
        " ON CONFLICT (guild_id) DO UPDATE SET answers_in = excluded.answers_in",
        (guild_id, json.dumps(chosen.answers_in)),
    )
