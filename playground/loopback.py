"""Who may talk to a stand-in: programs and pages of this machine, no other website in its browser.

A website can make a visitor's browser ask anything of loopback. It cannot read answers nor send JSON without
being allowed to, but it can send forms, open websockets, have its own name lead here (DNS rebinding), and
show our page in a frame under what it lets a visitor press.
Browsers say where a request comes from (``Origin``) and whom it is for (``Host``); no page can change that.
"""

import contextlib
import secrets
import socket
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

IN_NO_FRAME = {"X-Frame-Options": "DENY", "Content-Security-Policy": "frame-ancestors 'none'"}
READS = frozenset({"GET", "HEAD", "OPTIONS"})


def guard(*, json_below: str = "", forms_at: str = "", any_port: bool = False) -> Middleware:
    """Return what refuses other websites.

    Parameters
    ----------
    json_below
        Where nothing but JSON changes anything, with a path in it that takes forms.
    any_port
        Pages of other servers on this machine may ask, too.
    """

    @web.middleware
    async def refuse(request: web.Request, handler: Handler) -> web.StreamResponse:
        host = request.headers.get("Host", "")
        origin = request.headers.get("Origin", f"http://{host}")
        if not _is_loopback(host):
            raise web.HTTPMisdirectedRequest(text="Ask for this by an address of this machine.")
        if origin != f"http://{host}" and not (any_port and _is_loopback(origin.removeprefix("http://"))):
            raise web.HTTPForbidden(text="Another website may not ask for this.")
        changes = request.method not in READS and json_below and request.path.startswith(json_below)
        if changes and request.content_type != "application/json" and request.path != forms_at:
            raise web.HTTPUnsupportedMediaType(text="Send application/json.")
        if not _is_encoding(request.charset or "utf-8"):
            raise web.HTTPUnsupportedMediaType(text="Send UTF-8.")
        response = await handler(request)
        response.headers.update(IN_NO_FRAME)
        return response

    return refuse


def _is_encoding(name: str) -> bool:
    try:
        # Python looks at no name where there is nothing to read.
        b"{}".decode(name)
    except (LookupError, ValueError):
        return False
    return True


def free_port() -> int:
    """Return a port that is free, and that no connection is given of itself while nobody listens on it.

    Systems give connections ports above 32,767: one of those was taken between a bot's end and its next
    start.
    """
    while True:
        port = 15_000 + secrets.randbelow(17_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def _is_loopback(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False
