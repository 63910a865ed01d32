"""The two HTTP sessions that a client works with."""

from collections.abc import Callable, Collection

import aiohttp

from pixeldojo.addresses import guarded_session
from pixeldojo.transport import Withheld

DOWNLOADS_AT_ONCE = 64


class Sessions:
    """One session for the provider's API, a guarded one for files; open it inside the running loop.

    ``trusted_origins`` are addresses that the operator configured: files may come from there wherever they
    lead to. A request to the API for which a connection is there leaves only if ``may_send`` says so.
    """

    def __init__(self, *, trusted_origins: Collection[str], may_send: Callable[[], bool]) -> None:
        self.provider = aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(), trace_configs=[_asking(may_send)]
        )
        self.downloads = guarded_session(trusted_origins=trusted_origins, connections=DOWNLOADS_AT_ONCE)

    async def close(self) -> None:
        await self.provider.close()
        await self.downloads.close()


def _asking(may_send: Callable[[], bool]) -> aiohttp.TraceConfig:
    """Return what asks at the last moment at which nothing has been sent: connecting may take long."""

    async def connected(*_: object) -> None:
        if not may_send():
            raise Withheld

    trace = aiohttp.TraceConfig()
    trace.on_connection_create_end.append(connected)
    trace.on_connection_reuseconn.append(connected)
    return trace
