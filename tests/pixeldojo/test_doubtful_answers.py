"""Answers that look like an end and are none: what is final names the job, in the provider's own JSON."""

import json
from typing import Any

import pytest

from pixeldojo import errors
from pixeldojo.kinds import State
from pixeldojo.replies import read_job, read_jobs, read_submitted
from pixeldojo.wire import MAX_BODY, Flaw, Reply, skim
from tests.pixeldojo.servers import Connection, client_of, raw_server

JOB = "job_1"
URL = "https://temp.pixeldojo.ai/a.png"
PAGE = b"<!doctype html><title>404</title>"


def told(http: int = 200, **body: Any) -> Reply:
    return Reply(status=http, body=json.dumps(body).encode())


@pytest.mark.parametrize("status", [403, 404, 405, 410, 502, 503])
@pytest.mark.parametrize("body", [PAGE, b"", b"not found"])
def test_a_gateways_word_about_a_job_is_none(status: int, body: bytes) -> None:
    with pytest.raises(errors.Unavailable):
        read_job(Reply(status=status, body=body), JOB)


@pytest.mark.parametrize(
    "reply",
    [
        told(404, error={"code": "job_not_found", "message": "no such job"}),
        told(410, error="gone"),
        told(status="error", message="Internal error"),
        told(status="failed"),
        told(data={"status": "failed", "error": "no such job"}),
    ],
)
def test_an_error_of_the_api_that_does_not_name_the_job_is_a_denial(reply: Reply) -> None:
    with pytest.raises(errors.JobDenied):
        read_job(reply, JOB)


def test_a_failure_that_names_the_job_is_its_end() -> None:
    assert read_job(told(jobId=JOB, status="failed"), JOB).state is State.FAILED


@pytest.mark.parametrize("output", [None, {}, {"images": []}, "soon"])
def test_a_job_that_is_completed_without_an_image_has_not_failed(output: Any) -> None:
    reply = read_job(told(jobId=JOB, status="completed", output=output), JOB)
    assert (reply.state, reply.images) == (State.COMPLETED, ())


@pytest.mark.parametrize("word", ["succeeded", "success", "Done", "COMPLETE", "finished"])
def test_the_known_words_of_success_are_one(word: str) -> None:
    reply = read_job(told(jobId=JOB, status=word, output={"images": [URL]}), JOB)
    assert (reply.state, reply.images) == (State.COMPLETED, (URL,))


def test_images_of_a_new_word_are_shown_and_what_the_job_was_given_is_not_among_them() -> None:
    given = "https://cdn.discordapp.com/attachments/1/2/mine.png"
    reply = read_job(told(jobId=JOB, status="prêt", images=[given, URL], input={"image_urls": [given]}), JOB)
    assert (reply.state, reply.images) == (State.RUNNING, (URL,))


@pytest.mark.parametrize("place", [0, 1])
def test_of_a_failed_job_with_a_huge_error_the_status_is_read(place: int) -> None:
    trace = {"error": {"trace": 'x " { [ ' * (MAX_BODY // 8)}}
    named = {"jobId": JOB, "status": "failed"}
    body = json.dumps({**trace, **named} if place else {**named, **trace}).encode()
    reply = read_job(Reply(status=200, body=body, flaw=Flaw.TOO_LONG), JOB)
    assert reply.state is State.FAILED


async def test_of_a_failed_job_with_a_huge_error_the_status_is_read_over_http() -> None:
    body = json.dumps({"jobId": JOB, "error": "x" * 3 * MAX_BODY, "status": "failed"}).encode()

    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.reply(body)

    async with raw_server(script) as server, client_of(server.url) as dojo:
        assert (await dojo.job(JOB)).state is State.FAILED


@pytest.mark.parametrize(
    "body", [b"", b"[[[", b'{"a": "b', b'{"a', b'"x": "y"', b"\xff{\x00}", b'{"\\u12": "x"}']
)
def test_what_cannot_be_skimmed_says_nothing(body: bytes) -> None:
    assert skim(body) == {}


def test_skimming_takes_only_the_outermost_texts() -> None:
    body = (
        b'{"a": {"status": "failed"}, "b": ["status", "failed"], "status": "run\\u006eing", "n": 1, "c": "d"'
    )
    assert skim(body) == {"status": "running", "c": "d"}


async def test_a_submission_counts_whose_answer_is_whole_but_for_its_last_chunk() -> None:
    body = json.dumps({"jobId": JOB, "creditCost": 4}).encode()

    async def script(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n")
        await connection.send(f"{len(body):x}\r\n".encode() + body + b"\r\n")

    async with raw_server(script) as server, client_of(server.url) as dojo:
        assert (await dojo.submit("gpt-image-1-5-edit", {"prompt": "x"})).job_id == JOB
        assert (await dojo.job(JOB)).state is State.RUNNING


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_gateways_page_refuses_no_submission(status: int) -> None:
    with pytest.raises(errors.Unanswered):
        read_submitted(Reply(status=status, body=PAGE))


LISTED = {"jobs": [{"jobId": JOB, "status": "pending"}]}


@pytest.mark.parametrize(
    ("more", "query"),
    [
        ({}, None),
        ({"nextCursor": "abc"}, "cursor=abc"),
        ({"pagination": {"next_cursor": "a b"}}, None),
        ({"next": "https://elsewhere.example/api/v1/jobs?cursor=x%2Fy&limit=5"}, "cursor=x%2Fy&limit=5"),
        ({"next": "/api/v1/jobs?page=2"}, "page=2"),
        ({"next": "cur_1"}, "cursor=cur_1"),
        ({"nextPage": 3}, "page=3"),
        ({"page": 1, "hasMore": True}, "page=2"),
        ({"meta": {"page": 4, "has_more": True}}, "page=5"),
        ({"page": 4, "hasMore": False}, None),
        ({"next": None, "hasMore": "yes", "page": "x"}, None),
    ],
)
def test_a_list_says_where_it_goes_on(more: dict[str, Any], query: str | None) -> None:
    assert read_jobs(told(**LISTED, **more)).more == query


async def test_the_next_page_is_asked_of_the_same_address() -> None:
    async def script(connection: Connection) -> None:
        while await connection.request():
            await connection.reply(
                json.dumps({**LISTED, "next": "http://127.0.0.1:1/x?cursor=x%2Fy"}).encode()
            )

    async with raw_server(script) as server, client_of(server.url) as dojo:
        first = await dojo.jobs()
        await dojo.jobs(first.more)
    assert server.requests[1][1].startswith(b"GET /api/v1/jobs?cursor=x%2Fy HTTP/1.1\r\n")


def test_a_list_echoes_what_a_job_was_asked_for() -> None:
    entry = {
        "jobId": JOB,
        "status": "pending",
        "apiId": "m",
        "createdAt": 1_789_819_200,
        "input": {"prompt": "p", "image_urls": [URL], "num_images": 2, "quality": "low", "image_size": 7},
    }
    [reply] = read_jobs(told(jobs=[entry])).jobs
    echo = reply.echo
    assert (echo.prompt, echo.model, echo.created_at) == ("p", "m", 1_789_819_200_000)
    assert (echo.sources, echo.count, echo.options) == ((URL,), 2, {"quality": "low"})
