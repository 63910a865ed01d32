"""``/page/processes``: who works, for the page's drawer, and the wish that whoever does be killed."""

from typing import Protocol

from aiohttp import web

from playground.discord.jsons import JsonObject, encode


class Supervised(Protocol):
    """Whoever keeps several bots running."""

    def show(self) -> JsonObject:
        """Return who does what."""
        ...

    def kill(self) -> JsonObject:
        """Kill the one at work; ``ValueError`` says why that cannot be."""
        ...


class ProcessesPass:
    """Hands the page's questions on to whoever keeps the bots running; without that there are none."""

    def __init__(self) -> None:
        self.supervised: Supervised | None = None

    def install(self, app: web.Application) -> None:
        """Add the paths to an application."""
        app.router.add_get("/page/processes", self._show)
        app.router.add_post("/page/processes/kill", self._kill)

    async def _show(self, _: web.Request) -> web.Response:
        nobody: JsonObject = {"processes": []}
        told = nobody if self.supervised is None else self.supervised.show()
        return web.json_response(told, dumps=encode)

    async def _kill(self, _: web.Request) -> web.Response:
        if self.supervised is None:
            raise web.HTTPNotFound(text="Start the playground with --postgres --processes 2.")
        try:
            return web.json_response(self.supervised.kill(), dumps=encode)
        except ValueError as problem:
            return web.json_response({"message": str(problem)}, status=400)
