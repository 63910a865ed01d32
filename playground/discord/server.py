"""Opens the two loopback ports: one for Discord's API and the page, one for files."""

import shutil
import tempfile
from pathlib import Path

from aiohttp import web

from playground.discord.bodies import MOST_BYTES
from playground.discord.faults import Faults
from playground.discord.jsons import JsonObject
from playground.discord.page_http import ProviderPass
from playground.discord.page_processes import ProcessesPass, Supervised
from playground.discord.parts import BotSide, Core, PageSide
from playground.discord.rest import PREFIX
from playground.discord.static import FOLDER, StaticFiles
from playground.discord.world import World
from playground.loopback import guard

HOST = "127.0.0.1"
STOP_WITHIN = 1.0
"""Seconds that open requests are given when the server closes."""


class DiscordStandIn:
    """A small Discord on loopback: REST, gateway, CDN, and the server side of the page.

    Parameters
    ----------
    seed
        Decides all ids of the beginning and, if none is given, the bot's token.
    token
        The bot's token.
    data_dir
        Where uploads are kept; without it a temporary folder that goes when the server closes.
    provider_control_url
        The stand-in provider's ``/control`` address, for ``/page/provider/*``.
    privileged_intents
        Privileged intents that the application has switched on.
    web_dir
        The page's files.
    """

    def __init__(
        self,
        *,
        seed: int = 1,
        token: str | None = None,
        data_dir: Path | None = None,
        provider_control_url: str | None = None,
        privileged_intents: int = 0,
        web_dir: Path = FOLDER,
    ) -> None:
        self._temporary = None if data_dir else Path(tempfile.mkdtemp(prefix="playground-discord-"))
        folder = data_dir or self._temporary or Path()
        self._core = Core(seed=seed, token=token, folder=folder / "files")
        self._bot_side = BotSide(self._core, privileged=privileged_intents)
        self._page_side = PageSide(self._core, bot_side=self._bot_side)
        self._processes = ProcessesPass()
        self._runners: list[web.AppRunner] = []
        self._app = self._main_app(ProviderPass(control_url=provider_control_url), web_dir)
        self.origin = ""
        self.cdn_url = ""

    @property
    def api_url(self) -> str:
        """Where the REST API begins; what a bot is given as ``DISCORD_API_URL``."""
        return self.origin + PREFIX

    @property
    def gateway_url(self) -> str:
        """Where the gateway is, without a query."""
        return self.origin.replace("http", "ws", 1) + "/gateway"

    @property
    def page_url(self) -> str:
        """The address to open in a browser."""
        return self.origin + "/"

    @property
    def token(self) -> str:
        """The bot's token."""
        return self.world.application.token

    @property
    def world(self) -> World:
        """Everything that exists."""
        return self._core.world

    @property
    def faults(self) -> Faults:
        """The switches; those that change the server itself work only through ``set_faults``."""
        return self._core.faults

    def set_faults(self, **switches: object) -> JsonObject:
        """Set switches as ``POST /page/faults`` does."""
        return self._core.switches.set(dict(switches))

    def present(self, supervised: Supervised) -> None:
        """Show on the page who keeps several bots running."""
        self._processes.supervised = supervised

    def addresses(self) -> JsonObject:
        """Return what whoever starts a bot needs to know."""
        return {
            "api_url": self.api_url,
            "cdn_url": self.cdn_url,
            "gateway_url": self.gateway_url,
            "origin": self.origin,
            "page_url": self.page_url,
            "token": self.token,
        }

    async def start(self, port: int = 0, *, cdn_port: int = 0) -> None:
        """Open both ports; 0 takes any free one."""
        self.origin = await self._open(self._app, port)
        self.cdn_url = self._core.signer.origin = await self._open(self._bot_side.cdn.app(), cdn_port)
        self._bot_side.application.gateway_url = self._bot_side.gateway.url = self.gateway_url

    async def close(self) -> None:
        """Cut every connection, close the ports, and remove a temporary folder."""
        self._core.interactions.close()
        self._core.gateway.drop()
        self._core.pages.drop()
        for runner in self._runners:
            await runner.cleanup()
        if self._temporary is not None:
            shutil.rmtree(self._temporary)

    def _main_app(self, provider: ProviderPass, web_dir: Path) -> web.Application:
        at_the_door = guard(json_below="/page/", forms_at="/page/uploads")
        app = web.Application(client_max_size=MOST_BYTES * 2, middlewares=[at_the_door])
        self._bot_side.edge.install(app, self._bot_side.routes)
        app.router.add_get("/gateway", self._bot_side.gateway.handle)
        app.router.add_get("/gateway/", self._bot_side.gateway.handle)
        app.router.add_get("/page/socket", self._page_side.socket.handle)
        app.router.add_post("/page/uploads", self._page_side.uploads.handle)
        app.router.add_route("*", "/page/provider/{path:.*}", provider.handle)
        self._page_side.http.install(app)
        self._processes.install(app)
        StaticFiles(folder=web_dir).install(app)
        return app

    async def _open(self, app: web.Application, port: int) -> str:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=STOP_WITHIN)
        await runner.setup()
        self._runners.append(runner)
        await web.TCPSite(runner, HOST, port).start()
        host, number = runner.addresses[0][:2]
        return f"http://{host}:{number}"
