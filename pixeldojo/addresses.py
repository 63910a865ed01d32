"""Which network addresses may be connected to, checked inside the connection itself.

A check of a URL's host before the connection is worth nothing by itself: the name may lead elsewhere
by the time it is resolved again (rebinding), and aiohttp asks no resolver about literal addresses. So
the guard stands in both places that every connection passes: the resolver, where a name's addresses
come from, and the making of the socket, which is handed the very address that it then connects to.
"""

import ipaddress
import socket
from collections.abc import Callable, Collection
from typing import Final, TypeAlias

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from pixeldojo.origins import parse_origin

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
AddressInfo: TypeAlias = tuple[int, int, int, str, tuple[object, ...]]
"""Family, type, protocol, canonical name and address, as ``socket.getaddrinfo`` gives them."""

_GLOBAL_V6: Final = ipaddress.ip_network("2000::/3")
# RFC 6052: the well-known prefix of NAT64 stands for the IPv4 address in its last 32 bits; on networks
# without IPv4 every public name resolves into it.
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
# Within what `ipaddress` calls global in some of its versions: protocol assignments, 6to4 relays (IPv4);
# Teredo and other assignments, 6to4, documentation (IPv6).
_NOT_GLOBAL: Final = tuple(
    ipaddress.ip_network(text)
    for text in ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2002::/16", "2001:db8::/32", "3fff::/20")
)
_ISATAP: Final = 0x5EFE


def is_public(address: str) -> bool:
    """Whether an IP address, in its canonical spelling, belongs to the public internet."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv4Address):
        return _is_public(parsed)
    if parsed.scope_id is not None:
        return False
    if parsed in _NAT64:
        return _is_public(ipaddress.IPv4Address(int(parsed) & 0xFFFF_FFFF))
    # ISATAP (RFC 5214) hides an IPv4 address behind 0:5efe or 200:5efe in any prefix.
    hidden = (int(parsed) >> 32) & 0xFFFF == _ISATAP
    return parsed in _GLOBAL_V6 and not hidden and _is_public(parsed)


def _is_public(parsed: IpAddress) -> bool:
    if any(parsed in network for network in _NOT_GLOBAL if network.version == parsed.version):
        return False
    return parsed.is_global and not parsed.is_multicast and not parsed.is_reserved


class AddressRefused(OSError):
    """A name or a literal leads to an address that may not be connected to."""


def open_socket(info: AddressInfo) -> socket.socket:
    """Open an unconnected socket for an address."""
    family, kind, protocol, _, _ = info
    return socket.socket(family, kind, protocol)


class Guard(AbstractResolver):
    """Lets connections go to public addresses only, and to those of trusted origins.

    Parameters
    ----------
    trusted
        Hosts (lower case, IPv6 without brackets) and ports that may lead anywhere.
    resolver
        Where names are looked up.
    open_socket
        How a socket is made once its address has passed.
    """

    def __init__(
        self,
        *,
        trusted: Collection[tuple[str, int]],
        resolver: AbstractResolver,
        open_socket: Callable[[AddressInfo], socket.socket] = open_socket,
    ) -> None:
        self._trusted = frozenset(trusted)
        self._resolver = resolver
        self._open_socket = open_socket
        # Addresses that are not public, but trusted: literals, and what trusted names have led to.
        self._admitted: set[tuple[str, int]] = set(self._trusted)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Look a name up; one address that is not public condemns them all."""
        found = await self._resolver.resolve(host, port, family)
        hidden = [(each["host"], each["port"]) for each in found if not is_public(each["host"])]
        if hidden and (host.lower(), port) not in self._trusted:
            raise AddressRefused("the name leads to an address that is not public")
        self._admitted.update(hidden)
        return found

    def make_socket(self, info: AddressInfo) -> socket.socket:
        """Open the socket for an address, which is the last step before it is connected to."""
        host = str(info[4][0])
        if not is_public(host) and (host, info[4][1]) not in self._admitted:
            raise AddressRefused("the address is not public")
        return self._open_socket(info)

    async def close(self) -> None:
        await self._resolver.close()


def guarded_session(
    *,
    trusted_origins: Collection[str],
    resolver: AbstractResolver | None = None,
    open_socket: Callable[[AddressInfo], socket.socket] = open_socket,
    connections: int = 16,
) -> aiohttp.ClientSession:
    """Open a session for downloads; call it inside the running loop, and close it.

    It keeps no cookies, reads no proxy or password from the environment, and looks each name up anew
    for each connection.

    Parameters
    ----------
    trusted_origins
        Addresses the operator configured; these may lead to loopback and private networks.
    resolver
        Where names are looked up; the system's if None.

    Raises
    ------
    ValueError
        A trusted origin is no plain http or https address.
    """
    origins = [parse_origin(each) for each in trusted_origins]
    guard = Guard(
        trusted=[(origin.host, origin.port) for origin in origins],
        resolver=resolver or aiohttp.ThreadedResolver(),
        open_socket=open_socket,
    )
    connector = aiohttp.TCPConnector(
        resolver=guard, socket_factory=guard.make_socket, use_dns_cache=False, limit=connections
    )
    return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False)
