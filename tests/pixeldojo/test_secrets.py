"""The key, prompts and signed addresses appear in no text of the client, and not behind one either."""

import json
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest

from pixeldojo import (
    InvalidOption,
    JobReply,
    PixelDojo,
    PixelDojoError,
    UrlRule,
    build_body,
    builtin_schema,
    errors,
    guarded_session,
    read_parameters,
)
from pixeldojo.kinds import Failure
from pixeldojo.replies import read_job
from pixeldojo.wire import Reply
from tests.pixeldojo.servers import KEY, Connection, Script, client_of, free_port, raw_server

PROMPT = "a prompt that nobody else may read"
SIGNATURE = "hm=5ecre7519na7ure"
BODY = {"prompt": PROMPT, "image_urls": [f"https://cdn.example/a.png?{SIGNATURE}"]}
SECRETS = (KEY, PROMPT, "5ecre7519na7ure", "upstream's own words")


def texts_of(error: BaseException) -> str:
    """All that a log could show of an error and of those behind it."""
    shown: list[str] = []
    behind: list[BaseException | None] = [error]
    while behind:
        each = behind.pop()
        if each is not None:
            shown += [str(each), repr(each), repr(each.args), repr(vars(each))]
            behind += [each.__cause__, each.__context__]
    return "\n".join(shown)


def assert_silent(text: str) -> None:
    assert text
    assert [secret for secret in SECRETS if secret in text] == []


def echo(status: str) -> Script:
    async def script(connection: Connection) -> None:
        request = await connection.request()
        words = {"error": {"message": f"upstream's own words about {PROMPT}", "code": PROMPT}}
        body = json.dumps({**words, "echo": request.decode("latin-1")}).encode()
        location = f"Location: https://x.example/?{SIGNATURE}\r\n" if status[0] == "3" else ""
        await connection.reply(body, status=status, headers=location)

    return script


async def reset(connection: Connection) -> None:
    await connection.request()
    connection.reset()


async def break_http(connection: Connection) -> None:
    request = await connection.request()
    await connection.send(b"HTTP/1.1 " + request.replace(b"\r\n", b" ") + b"\r\n\r\n")


STATUSES = [200, 202, 301, 302, 400, 401, 402, 403, 404, 409, 413, 422, 429, 451, 500, 503]


