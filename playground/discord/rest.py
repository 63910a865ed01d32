"""The edge of the REST API: faults, bodies, token, limits, errors and the log around every handler."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web

from playground.discord.bodies import Body, read_body
from playground.discord.calls import Call, Reply, Route
from playground.discord.errors import ApiError, not_found, unauthorized
from playground.discord.faults import Faults, ScriptedFault
from playground.discord.files import FileStore
from playground.discord.jsons import as_object, encode
from playground.discord.ratelimits import RateLimiter, Verdict
from playground.discord.request_log import RequestLog
from playground.discord.transport import abort

DRIP = 0.005
"""Seconds between two bytes of a dripping reply."""
VIA = {"Via": "1.1 google"}
"""Discord's replies come through a proxy; without this header discord.py takes a 429 for a ban."""
PREFIX = "/api/v10"


@dataclass(slots=True)
class _Answer:
    status: int
    payload: object = None
    headers: dict[str, str] = field(default_factory=dict[str, str])

    def data(self) -> bytes:
        if self.payload is None:
            return b""
        return self.payload.encode() if isinstance(self.payload, str) else encode(self.payload).encode()

    def all_headers(self) -> dict[str, str]:
        # Exactly this type: with a charset behind it discord.py takes the body for text.
        kind = "text/html" if isinstance(self.payload, str) else "application/json"
        return self.headers if self.payload is None else {"Content-Type": kind, **self.headers}


class RestEdge:
    """Serves the routes.

    Parameters
    ----------
    token
        The bot's.
    """

    def __init__(
        self, *, faults: Faults, limits: RateLimiter, log: RequestLog, store: FileStore, token: str
    ) -> None:
        self._faults = faults
        self._limits = limits
        self._log = log
        self._store = store
        self._token = token

    def install(self, app: web.Application, routes: list[Route]) -> None:
        """Put the routes into an application; any other path below is a 404 of Discord's kind."""

        async def missing(_: Call) -> Reply:
            raise not_found()

        for route in [*routes, Route("*", "/{rest:.*}", missing, token=False)]:
            app.router.add_route(route.method, PREFIX + route.path, self._handler(route))

    def _handler(self, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._serve(request, route)

        return handle

    async def _serve(self, request: web.Request, route: Route) -> web.StreamResponse:
        path = request.path.removeprefix(PREFIX)
        fault = self._faults.take(request.method, path)
        if fault is not None:
            await asyncio.sleep(fault.delay)
        lost = fault is not None and fault.action == "reset_before"
        body = None if lost else await read_body(request, store=self._store)
        entry = self._log.add(
            method=request.method, path=path, route=route.path, query=dict(request.query), body=body
        )
        if body is None:
            abort(request)
            return web.Response()
        answer = await self._answer(request, route, body, fault)
        entry["status"], entry["code"] = answer.status, as_object(answer.payload).get("code")
        self._limits.note(answer.status, answer.headers.get("X-RateLimit-Scope", ""))
        return await self._deliver(request, answer, fault.action if fault else "none")

    async def _answer(
        self, request: web.Request, route: Route, body: Body, fault: ScriptedFault | None
    ) -> _Answer:
        scripted = fault is not None and fault.status is not None
        if not scripted or (fault is not None and fault.action in ("handled", "reset_after")):
            answer = await self._handle(request, route, body)
        else:
            answer = _Answer(500)
        if fault is not None and fault.status is not None:
            return _Answer(fault.status, fault.body, fault.headers)
        return answer

    async def _handle(self, request: web.Request, route: Route, body: Body) -> _Answer:
        if self._limits.banned:
            # What Cloudflare says: no JSON, no Via.
            return _Answer(429, "You are being blocked from accessing our API temporarily.")
        verdict = Verdict()
        try:
            if route.token and request.headers.get("Authorization") != f"Bot {self._token}":
                raise unauthorized()
            if route.limit is not None:
                verdict = self._limits.take(route.limit, request.match_info, counts=route.token)
            if verdict.retry_after is not None:
                return _limited(verdict, verdict.retry_after)
            if body.problem is not None:
                raise body.problem
            reply = await route.handler(Call(request.match_info, request.query, body))
        except ApiError as problem:
            return _Answer(problem.status, problem.body, {**VIA, **verdict.headers, **problem.headers})
        return _Answer(reply.status, reply.body, {**VIA, **verdict.headers})

    async def _deliver(self, request: web.Request, answer: _Answer, action: str) -> web.StreamResponse:
        data = answer.data()
        if action == "reset_after":
            abort(request)
            return web.Response()
        if action not in ("drip", "cut"):
            return web.Response(status=answer.status, body=data, headers=answer.all_headers())
        response = web.StreamResponse(status=answer.status, headers=answer.all_headers())
        response.content_length = len(data)
        await response.prepare(request)
        if action == "cut":
            await response.write(data[: len(data) // 2])
            abort(request)
            return response
        for at in range(len(data)):
            await response.write(data[at : at + 1])
            await asyncio.sleep(DRIP)
        return response


def _limited(verdict: Verdict, retry_after: float) -> _Answer:
    body = {
        "message": "You are being rate limited.",
        "retry_after": math.ceil(retry_after * 1000) / 1000,
        "global": verdict.everything,
    }
    scope = {"X-RateLimit-Scope": "global" if verdict.everything else "user"}
    if verdict.everything:
        scope["X-RateLimit-Global"] = "true"
    headers = {**VIA, **verdict.headers, **scope, "Retry-After": str(int(retry_after) + 1)}
    return _Answer(429, body, headers)
