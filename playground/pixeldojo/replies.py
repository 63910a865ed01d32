"""Replies of the provider: errors in the shapes that its clients must bear, and what goes wrong after."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from aiohttp import web

HTML = (
    "<!DOCTYPE html><html><head><title>Error {status}</title></head>"
    "<body><h1>{status}</h1><p>The server at the origin did not answer as it should.</p></body></html>"
)


class Reply(web.Response):
    """A response, what shall go wrong with it, and what happens once it is sent (or lost)."""

    def __init__(
        self,
        *,
        status: int = 200,
        body: bytes = b"",
        content_type: str = "application/json",
        action: str = "none",
        then: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(status=status, body=body, headers={"Content-Type": content_type})
        self.content = body
        self.action = action
        self.then = then


def json_reply(payload: object, *, status: int = 200) -> Reply:
    """Return a JSON response."""
    return Reply(status=status, body=json.dumps(payload, ensure_ascii=False).encode())


class ApiError(Exception):
    """A refusal by the provider's API: HTTP status, code, and a message that may quote the request.

    ``body``, where it is given, is what is sent, whatever the shape.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: object = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = dict(headers or {})
        self.body = body

    def reply(self, shape: str) -> Reply:
        """Return the response, its body in one of the shapes of the switch ``error_shape``."""
        response = self._plain(shape)
        response.headers.update(self.headers)
        return response

    def _plain(self, shape: str) -> Reply:
        message = str(self)
        if self.body is not None:
            return json_reply(self.body, status=self.status)
        if shape == "text":
            return Reply(status=self.status, body=message.encode(), content_type="text/plain")
        if shape == "html":
            return html_reply(self.status)
        if shape == "empty":
            return Reply(status=self.status, content_type="text/plain")
        bodies: dict[str, object] = {
            # The shape of earlier documentation.
            "object": {"error": {"code": self.code, "message": message, "status": self.status}},
            "string": {"error": message},
            "list": {"errors": [{"code": self.code, "message": message}]},
            "detail": {"detail": [{"loc": ["body"], "msg": message, "type": self.code}]},
        }
        return json_reply(bodies[shape], status=self.status)


def html_reply(status: int) -> Reply:
    """Return a page as a proxy before the provider would."""
    body = HTML.format(status=status).encode()
    return Reply(status=status, body=body, content_type="text/html; charset=utf-8")
