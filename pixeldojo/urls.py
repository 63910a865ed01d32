"""Which addresses may be fetched at all, judged by their text before any connection is made.

Where a name leads to is judged later, inside the connection (`pixeldojo.addresses`).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from yarl import URL

from pixeldojo.addresses import is_public
from pixeldojo.errors import FetchRefused
from pixeldojo.origins import PORTS, Origin, parse, parse_origin

_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


@dataclass(frozen=True, slots=True)
class UrlRule:
    """Exact origins that may be fetched, and whether any public https host may be, too."""

    origins: frozenset[Origin]
    any_https: bool = False

    @classmethod
    def only(cls, origins: Iterable[str]) -> "UrlRule":
        """Allow exactly these origins.

        Raises
        ------
        ValueError
            One of them is no plain http or https address.
        """
        return cls(origins=frozenset(map(parse_origin, origins)))

    @classmethod
    def public(cls, *, besides: Iterable[str] = ()) -> "UrlRule":
        """Allow https on its own port at any public host, and besides it these origins.

        Raises
        ------
        ValueError
            One of them is no plain http or https address.
        """
        return cls(origins=frozenset(map(parse_origin, besides)), any_https=True)

    def check(self, address: str) -> URL:
        """Return the address, parsed, if it may be fetched.

        Raises
        ------
        FetchRefused
            It may not.
        """
        origin, url = parse(address)
        if origin in self.origins:
            return url
        if not self.any_https:
            raise FetchRefused("its origin is not one of those allowed")
        if origin.scheme != "https" or origin.port != PORTS["https"]:
            raise FetchRefused("it is not https on its own port")
        if not _is_public_host(origin.host):
            raise FetchRefused("its host is not a public one")
        return url


def _is_public_host(host: str) -> bool:
    labels = host.split(".")
    if ":" in host or _NUMBER.fullmatch(labels[-1]):
        # What ends in a number is an IPv4 address to some parsers, in forms that others take for names
        # (127.1, 0x7f.1, 2130706433): only the canonical form is allowed.
        return is_public(host)
    named = len(labels) > 1 and all(map(_LABEL.fullmatch, labels)) and len(host) <= 253
    return named and labels[-1] not in {"localhost", "local", "internal"}
