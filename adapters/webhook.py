"""The webhook listener: a poke leads to at most one question, and is never believed.

One route with a 128-bit secret of each job in its path; ``GET /healthz`` beside it. A poke's body is read
up to a cap. A connection is good for one request, and there is a place for so many (``adapters/door.py``).
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable

from aiohttp import web

from adapters.door import Door

log = logging.getLogger(__name__)

MAX_BODY = 64 * 1024
"""Bytes of a poke that are read."""
_noise = logging.getLogger(f"{__name__}.noise")
"""Where aiohttp says what strangers send instead of a request: nowhere."""
_noise.addFilter(lambda _record: False)
_SECRET = re.compile(r"[0-9a-f]{32}")


class WebhookListener:
    """Listens for pokes, unless there is no path for them. ``poked`` gets a secret and what was said with it.

    ``healthy`` says in one word each what ``/healthz`` reports; the answer is 200 while it is true.
    """

    def __init__(
        self,
        *,
        host: str,
        port: int,
        path: str | None,
        poked: Callable[[str, bytes], Awaitable[bool]],
        healthy: Callable[[], bool],
    ) -> None:
        self._host, self._port = host, port
        self._poked = poked
        self._healthy = healthy
        app = web.Application(client_max_size=MAX_BODY, middlewares=[self._hear_out])
        app.on_response_prepare.append(_last)
        if path is not None:
            app.router.add_post(f"{path.rstrip('/')}/{{secret}}", self._poke)
        app.router.add_get("/healthz", self._health)
        self._runner = web.AppRunner(app, access_log=None, logger=_noise)
        self._server: asyncio.Server | None = None

    async def start(self) -> int:
        """Listen and return the port.

        Raises
        ------
        OSError
            The address is in use or not ours.
        """
        await self._runner.setup()
        if self._runner.server is None:
            raise RuntimeError("the runner has no server")
        self._door = Door(self._runner.server)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._door, self._host, self._port, backlog=128)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        await self._runner.cleanup()

    @web.middleware
    async def _hear_out(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Answer no request before all of it is there, and log a mistake of ours.

        What aiohttp would say of one cannot be told apart from what strangers make it say.
        """
        try:
            await request.read()
            self._door.heard(request.protocol)
            return await handler(request)
        except (web.HTTPException, ConnectionError):
            raise
        except Exception:
            log.exception("A webhook could not be answered.")
            raise web.HTTPInternalServerError from None

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


async def _last(_request: web.Request, response: web.StreamResponse) -> None:
    # Its headers are made up by now: a client that is not told would use the connection again.
    response.headers["Connection"] = "close"
    response.force_close()