@pytest.mark.parametrize("script", [*(echo(f"{status} X") for status in STATUSES), reset, break_http])
async def test_no_error_of_the_api_shows_a_secret(script: Script, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with raw_server(script) as server, client_of(server.url) as dojo:
        calls: list[Callable[[], Awaitable[object]]] = [
            lambda: dojo.submit("gpt-image-1-5-edit", BODY),
            lambda: dojo.job("job_1"),
            dojo.jobs,
            dojo.models,
            lambda: dojo.model("gpt-image-1-5-edit"),
        ]
        for call in calls:
            with pytest.raises(PixelDojoError) as caught:
                await call()
            assert_silent(texts_of(caught.value))
        assert_silent(repr(dojo))
    assert [secret for secret in SECRETS if secret in caplog.text] == []


async def redirect(connection: Connection) -> None:
    await connection.request()
    await connection.reply(b"", status="302 Found", headers=f"Location: http://10.0.0.1/?{SIGNATURE}\r\n")


@pytest.mark.parametrize(
    "script", [*(echo(f"{status} X") for status in (204, 403, 404, 500)), reset, redirect]
)
async def test_no_error_of_a_download_shows_an_address(script: Script, tmp_path: Path) -> None:
    async with raw_server(script) as server, client_of(server.url) as dojo:
        url = f"{server.url}/a.png?{SIGNATURE}"
        with pytest.raises(errors.FetchError) as caught:
            await dojo.fetch(url, tmp_path / "a", max_bytes=1000, seconds=5)
    assert_silent(texts_of(caught.value))


@pytest.mark.parametrize(
    "start", ["http://10.0.0.1", "https://evil\\", "https://[::1", "https://10.0.0.1", "x"]
)
async def test_no_refused_address_is_shown(start: str, tmp_path: Path) -> None:
    async with client_of(f"http://127.0.0.1:{await free_port()}") as dojo:
        with pytest.raises(errors.FetchRefused) as caught:
            await dojo.fetch(f"{start}/a.png?{SIGNATURE}", tmp_path / "a", max_bytes=1000, seconds=5)
    assert_silent(texts_of(caught.value))


async def test_a_connection_that_cannot_be_opened_shows_nothing(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{await free_port()}"
    async with client_of(url) as dojo:
        with pytest.raises(errors.Unavailable) as submitted:
            await dojo.submit("gpt-image-1-5-edit", BODY)
        with pytest.raises(errors.FetchFailed) as fetched:
            await dojo.fetch(f"{url}/?{SIGNATURE}", tmp_path / "a", max_bytes=1000, seconds=5)
    assert_silent(texts_of(submitted.value) + texts_of(fetched.value))


@pytest.mark.parametrize(
    "key", ["pd_secret 0123456789", "pd_secret_0123456789\r\nX: 1", "pd_sécret", "x" * 300]
)
async def test_a_key_that_cannot_stand_in_a_header_is_refused_without_being_shown(key: str) -> None:
    async with aiohttp.ClientSession() as session, guarded_session(trusted_origins=[]) as downloads:
        with pytest.raises(ValueError, match="the key is not") as caught:
            PixelDojo(session=session, downloads=downloads, api_url="https://pixeldojo.ai/api/v1", key=key)
    assert key not in texts_of(caught.value)


async def test_the_clients_repr_is_its_origin() -> None:
    async with client_of("https://pixeldojo.ai") as dojo:
        assert repr(dojo) == "PixelDojo(https://pixeldojo.ai:443)"


def test_a_jobs_repr_shows_neither_its_results_nor_its_prompt() -> None:
    told = {
        "jobId": "job_1",
        "status": "completed",
        "output": {"images": [f"https://temp.pixeldojo.ai/a.png?{SIGNATURE}"]},
        "prompt": PROMPT,
        "webhook_url": f"https://bot.example/?{SIGNATURE}",
    }
    job = read_job(Reply(status=200, body=json.dumps(told).encode()), "job_1")
    assert isinstance(job, JobReply)
    assert job.images
    assert job.echo.prompt == PROMPT
    assert_silent(repr(job))


def test_a_prompt_that_is_refused_is_shown_as_a_length() -> None:
    takes = read_parameters(builtin_schema("gpt-image-1-5-edit"))
    assert takes is not None
    with pytest.raises(InvalidOption) as caught:
        build_body(prompt=PROMPT * 1000, sources=[], options={}, takes=takes)
    assert_silent(texts_of(caught.value))


def test_every_error_is_under_one_root_and_has_a_text() -> None:
    made = [
        errors.UnknownOption("seed"),
        errors.InvalidOption("quality", "ultra" * 100),
        errors.Unmapped("field"),
        errors.Unavailable("x"),
        errors.Unanswered("x"),
        errors.RateLimited(None),
        errors.RateLimited(2.5),
        errors.Refused(Failure.MODERATION, status=400),
        errors.OutOfCredits(),
        errors.InvalidKey(401),
        errors.ModelGone(),
        errors.JobDenied(),
        errors.UnreadableReply("x"),
        errors.FetchRefused("x"),
        errors.FetchTooLarge(1),
        errors.FetchFailed("x"),
        errors.ResultGone(404),
    ]
    assert all(isinstance(each, PixelDojoError) and 10 < len(str(each)) < 120 for each in made)


def test_a_rules_repr_is_its_origins() -> None:
    assert SIGNATURE not in repr(UrlRule.public(besides=[f"https://cdn.example/?{SIGNATURE}"]))
