"""``POST /page/uploads``: files that a member has chosen but not sent yet."""

from aiohttp import BodyPartReader, web

from playground.discord.faults import Faults
from playground.discord.files import FileStore, TooLargeError, clean_name
from playground.discord.jsons import JsonObject, encode
from playground.discord.posts import Attachment, StoredFile
from playground.discord.signing import Signer
from playground.discord.world import World


class PageUploads:
    """Takes files and gives them ids, which commands and modals then name."""

    def __init__(self, *, world: World, store: FileStore, signer: Signer, faults: Faults) -> None:
        self._world = world
        self._store = store
        self._signer = signer
        self._faults = faults

    async def handle(self, request: web.Request) -> web.Response:
        """Take a multipart body with any number of ``file`` parts."""
        user_id = self._world.person(request.query.get("member", ""))
        if user_id is None:
            raise web.HTTPNotFound(text="There is no such member.")
        if not request.content_type.startswith("multipart/"):
            raise web.HTTPUnsupportedMediaType(text="Send multipart/form-data.")
        shown: list[JsonObject] = []
        reader = await request.multipart()
        while (part := await reader.next()) is not None:
            if isinstance(part, BodyPartReader):
                shown.append(self._add(user_id, await self._take(part)))
        return web.json_response(shown, dumps=encode)

    async def _take(self, part: BodyPartReader) -> StoredFile:
        try:
            return await self._store.take(part, limit=self._faults.member_upload_limit)
        except TooLargeError as problem:
            text = f"Your files are too powerful. Max file size: {self._faults.member_upload_limit} bytes"
            raise web.HTTPRequestEntityTooLarge(
                max_size=self._faults.member_upload_limit, actual_size=0, text=text
            ) from problem

    def _add(self, user_id: int, file: StoredFile) -> JsonObject:
        world = self._world
        place = world.direct_channel(user_id).id
        now = world.clock.now()
        item = Attachment(world.ids.next(), place, user_id, file, clean_name(file.name), now, ephemeral=True)
        world.uploads[item.id] = world.attachments[item.id] = item
        return {
            "id": str(item.id),
            "filename": item.filename,
            "size": file.size,
            "content_type": file.content_type,
            "width": file.width,
            "height": file.height,
            "url": self._signer.url(item),
        }
