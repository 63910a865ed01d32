"""Asking the provider, over real HTTP."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from pixeldojo import Catalogue, JobReply, ModelEntry, PixelDojo, RateLimit, State, errors
from tests.pixeldojo.servers import Connection, Script, client_of, free_port, raw_server

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
MODEL = {"apiId": "gpt-image-1-5-edit", "name": "Edit", "creditCost": {"default": 4}, "modality": "image"}
LIMITS = {"X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "59", "X-RateLimit-Reset": "1737633600"}


class Provider:
    """A few of the provider's endpoints, and what was asked of them."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None]] = []
        self.replies: dict[str, tuple[int, Any]] = {}
        self.url = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        path = request.path.removeprefix("/api/v1")
        self.asked.append((f"{request.method} {path}", request.headers.get("Authorization")))
        status, told = self.replies[path]
        return web.json_response(told, status=status, headers=LIMITS)


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    provider = Provider()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", provider.answer)
    async with TestServer(app) as server:
        provider.url = str(server.make_url("")).rstrip("/")
        yield provider


@pytest.fixture
async def dojo(provider: Provider) -> AsyncIterator[PixelDojo]:
    async with client_of(provider.url) as dojo:
        yield dojo


async def test_a_job_is_asked_for_with_the_key(provider: Provider, dojo: PixelDojo) -> None:
    provider.replies["/jobs/job_1"] = (200, {"jobId": "job_1", "status": "processing"})
    assert await dojo.job("job_1") == JobReply(job_id="job_1", state=State.RUNNING)
    assert provider.asked == [("GET /jobs/job_1", "Bearer pd_secret_0123456789")]


async def test_a_job_that_the_provider_does_not_know_is_gone(provider: Provider, dojo: PixelDojo) -> None:
    provider.replies["/jobs/job_1"] = (404, {"error": "Job not found"})
    with pytest.raises(errors.JobDenied):
        await dojo.job("job_1")


async def test_a_job_id_that_is_no_name_is_gone_without_a_request(
    provider: Provider, dojo: PixelDojo
) -> None:
    for job_id in ("", ".", "..", "a\nb"):
        with pytest.raises(errors.JobDenied):
            await dojo.job(job_id)
    assert provider.asked == []


async def test_a_list_of_jobs_is_read(provider: Provider, dojo: PixelDojo) -> None:
    provider.replies["/jobs"] = (200, {"jobs": [{"jobId": "job_1", "status": "failed"}, {"id": 7}]})
    assert [(job.job_id, job.state) for job in (await dojo.jobs()).jobs] == [
        ("job_1", State.FAILED),
        ("7", State.RUNNING),
    ]


async def test_a_list_of_jobs_that_does_not_exist_cannot_be_read(provider: Provider, dojo: PixelDojo) -> None:
    provider.replies["/jobs"] = (404, {"error": "not found"})
    with pytest.raises(errors.UnreadableReply):
        await dojo.jobs()


async def test_the_catalogue_needs_no_key(provider: Provider) -> None:
    provider.replies["/models"] = (200, {"models": [MODEL], "total": 1})
    async with client_of(provider.url, key="") as dojo:
        catalogue = await dojo.models()
    entry = ModelEntry(api_id="gpt-image-1-5-edit", name="Edit", modality="image", credit_cost=4000)
    assert catalogue == Catalogue((entry,))
    assert catalogue.find("gpt-image-1-5-edit") == entry
    assert catalogue.find("gpt-image-9") is None
    assert provider.asked == [("GET /models", None)]


async def test_a_model_brings_its_schema(provider: Provider, dojo: PixelDojo) -> None:
    schema = {"type": "object", "properties": {"prompt": {"type": "string"}}}
    provider.replies["/models/gpt-image-1-5-edit"] = (200, {**MODEL, "requestSchema": schema})
    assert (await dojo.model("gpt-image-1-5-edit")).request_schema == schema


async def test_a_model_that_is_not_offered_is_gone(provider: Provider, dojo: PixelDojo) -> None:
    provider.replies["/models/gpt-image-1-5-edit"] = (404, {})
    with pytest.raises(errors.ModelGone):
        await dojo.model("gpt-image-1-5-edit")
    with pytest.raises(errors.ModelGone):
        await dojo.model("..")
    assert provider.asked == [("GET /models/gpt-image-1-5-edit", "Bearer pd_secret_0123456789")]


