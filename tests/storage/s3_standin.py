"""A small store that speaks S3 over HTTP, on loopback: what the bot asks of one, and the ways in which one fails."""

import asyncio
import hashlib
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from aiohttp import web

BUCKET = "darkroom-files"
KEYS = {
    "AWS_ACCESS_KEY_ID": "AKIDARKROOM",
    "AWS_SECRET_ACCESS_KEY": "not-a-secret",
    "AWS_REGION": "us-east-1",
}


@dataclass
class Stored:
    body: bytes
    at: datetime


@dataclass
class S3Standin:
    """What is in it, what was asked of it, and how it answers (``fault``: a status and a code of S3's)."""

    objects: dict[str, Stored] = field(default_factory=dict)
    uploads: dict[str, dict[int, bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    fault: tuple[int, str] | None = None
    silent: bool = False
    most_parts: int = 0
    port: int = 0

    @property
    def options(self) -> dict[str, str]:
        return {**KEYS, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}"}

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(f"{request.method} {request.path}")
        body = await request.read()
        while self.silent:
            await asyncio.sleep(0.05)
        if self.fault is not None:
            return _error(*self.fault)
        if f"Credential={KEYS['AWS_ACCESS_KEY_ID']}/" not in request.headers.get("Authorization", ""):
            return _error(403, "AccessDenied")
        if hashlib.sha256(body).hexdigest() != request.headers["x-amz-content-sha256"]:
            return _error(400, "XAmzContentSHA256Mismatch")
        name, _, key = request.path.lstrip("/").partition("/")
        if name != BUCKET:
            return _error(404, "NoSuchBucket")
        if not key:
            return self._list(request)
        if "uploads" in request.query or "uploadId" in request.query:
            return self._multipart(request, key, body)
        return self._one(request, key, body)

    def _one(self, request: web.Request, key: str, body: bytes) -> web.StreamResponse:
        if request.method == "PUT":
            self._put(key, body)
            return web.Response(headers={"ETag": _etag(body)})
        if request.method == "DELETE":
            self.objects.pop(key, None)
            return web.Response(status=204)
        if (found := self.objects.get(key)) is None:
            return _error(404, "NoSuchKey")
        headers = {
            "ETag": _etag(found.body),
            "Last-Modified": found.at.strftime("%a, %d %b %Y %H:%M:%S GMT"),
            "Content-Length": str(len(found.body)),
        }
        return web.Response(body=found.body, headers=headers)

    def _put(self, key: str, body: bytes) -> None:
        self.objects[key] = Stored(body, datetime.now(UTC))

    def _multipart(self, request: web.Request, key: str, body: bytes) -> web.StreamResponse:
        if "uploads" in request.query:
            number = str(len(self.uploads) + 1)
            self.uploads[number] = {}
            said = f"<UploadId>{number}</UploadId><Bucket>{BUCKET}</Bucket><Key>{escape(key)}</Key>"
            return _xml(f"<InitiateMultipartUploadResult>{said}</InitiateMultipartUploadResult>")
        number = request.query["uploadId"]
        if request.method == "PUT":
            self.uploads[number][int(request.query["partNumber"])] = body
            self.most_parts = max(self.most_parts, len(self.uploads[number]))
            return web.Response(headers={"ETag": _etag(body)})
        parts = self.uploads.pop(number)
        if request.method == "DELETE":
            return web.Response(status=204)
        whole = b"".join(parts[place] for place in sorted(parts))
        self._put(key, whole)
        said = f"<Bucket>{BUCKET}</Bucket><Key>{escape(key)}</Key><ETag>{escape(_etag(whole))}</ETag>"
        return _xml(f"<CompleteMultipartUploadResult>{said}</CompleteMultipartUploadResult>")

    def _list(self, request: web.Request) -> web.StreamResponse:
        """List two at a time: more than one answer is what a full store gives."""
        after = request.query.get("continuation-token", "")
        names = sorted(key for key in self.objects if key.startswith(request.query["prefix"]) and key > after)
        shown, more = names[:2], len(names) > 2
        rows = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{len(self.objects[key].body)}</Size>"
            f"<LastModified>{self.objects[key].at.strftime('%Y-%m-%dT%H:%M:%S.%fZ')}</LastModified>"
            f"<ETag>{escape(_etag(self.objects[key].body))}</ETag></Contents>"
            for key in shown
        )
        token = f"<NextContinuationToken>{escape(shown[-1])}</NextContinuationToken>" if more else ""
        said = f"<IsTruncated>{str(more).lower()}</IsTruncated>{token}<KeyCount>{len(shown)}</KeyCount>{rows}"
        return _xml(f"<ListBucketResult>{said}</ListBucketResult>")


@contextmanager
def s3_standin() -> Generator[S3Standin]:
    """Serve one from a thread of its own: those who ask wait in the test's."""
    standin, loop, started = S3Standin(), asyncio.new_event_loop(), threading.Event()

    async def serve() -> web.AppRunner:
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_route("*", "/{path:.*}", standin.answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        standin.port = runner.addresses[0][1]
        return runner

    def work() -> None:
        asyncio.set_event_loop(loop)
        runner = loop.run_until_complete(serve())
        started.set()
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        loop.close()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    assert started.wait(30)
    try:
        yield standin
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)


def _etag(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def _error(status: int, code: str) -> web.Response:
    return _xml(f"<Error><Code>{code}</Code><Message>{code} it is</Message></Error>", status)


def _xml(text: str, status: int = 200) -> web.Response:
    return web.Response(status=status, text=f"<?xml version='1.0'?>{text}", content_type="application/xml")
