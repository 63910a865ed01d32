"""What members may ask about what is kept of them."""

from storage import privacy
from storage.database import Database


class Personal:
    """Members' own data in one database."""

    def __init__(self, *, database: Database) -> None:
        self._database = database

    async def keeps_images(self, member_id: int) -> bool:
        """Tell whether a member lets nobody else use their images."""
        return await self._database.read(privacy.keeps_images, member_id)

    async def keep_images(self, member_id: int, *, keep: bool) -> None:
        """Note whether a member lets nobody else use their images."""
        await self._database.run(privacy.keep_images, member_id, keep=keep)
