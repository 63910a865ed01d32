"""The page's own files, always fresh."""

from contextlib import suppress
from pathlib import Path

from aiohttp import web

FOLDER = Path(__file__).parents[1] / "web"
SAMPLES = Path(__file__).parents[1] / "samples"
NO_STORE = {"Cache-Control": "no-store"}


class StaticFiles:
    """Serves ``index.html`` at ``/`` and everything beside it below ``/assets``, with the samples."""

    def __init__(self, *, folder: Path = FOLDER) -> None:
        self._folder = folder.resolve()

    def install(self, app: web.Application) -> None:
        """Add the paths to an application."""
        app.router.add_get("/", self._index)
        app.router.add_get("/assets/samples/{name}", self._sample)
        app.router.add_get("/assets/{path:.+}", self._asset)

    async def _index(self, _: web.Request) -> web.StreamResponse:
        return _file(self._folder, "index.html")

    async def _asset(self, request: web.Request) -> web.StreamResponse:
        return _file(self._folder, request.match_info["path"])

    async def _sample(self, request: web.Request) -> web.StreamResponse:
        return _file(SAMPLES, request.match_info["name"])


def _file(folder: Path, name: str) -> web.StreamResponse:
    # No file can have some names, an end of a string in them for example.
    with suppress(OSError, ValueError):
        path = (folder / name).resolve()
        if path.is_relative_to(folder) and path.is_file():
            return web.FileResponse(path, headers=NO_STORE)
    raise web.HTTPNotFound(headers=NO_STORE)
