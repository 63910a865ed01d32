"""A submission is sent once at most, and it is always known whether it was sent."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from pixeldojo import PixelDojo, RateLimit, State, Submitted, errors
from pixeldojo.wire import MAX_BODY
from tests.pixeldojo.servers import Connection, Names, Script, client_of, eventually, free_port, raw_server

BODY = {"prompt": "make it night", "image_urls": ["https://cdn.example/a.png"]}
TAKEN = json.dumps({"jobId": "job_1", "creditCost": 4, "creditsRemaining": 95}).encode()


async def submit(dojo: PixelDojo) -> Submitted:
    return await dojo.submit("gpt-image-1-5-edit", BODY)


async def take(connection: Connection) -> None:
    while await connection.request():
        await connection.reply(TAKEN, status="202 Accepted")


async def test_a_submission_is_one_post_with_the_key_and_exactly_the_body() -> None:
    async with raw_server(take) as server, client_of(server.url) as dojo:
        submitted = await submit(dojo)
    assert submitted == Submitted(job_id="job_1", credit_cost=4000, credits_remaining=95000)
    [(_, request)] = server.requests
    head, _, body = request.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /api/v1/models/gpt-image-1-5-edit/run HTTP/1.1\r\n")
    assert b"Authorization: Bearer pd_secret_0123456789" in head
    assert json.loads(body) == BODY


async def test_a_prompt_with_a_lone_surrogate_can_be_sent() -> None:
    async with raw_server(take) as server, client_of(server.url) as dojo:
        await dojo.submit("gpt-image-1-5-edit", {"prompt": "a \ud800 b"})
    assert json.loads(server.posts[0].partition(b"\r\n\r\n")[2]) == {"prompt": "a \ud800 b"}


async def reset_after_the_request(connection: Connection) -> None:
    await connection.request()
    connection.reset()


async def close_after_the_request(connection: Connection) -> None:
    await connection.request()


async def say_nothing(connection: Connection) -> None:
    await connection.request()
    await asyncio.Event().wait()


async def cut_the_head(connection: Connection) -> None:
    await connection.request()
    await connection.send(b"HTTP/1.1 202 Acc")


async def cut_the_body(connection: Connection) -> None:
    await connection.request()
    await connection.send(b"HTTP/1.1 202 Accepted\r\nContent-Length: 500\r\n\r\n" + TAKEN[:20])


async def drip_the_body(connection: Connection) -> None:
    await connection.request()
    await connection.send(b"HTTP/1.1 202 Accepted\r\nContent-Length: 500\r\n\r\n")
    while True:
        await connection.send(b" ")
        await asyncio.sleep(0.01)


async def send_an_endless_body(connection: Connection) -> None:
    await connection.request()
    await connection.send(b"HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(100):
        await connection.send(b"10000\r\n" + b" " * 65_536 + b"\r\n")


async def speak_no_http(connection: Connection) -> None:
    await connection.request()
    await connection.send(b"220 smtp.example ESMTP\r\n\r\n")


async def promise_gzip_and_send_none(connection: Connection) -> None:
    await connection.request()
    await connection.reply(TAKEN, status="202 Accepted", headers="Content-Encoding: gzip\r\n")


@pytest.mark.parametrize(
    "script",
    [
        reset_after_the_request,
        close_after_the_request,
        say_nothing,
        cut_the_head,
        cut_the_body,
        drip_the_body,
        send_an_endless_body,
        speak_no_http,
        promise_gzip_and_send_none,
    ],
)
async def test_a_submission_without_an_answer_is_unanswered_and_was_sent_once(script: Script) -> None:
    async with raw_server(script) as server, client_of(server.url, submit_timeout=1.0) as dojo:
        with pytest.raises(errors.Unanswered):
            await submit(dojo)
    assert len(server.posts) == 1


@pytest.mark.parametrize("status", ["302 Found", "303 See Other", "408 Timeout", "500 Error", "503 Busy"])
async def test_a_status_that_leaves_the_outcome_open_is_unanswered(status: str) -> None:
    async def script(connection: Connection) -> None:
        while await connection.request():
            await connection.reply(b"", status=status, headers="Location: /api/v1/elsewhere\r\n")

    async with raw_server(script) as server, client_of(server.url) as dojo:
        with pytest.raises(errors.Unanswered):
            await submit(dojo)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "status",
    [
        *("307 Temporary Redirect", "308 Permanent Redirect", "301 Moved", "409 Conflict"),
        *("418 I'm a teapot", "425 Too Early", "421 Misdirected", "499 Closed"),
    ],
)
async def test_a_status_that_refuses_nothing_leaves_the_outcome_open_and_is_nobodys_fault(
    status: str,
) -> None:
    async def script(connection: Connection) -> None:
        while await connection.request():
            await connection.reply(b"", status=status, headers="Location: /api/v1/elsewhere\r\n")

    async with raw_server(script) as server, client_of(server.url) as dojo:
        with pytest.raises(errors.Unanswered):
            await submit(dojo)
    assert len(server.requests) == 1


async def test_a_post_on_a_kept_alive_connection_that_is_reset_is_not_sent_again() -> None:
    # aiohttp repeats requests on connections that it has used before; the first post leaves such a one.
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.reply(TAKEN, status="202 Accepted", headers="Connection: keep-alive\r\n")
        await connection.request()
        connection.reset()

    async with raw_server(script) as server, client_of(server.url) as dojo:
        await submit(dojo)
        with pytest.raises(errors.Unanswered):
            await submit(dojo)
    assert [number for number, _ in server.requests] == [1, 1], "the second post reused the connection"
    assert len(server.posts) == 2


async def test_a_get_on_a_kept_alive_connection_that_is_reset_is_asked_again() -> None:
    # The counterpart: it shows that aiohttp does repeat, so that the test above means something.
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.reply(
            b'{"jobId": "job_1", "status": "pending"}', headers="Connection: keep-alive\r\n"
        )
        await connection.request()
        connection.reset()

    async with raw_server(script) as server, client_of(server.url) as dojo:
        await dojo.job("job_1")
        assert (await dojo.job("job_1")).state is State.RUNNING
    assert [number for number, _ in server.requests] == [1, 1, 2]


async def test_a_post_takes_no_connection_that_a_get_has_left() -> None:
    # The server forgets idle connections in just the moment when the post comes: were it sent there,
    # its outcome would be unknown for nothing.
    async def script(connection: Connection) -> None:
        request = await connection.request()
        if request.startswith(b"POST"):
            assert b"\r\nConnection: close\r\n" in request
            await connection.reply(TAKEN, status="202 Accepted", headers="Connection: close\r\n")
            return
        await connection.reply(
            b'{"jobId": "job_1", "status": "pending"}', headers="Connection: keep-alive\r\n"
        )
        if await connection.request():
            connection.reset()

    async with raw_server(script) as server, client_of(server.url) as dojo:
        await dojo.job("job_1")
        assert (await submit(dojo)).job_id == "job_1"
        assert (await submit(dojo)).job_id == "job_1"
    assert [number for number, _ in server.requests] == [1, 2, 3]


async def test_a_refused_connection_means_that_nothing_was_sent() -> None:
    async with client_of(f"http://127.0.0.1:{await free_port()}") as dojo:
        with pytest.raises(errors.Unavailable):
            await submit(dojo)


async def test_a_name_that_does_not_exist_means_that_nothing_was_sent() -> None:
    connector = aiohttp.TCPConnector(resolver=Names())
    async with aiohttp.ClientSession(connector=connector) as session:
        dojo = PixelDojo(
            session=session, downloads=session, api_url="https://no.such.host/api/v1", key="pd_x"
        )
        with pytest.raises(errors.Unavailable) as caught:
            await submit(dojo)
    assert caught.value.cause == "no such name"


async def test_a_failed_tls_handshake_means_that_nothing_was_sent() -> None:
    async def script(connection: Connection) -> None:
        await connection.send(b"HTTP/1.1 400 this is no TLS\r\n\r\n")
        await connection.reader.read()

    async with raw_server(script) as server, client_of(f"https://127.0.0.1:{server.port}") as dojo:
        with pytest.raises(errors.Unavailable):
            await submit(dojo)
    assert server.requests == []


async def test_a_tls_handshake_that_never_ends_means_that_nothing_was_sent() -> None:
    async with (
        raw_server(say_nothing) as server,
        client_of(f"https://127.0.0.1:{server.port}", submit_timeout=2.0) as dojo,
    ):
        with pytest.raises(errors.Unavailable) as caught:
            await submit(dojo)
    assert caught.value.cause == "ConnectionTimeoutError"
    assert server.posts == []


async def test_a_closed_session_means_that_nothing_was_sent() -> None:
    async with raw_server(take) as server:
        async with client_of(server.url) as dojo:
            pass
        with pytest.raises(errors.Unavailable):
            await submit(dojo)
    assert server.connections == 0


async def test_a_model_that_is_no_name_is_gone_without_a_request() -> None:
    async with raw_server(take) as server, client_of(server.url) as dojo:
        for model in ("", "..", "a b", "ü", "x" * 300):
            with pytest.raises(errors.ModelGone):
                await dojo.submit(model, BODY)
    assert server.requests == []


async def test_a_model_cannot_climb_out_of_its_path() -> None:
    async with raw_server(take) as server, client_of(server.url) as dojo:
        await dojo.submit("../jobs?x=1#y", BODY)
    assert server.posts[0].startswith(b"POST /api/v1/models/..%2Fjobs%3Fx%3D1%23y/run HTTP/1.1\r\n")


async def test_a_status_decides_even_if_its_body_is_cut() -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 402 Payment Required\r\nContent-Length: 500\r\n\r\n{")

    async with raw_server(script) as server, client_of(server.url) as dojo:
        with pytest.raises(errors.OutOfCredits):
            await submit(dojo)


async def test_a_429_with_a_job_id_is_a_submission() -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.reply(TAKEN, status="429 Too Many Requests", headers="Retry-After: 9\r\n")

    seen: list[RateLimit] = []
    async with raw_server(script) as server, client_of(server.url, observe=seen.append) as dojo:
        assert (await submit(dojo)).job_id == "job_1"
    assert seen == [RateLimit(retry_after=9.0, refused=True)]


async def test_a_429_without_a_job_id_says_how_long_to_wait() -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.reply(b"{}", status="429 Too Many Requests", headers="Retry-After: 2.5\r\n")

    async with raw_server(script) as server, client_of(server.url) as dojo:
        with pytest.raises(errors.RateLimited) as caught:
            await submit(dojo)
    assert caught.value.retry_after == 2.5
    assert len(server.posts) == 1


async def test_an_observer_that_breaks_costs_no_job(caplog: pytest.LogCaptureFixture) -> None:
    def observe(_limit: RateLimit) -> None:
        raise RuntimeError("the observer is broken")

    async with raw_server(take) as server, client_of(server.url, observe=observe) as dojo:
        assert (await submit(dojo)).job_id == "job_1"
    assert "the observer is broken" in caplog.text


async def test_a_job_id_counts_although_the_connection_breaks_behind_it() -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.reply(TAKEN, status="202 Accepted")
        connection.reset()

    async with raw_server(script) as server, client_of(server.url) as dojo:
        assert (await submit(dojo)).job_id == "job_1"


async def test_a_body_just_below_the_limit_is_read() -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.reply(TAKEN.ljust(MAX_BODY), status="202 Accepted")

    async with raw_server(script) as server, client_of(server.url) as dojo:
        assert (await submit(dojo)).job_id == "job_1"


async def test_a_job_id_counts_in_a_body_that_is_too_long_to_be_parsed() -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        trace = f'{TAKEN.decode().rstrip("}")}, "trace": "{"x" * MAX_BODY}"}}'
        await connection.reply(trace.encode(), status="202 Accepted")

    async with raw_server(script) as server, client_of(server.url) as dojo:
        assert (await submit(dojo)).job_id == "job_1"


async def test_a_cancelled_submission_is_cancelled() -> None:
    async with raw_server(say_nothing) as server, client_of(server.url) as dojo:
        task = asyncio.create_task(submit(dojo))
        await eventually(lambda: server.requests)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_a_session_that_raises_for_statuses_changes_nothing() -> None:
    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.reply(b"", status="401 Unauthorized")

    extra: dict[str, Any] = {"raise_for_status": True}
    async with raw_server(script) as server, aiohttp.ClientSession(**extra) as session:
        dojo = PixelDojo(session=session, downloads=session, api_url=f"{server.url}/api/v1", key="pd_x")
        with pytest.raises(errors.InvalidKey):
            await submit(dojo)
