"""Fetches sources as the provider does: from public addresses, capped in bytes and seconds."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Collection, Mapping
from contextlib import ExitStack
from typing import IO
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout

from playground.pixeldojo.catalogue import MOST_SOURCE_BYTES

_TIMEOUT = ClientTimeout(total=60, sock_connect=10, sock_read=20)
_IN_MEMORY = 2 * 1024 * 1024
_PIECE = 64 * 1024


class SourceError(Exception):
    """A source cannot be had; the message says why and names no address."""


def _origin(url: str) -> tuple[str, str | None, int | None]:
    """Return scheme, host and port; what is no URL raises ValueError."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


class Fetcher:
    """Fetches source URLs through one session."""

    def __init__(self, *, session: ClientSession, allowed_origins: Collection[str] | None) -> None:
        self._session = session
        self._allowed = None if allowed_origins is None else {_origin(origin) for origin in allowed_origins}

    async def fetch(self, url: str, name: str) -> IO[bytes]:
        """Fetch one file, kept in memory while it is small; `name` is the parameter it came in, for messages.

        Raises
        ------
        SourceError
            Another origin, a connection that fails, a status other than 200, or too many bytes.
        """
        try:
            if self._allowed is not None and _origin(url) not in self._allowed:
                raise SourceError(f"{name} could not be downloaded: its host is not reachable")
            return await self._download(url, name)
        except (ClientError, TimeoutError, OSError, ValueError) as error:
            raise SourceError(f"{name} could not be downloaded: {type(error).__name__}") from error

    async def fetch_all(self, named: Mapping[str, str]) -> dict[str, IO[bytes]]:
        """Fetch several files at once: URLs by parameter name in, sources by the same names out.

        Raises
        ------
        SourceError
            One of them cannot be had; the others are closed.
        """
        files: dict[str, IO[bytes]] = {}
        with ExitStack() as opened:

            async def fetch(name: str, url: str) -> None:
                files[name] = opened.enter_context(await self.fetch(url, name))

            try:
                async with asyncio.TaskGroup() as group:
                    for name, url in named.items():
                        group.create_task(fetch(name, url))
            except ExceptionGroup as troubles:
                raise troubles.exceptions[0] from None
            # All are there: they are their user's.
            opened.pop_all()
        return files

    async def _download(self, url: str, name: str) -> IO[bytes]:
        redirects = self._allowed is None
        async with self._session.get(url, timeout=_TIMEOUT, allow_redirects=redirects) as response:
            if response.status != 200:
                raise SourceError(f"{name} could not be downloaded: HTTP {response.status}")
            file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - its user closes it
            try:
                await _save(response, file, name)
            except BaseException:
                file.close()
                raise
            return file


async def _save(response: ClientResponse, file: IO[bytes], name: str) -> None:
    size = 0
    async for piece in response.content.iter_chunked(_PIECE):
        size += len(piece)
        if size > MOST_SOURCE_BYTES:
            raise SourceError(f"{name} is larger than 50 MB")
        file.write(piece)
    file.seek(0)
