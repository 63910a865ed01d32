"""What servers chose: asked before anything is accepted, changed by their managers."""

from collections.abc import Callable

from domain.server_settings import ServerSettings
from storage import server_settings
from storage.database import Database
from storage.tx import Tx


class Servers:
    """The settings of servers."""

    def __init__(self, *, database: Database) -> None:
        self._database = database

    async def settings(self, guild_id: int) -> ServerSettings:
        """Return what a server chose."""
        return await self._database.read(server_settings.of, guild_id)

    async def change(
        self, guild_id: int, change: Callable[[ServerSettings], ServerSettings]
    ) -> ServerSettings:
        """Change what a server chose and return it as it is then."""
        return await self._database.run(_change, guild_id, change)


def _change(tx: Tx, guild_id: int, change: Callable[[ServerSettings], ServerSettings]) -> ServerSettings:
    changed = change(server_settings.of(tx, guild_id))
    server_settings.save(tx, guild_id, changed)
    return changed
