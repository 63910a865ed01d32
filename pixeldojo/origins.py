"""Taking web addresses apart, strictly: what two parsers could read differently is no address here."""

import re
from typing import Final, NamedTuple
from urllib.parse import quote

from yarl import URL

from pixeldojo.errors import FetchRefused
from pixeldojo.wire import MAX_URL

# Only what every parser reads alike: no user, no escapes and nothing but ASCII before the path, no
# backslash, no blanks or controls anywhere.
_ADDRESS = re.compile(
    r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<rest>(?:[/?#][^\s\x00-\x20\x7f\\]*)?)",
    re.IGNORECASE,
)
PORTS: Final = {"http": 80, "https": 443}
"""The port of each scheme where an address names none."""
_PRINTABLE: Final = "".join(map(chr, range(0x21, 0x7F)))


class Origin(NamedTuple):
    """Scheme, host (lower case, IPv6 without brackets) and port."""

    scheme: str
    host: str
    port: int


def parse_origin(address: str) -> Origin:
    """Return the origin of an address that the operator configured; a path is left out.

    Raises
    ------
    ValueError
        It is no plain http or https address.
    """
    try:
        return parse(address)[0]
    except FetchRefused:
        problem = "not a plain http or https address"
    raise ValueError(problem)


def parse(address: str) -> tuple[Origin, URL]:
    """Take an address apart; the fragment is dropped, escapes in path and query are kept as they are.

    Raises
    ------
    FetchRefused
        Parsers might disagree about it, or it is no http or https address.
    """
    plain = _ADDRESS.fullmatch(address) if len(address) <= MAX_URL else None
    if plain is None:
        raise FetchRefused("it is not a plain web address")
    scheme, host = plain["scheme"].lower(), plain["host"].lower()
    port = int(plain["port"]) if plain["port"] else PORTS[scheme]
    if not 0 < port < 65_536:
        raise FetchRefused("its port does not exist")
    rest = _quoted(plain["rest"].partition("#")[0])
    shown = "" if port == PORTS[scheme] else f":{port}"
    origin = Origin(scheme, host.strip("[]"), port)
    return origin, _url(f"{scheme}://{host}{shown}{rest}")


def _quoted(rest: str) -> str:
    try:
        return quote(rest, safe=_PRINTABLE)
    except UnicodeEncodeError:
        problem = "it is not text"
    raise FetchRefused(problem)


def _url(address: str) -> URL:
    try:
        return URL(address, encoded=True)
    except ValueError:
        problem = "it is not a plain web address"
    raise FetchRefused(problem)