async def test_the_limit_is_told_after_every_reply_also_after_errors(provider: Provider) -> None:
    seen: list[RateLimit] = []
    provider.replies = {"/models": (200, {"models": []}), "/jobs/job_1": (500, {})}
    async with client_of(provider.url, observe=seen.append) as dojo:
        await dojo.models()
        with pytest.raises(errors.Unavailable):
            await dojo.job("job_1")
    assert seen == [RateLimit(limit=60, remaining=59, reset_at=1737633600)] * 2


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, errors.InvalidKey),
        (402, errors.OutOfCredits),
        (403, errors.InvalidKey),
        (408, errors.Unavailable),
        (422, errors.Refused),
        (429, errors.RateLimited),
        (500, errors.Unavailable),
        (502, errors.Unavailable),
        (503, errors.Unavailable),
        (504, errors.Unavailable),
        (302, errors.UnreadableReply),
    ],
)
async def test_a_status_other_than_success_is_its_own_error(
    provider: Provider, dojo: PixelDojo, status: int, error: type[Exception]
) -> None:
    provider.replies = {"/jobs/job_1": (status, {}), "/models": (status, {})}
    with pytest.raises(error):
        await dojo.job("job_1")
    with pytest.raises(error):
        await dojo.models()


async def reset(connection: Connection) -> None:
    await connection.request()
    connection.reset()


async def cut(connection: Connection) -> None:
    await connection.request()
    await connection.send(b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"jobId"')


async def stay_silent(connection: Connection) -> None:
    await connection.request()
    await connection.reader.read()


@pytest.mark.parametrize("script", [reset, cut, stay_silent])
async def test_a_question_without_an_answer_is_unavailable(script: Script) -> None:
    async with raw_server(script) as server, client_of(server.url, ask_timeout=1.0) as dojo:
        with pytest.raises(errors.Unavailable):
            await dojo.job("job_1")


async def test_a_question_to_nobody_is_unavailable() -> None:
    async with client_of(f"http://127.0.0.1:{await free_port()}") as dojo:
        with pytest.raises(errors.Unavailable):
            await dojo.models()


async def test_a_reply_that_is_too_long_cannot_be_read(provider: Provider, dojo: PixelDojo) -> None:
    provider.replies["/models"] = (200, {"models": ["x" * 2_000_000]})
    with pytest.raises(errors.UnreadableReply, match="too long"):
        await dojo.models()


async def test_a_zip_bomb_cannot_be_read() -> None:
    async def answer(_request: web.Request) -> web.Response:
        response = web.Response(body=b" " * 50_000_000)
        response.enable_compression(web.ContentCoding.gzip)
        return response

    app = web.Application()
    app.router.add_get("/api/v1/models", answer)
    async with TestServer(app) as server, client_of(str(server.make_url("")).rstrip("/")) as dojo:
        with pytest.raises(errors.UnreadableReply, match="too long"):
            await dojo.models()


async def test_a_redirect_is_not_followed_with_the_key(provider: Provider) -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.reply(b"", status="302 Found", headers=f"Location: {provider.url}/jobs/job_1\r\n")

    async with raw_server(script) as server, client_of(server.url) as dojo:
        with pytest.raises(errors.UnreadableReply):
            await dojo.job("job_1")
    assert provider.asked == []


async def test_a_trailing_slash_of_the_address_changes_nothing(provider: Provider) -> None:
    provider.replies["/jobs/job_1"] = (200, {"jobId": "job_1", "status": "pending"})
    async with aiohttp.ClientSession() as session:
        dojo = PixelDojo(session=session, downloads=session, api_url=f"{provider.url}/api/v1/", key="pd_x")
        await dojo.job("job_1")
    assert provider.asked == [("GET /jobs/job_1", "Bearer pd_x")]


@pytest.mark.parametrize(
    "address", ["", "pixeldojo.ai", "ftp://pixeldojo.ai", "https://user:pw@pixeldojo.ai/api"]
)
async def test_an_address_that_is_none_is_refused_without_being_shown(address: str) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(ValueError, match="plain http or https") as caught:
            PixelDojo(session=session, downloads=session, api_url=address, key="pd_x")
    assert "pw" not in str(caught.value)


async def test_a_completed_job_brings_its_images(provider: Provider, dojo: PixelDojo) -> None:
    told = {
        "jobId": "job_1",
        "status": "completed",
        "output": {"images": ["https://temp.pixeldojo.ai/a.png"]},
    }
    provider.replies["/jobs/job_1"] = (200, told)
    reply = await dojo.job("job_1")
    assert (reply.state, reply.images) == (State.COMPLETED, ("https://temp.pixeldojo.ai/a.png",))
