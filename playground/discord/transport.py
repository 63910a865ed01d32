"""Rude ends of a connection: what a network does, and a web framework usually hides."""

from collections.abc import Callable

from aiohttp import web


def abort(request: web.Request) -> None:
    """Reset the connection of a request: no reply, no close frame."""
    if request.transport is not None:
        request.transport.abort()


def aborter(request: web.Request) -> Callable[[], None]:
    """Return a function that resets the connection of a request."""
    return lambda: abort(request)
