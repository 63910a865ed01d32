"""Submitting over real HTTP: committed before it leaves, stored before anything else, never repeated."""

import asyncio
from typing import Any

import pytest

from domain.entries import EntryKind
from domain.errors import Reason, Refusal
from domain.job import Job, Status
from domain.options import Options
from jobs.submitter import PATIENCE
from scheduling.scheduler import Call
from storage.errors import Unusable
from tests.clock import START
from tests.jobs.harness import Harness, until
from tests.pictures.material import png
from tests.storage.rows import an_image

CARD = {"card_id": 77, "card_channel_id": 5}


async def submit(harness: Harness, job_id: str = "i1") -> Job | None:
    """Submit a job whose turn it is; return it if the provider took it. Nothing is under way any more then."""
    turn = asyncio.create_task(harness.parts.submitter.submit(await harness.job(job_id)))
    await asyncio.sleep(0)
    harness.parts.slots.serve(await harness.scheduler.permit(Call.SUBMIT))
    try:
        found = await turn
    finally:
        await until(lambda: not harness.parts.tasks._free, what="the card")
        assert not harness.parts.tasks._shielded
        assert harness.scheduler.open == 0, "a permit is still open"
    assert len(harness.parts.slots.held()) == (found is not None), "a slot is held by a job that was taken"
    return None if found is None else found[0]


async def queued(harness: Harness, **values: Any) -> None:
    url = harness.cdn.url("cat.jpg")
    await harness.put(**{**CARD, "prompt": "black and white", "secret": None, **values})
    await harness.add(an_image(url=url, url_expires_at=harness.clock.now() + 86_400_000, sha256="ab"))


def submissions(harness: Harness) -> list[dict[str, Any]]:
    return [line for line in harness.provider.log if line["method"] == "POST"]


async def test_a_submission_that_is_taken_is_running_under_its_name(harness: Harness) -> None:
    await queued(harness, options=Options(count=2))
    handed = await submit(harness)
    job = await harness.job()
    (theirs,) = harness.provider.control.books()
    assert (job.status, job.provider_job_id) == (Status.RUNNING, theirs["job"])
    assert job.cost == 8_000
    assert handed == job
    assert {view.job.status for _, view, _ in harness.messenger.brought} <= {
        Status.SUBMITTING,
        Status.RUNNING,
    }


async def test_the_body_holds_what_was_asked_and_nothing_else(harness: Harness) -> None:
    await queued(harness, options=Options(quality="low"))
    await submit(harness)
    job = await harness.job()
    (sent,) = submissions(harness)
    assert sent["body"] == {
        "prompt": "black and white",
        "image_urls": [harness.cdn.url("cat.jpg")],
        "quality": "low",
        "webhook_url": f"https://bot.example/hooks/{job.secret}",
    }


async def test_the_row_is_committed_before_the_request_leaves(harness: Harness) -> None:
    await queued(harness)
    harness.provider.control.merge({"next": ["lose_request"]})
    seen: list[Status] = []
    submit_it = harness.parts.outside.client.submit

    async def spying(*given: Any) -> Any:
        seen.append((await harness.job()).status)
        return await submit_it(*given)

    harness.parts.outside.client.submit = spying  # type: ignore[method-assign]
    await submit(harness)
    assert seen == [Status.SUBMITTING]


UNANSWERED = [
    "lose_request",
    "lose_reply",
    "cut_reply",
    "empty_reply",
    "html_reply",
    "wrong_json",
    "truncated_json",
    "error_500",
    "error_502",
    "error_503",
    "booked_500",
    "booked_504",
]


@pytest.mark.parametrize("fault", UNANSWERED)
async def test_a_submission_without_a_clear_answer_is_parked_and_never_sent_again(
    harness: Harness, fault: str
) -> None:
    await queued(harness)
    harness.provider.control.merge({"next": [fault]})
    handed = await submit(harness)
    assert (await harness.job()).status is Status.UNKNOWN
    assert len(submissions(harness)) == 1
    assert handed is None
    assert [kind for kind, _, _ in await harness.entries()] == [EntryKind.RESERVE]
    assert harness.messenger.brought[-1][1].job.status is Status.UNKNOWN


