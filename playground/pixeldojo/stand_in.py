"""The stand-in PixelDojo as one thing: built, started and closed as a whole."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Collection, Mapping
from contextlib import AsyncExitStack

from aiohttp import ClientSession, TCPConnector, web
from aiohttp.typedefs import Handler, Middleware

from playground.loopback import guard
from playground.pixeldojo.api import Api
from playground.pixeldojo.books import Books, thousandths_of
from playground.pixeldojo.catalogue import Json
from playground.pixeldojo.clock import Clock
from playground.pixeldojo.control import Control
from playground.pixeldojo.fetching import Fetcher
from playground.pixeldojo.front import API, Front
from playground.pixeldojo.results import Results
from playground.pixeldojo.switches import Switches
from playground.pixeldojo.webhooks import Webhooks
from playground.pixeldojo.workshop import Workshop

HOST = "127.0.0.1"
_MOST_CONNECTIONS = 256
_MOST_BODY_BYTES = 4 * 1024 * 1024
_SHUTDOWN_SECONDS = 0.5
DEFAULT_BALANCE = 1000.0


class ProviderStandIn:
    """PixelDojo on loopback.

    Parameters
    ----------
    latency
        Factor on the real durations (median 35 s): 0.05 makes a job take about two seconds.
    seed
        Decides durations and pictures.
    key
        The API key that is accepted; a new one starting with ``pd_`` unless given.
    allowed_origins
        Origins from which sources are fetched; unless given, from anywhere.
    balance
        Credits at the start.
    switches
        Any switches to begin with, as ``POST /control/switches`` takes them.
    """

    def __init__(
        self,
        *,
        latency: float = 1.0,
        seed: int = 1,
        key: str | None = None,
        allowed_origins: Collection[str] | None = None,
        balance: float = DEFAULT_BALANCE,
        switches: Mapping[str, object] | None = None,
    ) -> None:
        self.key = key or f"pd_{secrets.token_hex(20)}"
        self.origin = ""
        self._seed = seed
        self._allowed_origins = allowed_origins
        self._clock = Clock()
        self._switches = Switches()
        self._switches.merge({"latency": latency, **(switches or {})})
        self._books = Books(clock=self._clock, balance=thousandths_of(balance))
        self._front = Front(clock=self._clock, switches=self._switches)
        self._open = AsyncExitStack()

    @property
    def api_url(self) -> str:
        """Return the base URL of the API, such as ``http://127.0.0.1:8000/api/v1``."""
        return f"{self.origin}{API}"

    @property
    def control(self) -> Control:
        """Return what ``/control`` does, for tests in the same process."""
        return self._control

    @property
    def log(self) -> list[Json]:
        """Return all requests to the API and for results, oldest first."""
        return list(self._front.log)

    async def start(self, port: int = 0) -> None:
        """Listen on a port of the loopback address; 0 takes any that is free.

        Raises
        ------
        OSError
            The port is taken.
        """
        doors = [guard(json_below="/control/"), _middleware(self._front)]
        app = web.Application(client_max_size=_MOST_BODY_BYTES, middlewares=doors)
        runner = web.AppRunner(
            app, access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS, handler_cancellation=True
        )
        async with AsyncExitStack() as opening:
            # Bound before anything listens: the addresses of results need the port.
            bound = opening.enter_context(socket.socket())
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind((HOST, port))
            self.origin = f"http://{HOST}:{bound.getsockname()[1]}"
            await self._wire(app, opening)
            opening.push_async_callback(runner.cleanup)
            await runner.setup()
            await web.SockSite(runner, bound).start()
            self._open = opening.pop_all()

    async def close(self) -> None:
        """Stop listening, drop all jobs and all files."""
        await self._open.aclose()

    async def _wire(self, app: web.Application, opening: AsyncExitStack) -> None:
        """Build what serves requests, in the order in which each needs the one before."""
        results = Results(clock=self._clock, seed=self._seed)
        session = await opening.enter_async_context(
            ClientSession(connector=TCPConnector(limit=_MOST_CONNECTIONS))
        )
        webhooks = Webhooks(session=session, switches=self._switches)
        opening.push_async_callback(webhooks.close)
        workshop = Workshop(
            clock=self._clock,
            seed=self._seed,
            switches=self._switches,
            books=self._books,
            fetcher=Fetcher(session=session, allowed_origins=self._allowed_origins),
            results=results,
            webhooks=webhooks,
            results_url=f"{self.origin}/temp",
        )
        opening.push_async_callback(workshop.close)
        self._add_handlers(app, workshop, webhooks, results)

    def _add_handlers(
        self, app: web.Application, workshop: Workshop, webhooks: Webhooks, results: Results
    ) -> None:
        api = Api(
            clock=self._clock,
            seed=self._seed,
            key=self.key,
            switches=self._switches,
            books=self._books,
            workshop=workshop,
            results=results,
            api_url=self.api_url,
        )
        self._control = Control(
            clock=self._clock,
            switches=self._switches,
            books=self._books,
            api=api,
            front=self._front,
            workshop=workshop,
            webhooks=webhooks,
        )
        api.add_routes(app.router)
        self._control.add_routes(app.router)


def _middleware(front: Front) -> Middleware:
    @web.middleware
    async def pass_through(request: web.Request, handler: Handler) -> web.StreamResponse:
        return await front.pass_through(request, handler)

    return pass_through
