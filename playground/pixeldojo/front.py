"""What every request passes before and after its handler: script, limits, log, refusals, mischief."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable

from aiohttp import web

from playground.pixeldojo import mischief
from playground.pixeldojo.catalogue import Json
from playground.pixeldojo.clock import Clock, milliseconds
from playground.pixeldojo.limits import Verdict, Window
from playground.pixeldojo.replies import ApiError, Reply, json_reply
from playground.pixeldojo.script import Line
from playground.pixeldojo.switches import Switches

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
API = "/api/v1"
_LOGGED = 20_000


class Front:
    """Stands before the API and the results; ``/control`` is let through untouched."""

    def __init__(self, *, clock: Clock, switches: Switches) -> None:
        self._clock = clock
        self._switches = switches
        self.requests = Window(clock=clock)
        self.submits = Window(clock=clock)
        self.log: deque[Json] = deque(maxlen=_LOGGED)

    async def pass_through(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Handle a request, with everything that is switched on."""
        if request.path.startswith("/control"):
            return await handler(request)
        entry: Json = {
            "at": milliseconds(self._clock.now()),
            "method": request.method,
            "path": request.path,
            "agent": request.headers.get("User-Agent"),
            "status": None,
        }
        self.log.append(entry)
        if request.method == "POST":
            entry["body"] = _readable(await request.read())
        line = self._switches.script.take(request.method, request.path)
        if line is not None:
            entry["script"] = line.action
            await asyncio.sleep(line.delay)
        reply = await self._reply(request, handler, line)
        entry["status"] = reply.status
        action = reply.action if line is None or line.action == "none" else line.action
        if action != "none":
            entry["fault"] = action
        return await self._send(request, reply, action, line)

    async def _reply(self, request: web.Request, handler: Handler, line: Line | None) -> Reply:
        """Return the reply as it would be if nothing happened to it on its way."""
        if line is not None and line.status is not None:
            return _scripted(line, line.status)
        if line is not None and line.action in mischief.BEFORE:
            return Reply()
        verdict = None
        try:
            verdict = self._admit(request)
            response = await handler(request)
            reply = response if isinstance(response, Reply) else Reply(status=response.status)
        except ApiError as error:
            reply = error.reply(self._switches.error_shape)
        except web.HTTPException as error:
            code = "not_found" if error.status == 404 else "invalid_request"
            reply = ApiError(error.status, code, error.reason).reply(self._switches.error_shape)
        if verdict is not None:
            reply.headers.update(verdict.headers())
        return reply

    def _admit(self, request: web.Request) -> Verdict | None:
        """Count an API request against the limits, or refuse it."""
        if not request.path.startswith(API):
            return None
        switches = self._switches
        submits = request.method == "POST" and request.path.endswith("/run")
        whole = self.requests.look(switches.requests_per_minute, switches.window)
        own = self.submits.look(switches.submits_per_minute, switches.window) if submits else None
        for verdict in (whole, own):
            if verdict is not None and not verdict.allowed:
                raise ApiError(429, "quota_exceeded", "Too many requests.", headers=verdict.headers())
        self.requests.take()
        if submits:
            self.submits.take()
        return whole

    async def _send(
        self, request: web.Request, reply: Reply, action: str, line: Line | None
    ) -> web.StreamResponse:
        """Send a reply, spoilt or not; what comes after it comes even if nobody hears it."""
        then = reply.then
        if action != "none":
            if then is not None:
                then()
            return await mischief.perform(action, request, reply, self._details(line))
        if then is None:
            return reply
        try:
            await reply.prepare(request)
            await reply.write_eof()
        finally:
            then()
        return reply

    def _details(self, line: Line | None) -> mischief.Details:
        switches = self._switches
        return mischief.Details(
            url=(line.url if line else None) or switches.redirect_to,
            huge_bytes=(line.bytes if line else None) or switches.huge_bytes,
            drip_seconds=switches.drip_seconds,
            retry_after=switches.retry_after,
        )


def _scripted(line: Line, status: int) -> Reply:
    if isinstance(line.body, str):
        reply = Reply(status=status, body=line.body.encode(), content_type="text/plain; charset=utf-8")
    elif line.body is None:
        reply = Reply(status=status, content_type="text/plain")
    else:
        reply = json_reply(line.body, status=status)
    reply.headers.update(line.headers)
    return reply


def _readable(body: bytes) -> object:
    """Return a request body for the log: JSON where it is JSON."""
    try:
        return json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")
