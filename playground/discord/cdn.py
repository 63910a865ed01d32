"""The file server: signed URLs, checked and expiring, on an origin of its own."""

import asyncio

from aiohttp import web

from playground.discord.clock import PlaygroundClock
from playground.discord.faults import Faults
from playground.discord.jsons import as_id
from playground.discord.posts import Attachment
from playground.discord.signing import Signer
from playground.discord.world import World
from playground.loopback import guard

GONE = "This content is no longer available."
HEADERS = {"Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff"}


class Cdn:
    """Serves attachments."""

    def __init__(self, *, world: World, signer: Signer, faults: Faults, clock: PlaygroundClock) -> None:
        self._world = world
        self._signer = signer
        self._faults = faults
        self._clock = clock

    def app(self) -> web.Application:
        """Make the application of the file server's port."""
        app = web.Application(middlewares=[guard(any_port=True)])
        path = "/{folder:attachments|ephemeral-attachments}/{channel_id}/{attachment_id}/{filename}"
        app.router.add_get(path, self._serve)
        return app

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(self._faults.cdn_delay)
        if self._faults.cdn_status is not None:
            return web.Response(status=self._faults.cdn_status, text="error", headers=HEADERS)
        item = self._find(request)
        if item is None:
            return web.Response(status=404, text=GONE, headers=HEADERS)
        headers = {**HEADERS, "Content-Type": item.file.content_type, "Cache-Control": "private, max-age=60"}
        return web.FileResponse(item.file.path, chunk_size=256 * 1024, headers=headers)

    def _find(self, request: web.Request) -> Attachment | None:
        if not self._signer.good(request.path, request.query):
            return None
        item = self._world.attachments.get(as_id(request.match_info["attachment_id"]) or 0)
        if item is None or item.gone or item.filename != request.match_info["filename"]:
            return None
        if item.ephemeral and self._clock.now() - item.uploaded > self._faults.ephemeral_lifetime * 1000:
            return None
        return item
