"""The webhook listener: a poke leads to at most one question, and is never believed.

One route with a 128-bit secret of each job in its path; ``GET /healthz`` and ``/readyz`` beside it. A poke's
body is read up to a cap. A connection is good for one request, and there is a place for so many
(``adapters/door.py``).
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable

from aiohttp import web

from adapters.door import Door
from adapters.duty import Duty

log = logging.getLogger(__name__)

MAX_BODY = 64 * 1024
"""Bytes of a poke that are read."""
RETRY_AFTER = "10"
"""Seconds after which another process has taken over from one that does not work any more."""
_noise = logging.getLogger(f"{__name__}.noise")
"""Where aiohttp says what strangers send instead of a request: nowhere."""
_noise.addFilter(lambda _record: False)
_SECRET = re.compile(r"[0-9a-f]{32}")


class WebhookListener:
    """Listens for pokes, unless there is no path for them, from before the bot is connected until it is not.

    ``/healthz`` is answered with 200 as long as the process runs, ``/readyz`` only while it works, otherwise
    with 503. So is a poke that comes while it does not work: whoever works takes the next try.
    """

    def __init__(
        self,
        *,
        host: str,
        port: int,
        path: str | None,
        duty: Duty,
    ) -> None:
        self._host, self._port = host, port
        self._duty = duty
        app = web.Application(client_max_size=MAX_BODY, middlewares=[self._hear_out])
        app.on_response_prepare.append(_last)
        if path is not None:
            app.router.add_post(f"{path.rstrip('/')}/{{secret}}", self._poke)
        app.router.add_get("/healthz", self._health)
        app.router.add_get("/readyz", self._readiness)
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
        poked = self._duty.poked
        known = None if poked is None else await poked(secret, await request.read())
        if known is None:
            raise web.HTTPServiceUnavailable(headers={"Retry-After": RETRY_AFTER})
        if not known:
            raise web.HTTPNotFound
        return web.Response(status=204)

    async def _health(self, _request: web.Request) -> web.Response:
        return web.json_response({"alive": True, "state": self._duty.state})

    async def _readiness(self, _request: web.Request) -> web.Response:
        ready = self._duty.is_ready
        return web.json_response({"ready": ready, "state": self._duty.state}, status=200 if ready else 503)


async def _last(_request: web.Request, response: web.StreamResponse) -> None:
    # Its headers are made up by now: a client that is not told would use the connection again.
    response.headers["Connection"] = "close"
    response.force_close()
