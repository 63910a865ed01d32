"""The two HTTP sessions that a client works with."""

from collections.abc import Collection

import aiohttp

from pixeldojo.addresses import guarded_session

DOWNLOADS_AT_ONCE = 64


class Sessions:
    """One session for the provider's API, a guarded one for files; open it inside the running loop.

    ``trusted_origins`` are addresses that the operator configured: files may come from there wherever they
    lead to.
    """

    def __init__(self, *, trusted_origins: Collection[str]) -> None:
        self.provider = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        self.downloads = guarded_session(trusted_origins=trusted_origins, connections=DOWNLOADS_AT_ONCE)

    async def close(self) -> None:
        await self.provider.close()
        await self.downloads.close()