@pytest.mark.parametrize(
    ("switches", "reason", "warned"),
    [
        ({"next": ["refuse"]}, Reason.MODERATED, []),
        ({"balance": 0}, Reason.OUT_OF_CREDITS, ["out_of_credits"]),
        ({"balance": 0, "no_credits_status": 403}, Reason.OUT_OF_CREDITS, ["out_of_credits"]),
        ({"next": ["model_gone"]}, Reason.MODEL_GONE, ["model_gone"]),
        ({"blocked_words": ["white"], "error_shape": "html"}, Reason.BAD_INPUT, []),
    ],
)
async def test_a_refusal_ends_the_job_at_no_cost_with_its_reason(
    harness: Harness, switches: dict[str, Any], reason: Reason, warned: list[str]
) -> None:
    await queued(harness)
    harness.provider.control.merge(switches)
    handed = await submit(harness)
    job = await harness.job()
    assert (job.status, job.failure) == (Status.FAILED, reason)
    assert [kind for kind, _, _ in await harness.entries()] == [EntryKind.RESERVE, EntryKind.RELEASE]
    assert handed is None
    assert [key for key, _ in harness.operator.warned] == warned
    assert harness.provider.control.books() == []


async def test_a_body_that_a_changed_model_refuses_is_the_last_of_its_kind(harness: Harness) -> None:
    await harness.parts.models.refresh()
    changed = {
        "apiId": "gpt-image-2-edit",
        "requestSchema": {
            "properties": {
                "prompt": {"type": "string"},
                "images": {"type": "array", "items": {"type": "string"}},
            },
            "required": ["prompt", "images"],
        },
    }
    described = {"method": "GET", "path": "/models/gpt-image-2-edit$", "status": 200, "body": changed}
    refused = {
        "method": "POST",
        "path": "/run$",
        "status": 400,
        "body": {"error": {"code": "invalid_request"}},
    }
    harness.provider.control.merge({"script": [described, refused]})
    await queued(harness, model="gpt-image-2-edit")
    await submit(harness)
    job = await harness.job()
    assert job.failure is Reason.BAD_INPUT
    asked = harness.parts.models.body(job, ("https://a",), mask=None, webhook_url=None)
    assert asked == {"prompt": "black and white", "images": ["https://a"]}
    # Another refusal right after it asks nothing.
    looks = len(harness.provider.log)
    await harness.parts.models.look_again("gpt-image-2-edit")
    assert len(harness.provider.log) == looks


async def test_a_key_that_is_not_accepted_ends_the_job_and_the_operator_hears_of_it(harness: Harness) -> None:
    await queued(harness)
    harness.parts.outside.client._headers["Authorization"] = "Bearer pd_wrong"
    await submit(harness)
    assert (await harness.job()).failure is Reason.INVALID_KEY
    assert [key for key, _ in harness.operator.warned] == ["invalid_key"]


@pytest.mark.parametrize("fault", ["rate_limited", "rate_limited_bare"])
async def test_a_submission_that_met_the_limit_goes_back_to_the_queue(harness: Harness, fault: str) -> None:
    await queued(harness)
    harness.provider.control.merge({"next": [fault]})
    handed = await submit(harness)
    job = await harness.job()
    assert (job.status, job.secret, job.submitted_at) == (Status.QUEUED, None, None)
    assert handed is None
    await submit(harness)
    assert (await harness.job()).status is Status.RUNNING
    assert len(harness.provider.control.books()) == 1


async def test_a_provider_that_cannot_be_reached_is_waited_for(harness: Harness) -> None:
    await queued(harness)
    await harness.provider.close()
    handed = await submit(harness)
    assert (await harness.job()).status is Status.QUEUED
    assert handed is None
    assert 5.0 in harness.clock.slept


async def test_a_provider_that_cannot_be_reached_for_long_ends_the_job(harness: Harness) -> None:
    await queued(harness)
    await harness.provider.close()
    harness.clock.jump(601_000)
    await submit(harness)
    assert (await harness.job()).status is Status.QUEUED, "a wall clock that jumps is no patience"
    await harness.clock.sleep(601.0)
    await submit(harness)
    assert (await harness.job()).failure is Reason.PROVIDER_TROUBLE


async def test_the_time_that_a_database_is_away_is_not_the_providers(harness: Harness) -> None:
    await queued(harness)
    await harness.provider.close()
    run, began = harness.database.run_unfenced, harness.clock.monotonic()

    async def away(fn: Any, *given: Any, **named: Any) -> Any:
        if harness.clock.monotonic() < began + PATIENCE + 60.0:
            raise Unusable("It is away.")
        return await run(fn, *given, **named)

    harness.database.run_unfenced = away  # type: ignore[method-assign]
    await submit(harness)
    assert harness.clock.monotonic() > began + PATIENCE
    assert (await harness.job()).status is Status.QUEUED, "it was tried once"


