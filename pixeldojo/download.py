"""Fetching a file: streamed to disk, with a limit on bytes, time and redirects."""

import asyncio
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urljoin

import aiohttp
from yarl import URL

from pixeldojo.addresses import AddressRefused
from pixeldojo.errors import FetchError, FetchFailed, FetchRefused, FetchTooLarge, ResultGone
from pixeldojo.files import PartFile
from pixeldojo.urls import UrlRule

CHUNK: Final = 192 * 1024
"""Bytes that are held in memory before they are written: each write takes a thread's turn."""

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_GONE: Final = frozenset({403, 404, 410})
_MEDIA_TYPE = re.compile(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,60}")
# The caller's limit of time is the only one.
_NO_TIMEOUT: Final = aiohttp.ClientTimeout(total=None, connect=None, sock_connect=None, sock_read=None)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that arrived whole: its ``size`` in bytes, its SHA-256 in hex, its declared type."""

    path: Path = field(repr=False)
    size: int
    sha256: str
    content_type: str | None


async def download(
    session: aiohttp.ClientSession,
    url: str,
    path: Path,
    *,
    allow: UrlRule,
    max_bytes: int,
    seconds: float,
    max_redirects: int = 0,
) -> Fetched:
    """Fetch a file to ``path``, which exists whole afterwards or is untouched.

    Its bytes may still be in the system's cache: what must outlive a power cut is to be synced.
    No key, cookie or password is sent. A declared length is believed only if it is too great.

    Parameters
    ----------
    session
        From `pixeldojo.addresses.guarded_session`, which judges where names lead to.
    allow
        Judges the address, and the target of each redirect.
    seconds
        For everything together, so that a slow drip ends as well.

    Raises
    ------
    FetchRefused
        The address or a redirect is not allowed, or leads to an address that is not public.
    ResultGone
        403, 404 or 410.
    FetchTooLarge
        More than ``max_bytes``; no more than that is read.
    FetchFailed
        Cut, empty, too slow, no connection, or another status than 200.
    OSError
        The file cannot be written.
    """
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            return await _download(session, url, path, allow, max_bytes, max_redirects)
    except TimeoutError:
        if not limit.expired():
            raise
    raise FetchFailed(f"it took longer than {seconds:g} s")


async def _download(
    session: aiohttp.ClientSession, url: str, path: Path, allow: UrlRule, max_bytes: int, max_redirects: int
) -> Fetched:
    response = await _follow(session, url, allow, max_redirects)
    try:
        _check_head(response, max_bytes)
        async with PartFile(path) as part:
            await _stream(response, part, max_bytes)
    finally:
        # Not released: what is left of the body is not worth reading, nor its connection keeping.
        response.close()
    declared = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    content_type = declared if _MEDIA_TYPE.fullmatch(declared) else None
    return Fetched(path=path, size=part.size, sha256=part.sha256, content_type=content_type)


async def _follow(
    session: aiohttp.ClientSession, url: str, allow: UrlRule, max_redirects: int
) -> aiohttp.ClientResponse:
    for _ in range(max_redirects + 1):
        target = allow.check(url)
        response = await _open(session, target)
        if response.status not in _REDIRECTS:
            return response
        response.close()
        url = _location(target, response.headers.get("Location", ""))
    raise FetchRefused("it redirects" if max_redirects == 0 else "it redirects too often")


def _location(base: URL, location: str) -> str:
    try:
        return urljoin(str(base), location)
    except ValueError:
        problem = "it redirects to no address"
    raise FetchRefused(problem)


async def _open(session: aiohttp.ClientSession, target: URL) -> aiohttp.ClientResponse:
    if session.closed:
        raise FetchFailed("the session is closed")
    try:
        return await session.get(
            target,
            allow_redirects=False,
            raise_for_status=False,
            timeout=_NO_TIMEOUT,
            headers={"Accept-Encoding": "identity"},
        )
    except (aiohttp.ClientError, OSError) as error:
        fault = _fault(error)
    raise fault


def _fault(error: aiohttp.ClientError | OSError) -> FetchError:
    if isinstance(error, aiohttp.ClientConnectorError) and isinstance(error.os_error, AddressRefused):
        return FetchRefused("it leads to an address that is not public")
    if isinstance(error, aiohttp.InvalidURL):
        return FetchRefused("it is not a plain web address")
    return FetchFailed(type(error).__name__)


def _check_head(response: aiohttp.ClientResponse, max_bytes: int) -> None:
    status = response.status
    if status in _GONE:
        raise ResultGone(status)
    if status != 200:
        raise FetchFailed(f"HTTP {status}", status=status)
    if (response.content_length or 0) > max_bytes:
        raise FetchTooLarge(max_bytes)


async def _stream(response: aiohttp.ClientResponse, part: PartFile, max_bytes: int) -> None:
    held = bytearray()
    while chunk := await _pull(response):
        held += chunk
        if part.size + len(held) > max_bytes:
            raise FetchTooLarge(max_bytes)
        if len(held) >= CHUNK:
            await part.write(bytes(held))
            held.clear()
    if part.size + len(held) == 0:
        raise FetchFailed("it is empty")
    await part.keep(bytes(held))


async def _pull(response: aiohttp.ClientResponse) -> bytes:
    try:
        return await response.content.read(CHUNK)
    except (aiohttp.ClientError, OSError) as error:
        fault = _fault(error)
    raise fault
