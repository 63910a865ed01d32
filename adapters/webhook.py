"""The webhook listener: a poke leads to at most one question, and is never believed.

One route with a 128-bit secret of each job in its path; ``GET /healthz`` beside it. A poke's body is read
up to a cap.
"""

import logging
import re
from collections.abc import Awaitable, Callable

from aiohttp import web

log = logging.getLogger(__name__)

MAX_BODY = 64 * 1024
"""Bytes of a poke that are read."""
_SECRET = re.compile(r"[0-9a-f]{32}")


class WebhookListener:
    """Listens for pokes. ``poked`` gets a secret and what was said with it.

    ``healthy`` says in one word each what ``/healthz`` reports; the answer is 200 while it is true.
    """

    def __init__(
        self,
        *,
        host: str,
        port: int,
        path: str,
        poked: Callable[[str, bytes], Awaitable[bool]],
        healthy: Callable[[], bool],
    ) -> None:
        self._host, self._port = host, port
        self._poked = poked
        self._healthy = healthy
        app = web.Application(client_max_size=MAX_BODY)
        app.router.add_post(f"{path.rstrip('/')}/{{secret}}", self._poke)
        app.router.add_get("/healthz", self._health)
        self._runner = web.AppRunner(app, access_log=None)

    async def start(self) -> int:
        """Listen and return the port.

        Raises
        ------
        OSError
            The address is in use or not ours.
        """
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        await site.start()
        return int(self._runner.addresses[0][1])

    async def close(self) -> None:
        await self._runner.cleanup()

    async def _poke(self, request: web.Request) -> web.Response:
        secret = request.match_info["secret"]
        if not _SECRET.fullmatch(secret):
            raise web.HTTPNotFound
        if not await self._poked(secret, await request.read()):
            raise web.HTTPNotFound
        return web.Response(status=204)

    async def _health(self, _request: web.Request) -> web.Response:
        healthy = self._healthy()
        return web.json_response({"healthy": healthy}, status=200 if healthy else 503)