async def test_of_two_submissions_with_one_name_the_second_is_unknown_and_the_operator_told(
    harness: Harness,
) -> None:
    await harness.put("i0", status=Status.RUNNING, provider_job_id="twice", submitted_at=START)
    await queued(harness)
    body = {"jobId": "twice", "status": "pending", "creditCost": 4, "creditsRemaining": 90}
    harness.provider.control.merge({"script": [{"method": "POST", "status": 202, "body": body}]})
    assert await submit(harness) is None
    job = await harness.job()
    assert (job.status, job.provider_job_id) == (Status.UNKNOWN, None)
    assert [key for key, _ in harness.operator.warned] == ["same_name"]
    assert list(harness.parts.slots.held()) == []
    await until(lambda: harness.messenger.brought, what="the card")
    assert harness.messenger.brought[-1][1].job.status is Status.UNKNOWN
    assert [kind for kind, _, _ in await harness.entries()] == [EntryKind.RESERVE] * 2
    said = await harness.database.read(
        lambda tx: tx.execute("SELECT cost, remaining FROM balances").fetchall()
    )
    assert [tuple(row) for row in said] == [(None, 90_000)], "what is said of another job is not its cost"


async def test_a_job_that_was_cancelled_meanwhile_is_not_sent(harness: Harness) -> None:
    await queued(harness)
    await harness.database.run(lambda tx: tx.execute("UPDATE jobs SET status = 'cancelled'").fetchall())
    handed = await submit(harness)
    assert handed is None
    assert submissions(harness) == []


async def test_a_model_that_no_longer_takes_the_job_ends_it_before_anything_is_sent(harness: Harness) -> None:
    await queued(harness, options=Options(fidelity="low"), model="gpt-image-2-edit")
    await submit(harness)
    assert (await harness.job()).failure is Reason.OPTION_UNSUPPORTED
    assert submissions(harness) == []


async def test_a_model_that_changes_in_the_last_moment_ends_the_job_before_anything_is_sent(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    await queued(harness)
    tried: list[str | None] = []

    def changing(
        _job: Job, _urls: tuple[str, ...], *, mask: str | None, webhook_url: str | None
    ) -> dict[str, Any]:
        tried.append(webhook_url)
        if webhook_url is not None:
            raise Refusal(Reason.OPTION_UNSUPPORTED, model="m", option="size")
        return {}

    monkeypatch.setattr(harness.parts.models, "body", changing)
    handed = await submit(harness)
    assert (await harness.job()).failure is Reason.OPTION_UNSUPPORTED
    assert handed is None
    assert len(tried) == 2
    assert submissions(harness) == []


async def test_sources_that_ran_out_are_published_anew_before_the_submission(harness: Harness) -> None:
    harness.keep(png(), "ab")
    await harness.put(**CARD, prompt="black and white")
    await harness.add(
        an_image(url="https://cdn/old", url_expires_at=1, sha256="ab", media_type="image/png", size=1)
    )
    await submit(harness)
    (sent,) = submissions(harness)
    assert sent["body"]["image_urls"] == ["https://cdn.discordapp.com/attachments/source-1.png?ex=70000000"]


async def test_a_database_that_fails_before_the_request_puts_the_job_back(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    await queued(harness)
    run, failing = harness.database.run, [Unusable("full")]

    async def full(fn: Any, *args: Any, **kwargs: Any) -> Any:
        if fn.__name__ == "begin_submit" and failing:
            raise failing.pop()
        return await run(fn, *args, **kwargs)

    monkeypatch.setattr(harness.database, "run", full)
    with pytest.raises(Unusable):
        await submit(harness)
    assert submissions(harness) == []
    assert (await harness.job()).status is Status.QUEUED
    assert [key for key, _ in harness.operator.warned] == ["database_unusable"]


async def test_an_answer_is_stored_however_often_the_disk_has_to_be_asked(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    await queued(harness)
    run, failing = harness.database.run, [Unusable("full")] * 5

    async def full(fn: Any, *args: Any, **kwargs: Any) -> Any:
        if fn.__name__ == "submitted" and failing:
            raise failing.pop()
        return await run(fn, *args, **kwargs)

    monkeypatch.setattr(harness.database, "run", full)
    handed = await submit(harness)
    assert len(submissions(harness)) == 1
    assert (await harness.job()).status is Status.RUNNING
    assert handed is not None
