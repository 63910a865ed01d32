"""What can happen to a reply on its way: resets, cuts, drips, silence, floods, wrong contents."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import cast

from aiohttp import web

from playground.pixeldojo.pictures import odd
from playground.pixeldojo.replies import Reply, html_reply, json_reply

_PIECE = bytes(1024 * 1024)
_PNG_START = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class Details:
    """What an action needs to know.

    ``url`` is where a redirect leads, ``huge_bytes`` how many bytes a flood has, ``drip_seconds`` the pause
    between two bytes, ``retry_after`` the seconds of a 429.
    """

    url: str
    huge_bytes: int
    drip_seconds: float
    retry_after: float


Act = Callable[[web.Request, Reply, Details], Awaitable[web.StreamResponse]]


def abort(request: web.Request) -> None:
    """Reset the connection of a request, so that its client reads neither reply nor end of file."""
    transport = request.transport
    if transport is None:
        return
    plug = cast("socket.socket | None", transport.get_extra_info("socket"))
    if plug is not None:
        # Lingering for no time at all makes the kernel send RST instead of FIN.
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


async def _reset(request: web.Request, reply: Reply, _details: Details) -> web.StreamResponse:
    abort(request)
    return reply


async def _silence(_request: web.Request, reply: Reply, _details: Details) -> web.StreamResponse:
    # Ends by being cancelled: the client goes away, or the stand-in is closed.
    await asyncio.Event().wait()
    return reply


async def _open(request: web.Request, reply: Reply, length: int | None) -> web.StreamResponse:
    """Send the head of a reply whose body follows piece by piece; no length means chunks without end."""
    response = web.StreamResponse(
        status=reply.status, headers={"Content-Type": reply.headers["Content-Type"]}
    )
    response.content_length = length
    response.force_close()
    await response.prepare(request)
    return response


async def _unfinished(request: web.Request, reply: Reply, _details: Details) -> web.StreamResponse:
    """Send all of a body in chunks, but not the last chunk, which says that there is no more."""
    response = await _open(request, reply, None)
    await response.write(reply.content)
    _hang_up(request)
    return response


def _hang_up(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.close()


async def _cut(request: web.Request, reply: Reply, _details: Details) -> web.StreamResponse:
    response = await _open(request, reply, max(2, len(reply.content)))
    await response.write(reply.content[: len(reply.content) // 2] or b"{")
    _hang_up(request)
    return response


async def _drip(request: web.Request, reply: Reply, details: Details) -> web.StreamResponse:
    response = await _open(request, reply, len(reply.content))
    for place in range(len(reply.content)):
        await response.write(reply.content[place : place + 1])
        await asyncio.sleep(details.drip_seconds)
    return response


async def _flood(request: web.Request, length: int | None, limit: int) -> web.StreamResponse:
    response = await _open(request, Reply(content_type="image/png"), length)
    await response.write(_PNG_START)
    left = limit - len(_PNG_START)
    while left > 0:
        await response.write(_PIECE[: min(left, len(_PIECE))])
        left -= len(_PIECE)
    return response


async def _huge(request: web.Request, _reply: Reply, details: Details) -> web.StreamResponse:
    return await _flood(request, details.huge_bytes, details.huge_bytes)


async def _endless(request: web.Request, _reply: Reply, details: Details) -> web.StreamResponse:
    """Flood without announcing a length."""
    return await _flood(request, None, details.huge_bytes)


async def _redirect(_request: web.Request, _reply: Reply, details: Details) -> web.StreamResponse:
    return web.Response(status=302, headers={"Location": details.url})


async def _html(_request: web.Request, _reply: Reply, _details: Details) -> web.StreamResponse:
    return html_reply(502)


async def _html_ok(_request: web.Request, _reply: Reply, _details: Details) -> web.StreamResponse:
    return html_reply(200)


async def _empty(_request: web.Request, reply: Reply, _details: Details) -> web.StreamResponse:
    return Reply(status=reply.status)


async def _truncated_json(_request: web.Request, reply: Reply, _details: Details) -> web.StreamResponse:
    return Reply(status=reply.status, body=reply.content[: len(reply.content) * 2 // 3] or b'{"jobId": "j')


async def _wrong_json(_request: web.Request, reply: Reply, _details: Details) -> web.StreamResponse:
    wrong = {"jobId": 17, "status": ["pending"], "output": "none", "creditCost": "much", "models": None}
    return json_reply([wrong], status=reply.status)


async def _not_an_image(_request: web.Request, _reply: Reply, _details: Details) -> web.StreamResponse:
    return Reply(body=odd.NOT_AN_IMAGE, content_type="image/png")


async def _image_bomb(_request: web.Request, _reply: Reply, _details: Details) -> web.StreamResponse:
    return Reply(body=await asyncio.to_thread(odd.bomb), content_type="image/png")


async def _rate_limited(_request: web.Request, _reply: Reply, details: Details) -> web.StreamResponse:
    response = json_reply({"error": {"code": "rate_limited", "message": "Too many requests."}}, status=429)
    response.headers["Retry-After"] = f"{details.retry_after:g}"
    return response


async def _rate_limited_bare(_request: web.Request, _reply: Reply, _details: Details) -> web.StreamResponse:
    return json_reply({"error": {"code": "rate_limited", "message": "Too many requests."}}, status=429)


def _status(status: int, code: str, message: str) -> Act:
    async def act(_request: web.Request, _reply: Reply, _details: Details) -> web.StreamResponse:
        return json_reply({"error": {"code": code, "message": message, "status": status}}, status=status)

    return act


# Those that happen before anything is handled; the others need the reply that would have been given.
BEFORE: dict[str, Act] = {
    "reset_before": _reset,
    "silence": _silence,
    "huge": _huge,
    "endless": _endless,
    "redirect": _redirect,
    "html": _html,
    "html_ok": _html_ok,
    "wrong_json": _wrong_json,
    "not_an_image": _not_an_image,
    "image_bomb": _image_bomb,
    "missing": _status(404, "not_found", "Not found."),
    "forbidden": _status(403, "forbidden", "This link has expired."),
    "rate_limited": _rate_limited,
    "rate_limited_bare": _rate_limited_bare,
    **{
        f"error_{status}": _status(status, "server_error", "Something went wrong on our side.")
        for status in (500, 502, 503, 504)
    },
}
AFTER: dict[str, Act] = {
    "reset_after": _reset,
    "silence_after": _silence,
    "cut_body": _cut,
    "drip": _drip,
    "unfinished": _unfinished,
    "empty": _empty,
    "truncated_json": _truncated_json,
}
ACTIONS: tuple[str, ...] = ("none", *BEFORE, *AFTER)


async def perform(action: str, request: web.Request, reply: Reply, details: Details) -> web.StreamResponse:
    """Spoil a reply in the way that is named; ``none`` returns it as it is."""
    act = BEFORE.get(action) or AFTER.get(action)
    return reply if act is None else await act(request, reply, details)
