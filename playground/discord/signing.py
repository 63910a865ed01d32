"""Signed, expiring file URLs: ``?ex=…&is=…&hm=…&``.

``ex`` and ``is`` are hexadecimal Unix seconds (expiry, issue), ``hm`` an HMAC over path and both:
https://discord.com/developers/docs/reference#signed-attachment-cdn-urls
"""

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import quote

from playground.discord.clock import PlaygroundClock
from playground.discord.posts import Attachment

LIFETIME = 24 * 3600
"""Seconds that a signed URL is good for."""


class Signer:
    """Makes and checks the URLs of one CDN origin.

    Parameters
    ----------
    key
        The HMAC's secret.
    lifetime
        Seconds that a new URL is good for.
    """

    def __init__(self, *, clock: PlaygroundClock, key: bytes, lifetime: int = LIFETIME) -> None:
        self._clock = clock
        self._key = key
        self.lifetime = lifetime
        self.origin = ""

    def url(self, attachment: Attachment) -> str:
        """Sign an attachment's address anew."""
        folder = "ephemeral-attachments" if attachment.ephemeral else "attachments"
        path = f"/{folder}/{attachment.channel_id}/{attachment.id}/{quote(attachment.filename)}"
        issued = self._clock.now() // 1000
        first, last = f"{issued + self.lifetime:x}", f"{issued:x}"
        return f"{self.origin}{path}?ex={first}&is={last}&hm={self._mac(path, first, last)}&"

    def good(self, path: str, query: Mapping[str, str]) -> bool:
        """Say whether a request's path and query are signed and still in time."""
        expiry, issued, given = (query.get(name, "") for name in ("ex", "is", "hm"))
        if not hmac.compare_digest(self._mac(path, expiry, issued).encode(), given.encode()):
            return False
        return int(expiry, 16) > self._clock.now() // 1000

    def _mac(self, path: str, expiry: str, issued: str) -> str:
        text = f"{path}?{expiry}&{issued}".encode()
        return hmac.new(self._key, text, hashlib.sha256).hexdigest()
