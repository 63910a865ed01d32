"""A server of files on loopback, and a session that trusts it."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from pixeldojo import Fetched, UrlRule, download, guarded_session
from tests.pixeldojo.servers import Connection, RawServer, Script, raw_server

PICTURE = os.urandom(200_000)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


class Source:
    """A server, a session that trusts it, and a folder for what is fetched."""

    def __init__(self, server: RawServer, session: aiohttp.ClientSession, folder: Path) -> None:
        self.server = server
        self.session = session
        self.path = folder / "a.png"

    async def fetch(self, path: str = "/a.png", **more: Any) -> Fetched:
        rule = UrlRule.only([self.server.url])
        given: dict[str, Any] = {"allow": rule, "max_bytes": 1_000_000, "seconds": 5.0}
        return await download(self.session, self.server.url + path, self.path, **{**given, **more})

    def left(self) -> list[str]:
        return names_in(self.path.parent)


@asynccontextmanager
async def source(script: Script, folder: Path) -> AsyncIterator[Source]:
    async with raw_server(script) as server, guarded_session(trusted_origins=[server.url]) as session:
        yield Source(server, session, folder)


async def serve(connection: Connection) -> None:
    while await connection.request():
        await connection.reply(PICTURE, headers="Content-Type: image/PNG; charset=x\r\nSet-Cookie: a=b\r\n")
