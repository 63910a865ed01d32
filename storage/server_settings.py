"""Rows of ``server_settings``: one for each server that chose something."""

import json
from dataclasses import fields
from typing import Any

from domain.server_settings import ServerSettings
from storage.tx import Tx

_NAMES = tuple(each.name for each in fields(ServerSettings))
_LISTS = {"answers_in", "words"}
_NUMBERS = {"log_channel"}


def of(tx: Tx, guild_id: int) -> ServerSettings:
    """Return what a server chose."""
    row = tx.execute(
        f"SELECT {', '.join(_NAMES)} FROM server_settings WHERE guild_id = ?", (guild_id,)
    ).fetchone()
    if row is None:
        return ServerSettings()
    return ServerSettings(**{name: _read(name, value) for name, value in zip(_NAMES, row, strict=True)})


def save(tx: Tx, guild_id: int, chosen: ServerSettings) -> None:
    """Put what a server chose in the place of what it chose before."""
    values = [_written(name, getattr(chosen, name)) for name in _NAMES]
    tx.execute(
        f"INSERT INTO server_settings (guild_id, {', '.join(_NAMES)})"
        f" VALUES ({', '.join('?' * (len(_NAMES) + 1))}) ON CONFLICT (guild_id) DO UPDATE SET"
        f" {', '.join(f'{name} = excluded.{name}' for name in _NAMES)}",
        (guild_id, *values),
    )


def _read(name: str, value: Any) -> Any:  # noqa: ANN401 - columns of several types
    if name in _LISTS:
        return tuple(json.loads(value))
    return value if name in _NUMBERS else bool(value)


def _written(name: str, value: Any) -> Any:  # noqa: ANN401 - columns of several types
    if name in _LISTS:
        return json.dumps(value)
    return value if name in _NUMBERS else int(value)
