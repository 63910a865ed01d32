"""One HTTP exchange with the provider, and the exact knowledge of whether anything was sent."""

import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import aiohttp
from yarl import URL

from pixeldojo.wire import MAX_BODY, MAX_SKIMMED, Flaw, Reply


class Withheld(aiohttp.ClientError):
    """A request that was held back when it was about to leave."""


# aiohttp raises these before it has a connection to write to: refused, no route, unknown name, TLS
# failed, no connection in time, no valid request; and we the last. Everything else may come after bytes
# were sent.
_NEVER_SENT: Final = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
    Withheld,
)
_NO_ANSWER: Final = (aiohttp.ClientError, OSError)
LONGEST_CONNECT: Final = 15.0
"""Seconds for a connection: who waits long for an answer need not wait as long for nobody."""


def trouble_text(error: Exception) -> str:
    """Say why there is no connection in the system's words (``Connection refused``), or what kind it is."""
    system: OSError | None = getattr(error, "os_error", None)
    if isinstance(system, ssl.SSLError):
        return _trouble_with_tls(system)
    if system is not None and (system.errno or 0) > 0:
        # The text that asyncio gives has the address in it.
        return os.strerror(system.errno or 0)
    return (system and system.strerror) or type(error).__name__


def _trouble_with_tls(error: ssl.SSLError) -> str:
    # Its number is one of OpenSSL's own, which the system takes for EPERM.
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted: {error.verify_message.removesuffix('.')}"
    why = (error.reason or "").replace("_", " ").lower()
    return f"it speaks no TLS there, or none that is taken here: {why}"


@dataclass(frozen=True, slots=True)
class Silence:
    """No answer; ``sent`` unless it is certain that not one byte of the request left."""

    sent: bool
    cause: str


async def exchange(
    session: aiohttp.ClientSession,
    method: str,
    url: URL,
    *,
    headers: Mapping[str, str],
    seconds: float,
    body: bytes | None = None,
) -> Reply | Silence:
    """Send one request and read its answer, whole or in part; redirects are answers.

    A POST is sent at most once. aiohttp repeats requests on kept-alive connections that turn out to be
    closed, but only idempotent ones (``IDEMPOTENT_METHODS`` in its ``client.py``). So that such a
    connection does not make a submission's outcome unknown for nothing, a POST never takes a
    connection that has been used: naming the host once more gives it a pool of its own, and
    ``Connection: close`` keeps that empty.
    """
    if session.closed:
        return Silence(sent=False, cause="the session is closed")
    fresh = {"Connection": "close"} if method == "POST" else {}
    reply: Reply | None = None
    try:
        async with session.request(
            method,
            url,
            data=body,
            headers={**headers, **fresh, "Accept-Encoding": "identity"},
            timeout=_timeout(seconds),
            allow_redirects=False,
            raise_for_status=False,
            server_hostname=url.host if fresh else None,
        ) as response:
            reply = await _read(response)
    except _NEVER_SENT as error:
        silence = Silence(sent=False, cause=trouble_text(error))
    except _NO_ANSWER as error:
        # aiohttp has a word of its own for what keeps a body from being written. Ours is one piece.
        held_back = isinstance(error.__cause__, Withheld)
        silence = Silence(sent=not held_back, cause=type(error.__cause__ if held_back else error).__name__)
    else:
        return reply
    # What goes wrong while the connection is given back takes nothing from an answer that was read.
    return reply or silence


def _timeout(seconds: float) -> aiohttp.ClientTimeout:
    # Connecting ends first, so that running out of time altogether means that something was sent.
    return aiohttp.ClientTimeout(total=seconds, connect=min(seconds / 2, LONGEST_CONNECT))


async def _read(response: aiohttp.ClientResponse) -> Reply:
    headers = {name.lower(): value for name, value in response.headers.items()}
    body = bytearray()
    flaw: Flaw | None = None
    try:
        while chunk := await response.content.read(65_536):
            body += chunk
            if len(body) > MAX_BODY:
                flaw = Flaw.TOO_LONG
            if len(body) > MAX_SKIMMED:
                break
    except _NO_ANSWER:
        flaw = flaw or Flaw.CUT
    return Reply(status=response.status, headers=headers, body=bytes(body[:MAX_SKIMMED]), flaw=flaw)
