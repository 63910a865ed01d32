"""Submitting over real HTTP: committed before it leaves, stored before anything else, never repeated."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from domain.entries import EntryKind
from domain.errors import Reason, Refusal
from domain.job import Job, Status
from domain.options import Options
from jobs.intake import Intake
from jobs.scheduling.scheduler import Call
from jobs.submitter import Submitter
from storage.errors import Unusable
from tests.jobs.kit import Kit, until
from tests.storage.rows import an_image

CARD = {"card_id": 77, "card_channel_id": 5}


@dataclass
class Handed:
    """What a submitter handed on."""

    running: list[Job] = field(default_factory=list[Job])
    parked: list[Job] = field(default_factory=list[Job])
    left: list[str] = field(default_factory=list[str])
    requeued: list[Job] = field(default_factory=list[Job])


async def submit(kit: Kit, job_id: str = "i1") -> Handed:
    """Submit a job and wait until nothing is under way any more."""
    handed, projector = Handed(), kit.projector()
    submitter = Submitter(
        tools=kit.tools,
        projector=projector,
        intake=Intake(tools=kit.tools, projector=projector),
        follow_up=kit.follow_up(projector),
        running=handed.running.append,
        parked=handed.parked.append,
        left=handed.left.append,
        requeue=handed.requeued.append,
    )
    await submitter.submit(job_id, await kit.scheduler.permit(Call.SUBMIT))
    tasks = kit.tools.tasks
    await until(lambda: not tasks._shielded and not tasks._free, what="the submission")
    assert kit.scheduler.open == 0, "a permit is still open"
    return handed


async def queued(kit: Kit, **values: Any) -> None:
    url = kit.cdn.url("cat.jpg")
    await kit.put(**{**CARD, "prompt": "black and white", "secret": None, **values})
    await kit.add(an_image(url=url, url_expires_at=kit.clock.now() + 86_400_000, sha256="ab"))


def submissions(kit: Kit) -> list[dict[str, Any]]:
    return [line for line in kit.provider.log if line["method"] == "POST"]


async def test_a_submission_that_is_taken_is_running_under_its_name(kit: Kit) -> None:
    await queued(kit, options=Options(count=2))
    handed = await submit(kit)
    job = await kit.job()
    (theirs,) = kit.provider.control.books()
    assert (job.status, job.provider_job_id) == (Status.RUNNING, theirs["job"])
    assert job.cost == 8_000
    assert [each.id for each in handed.running] == ["i1"]
    assert handed.left == handed.requeued == handed.parked == []
    assert {view.job.status for _, view, _ in kit.stage.brought} <= {Status.SUBMITTING, Status.RUNNING}


async def test_the_body_holds_what_was_asked_and_nothing_else(kit: Kit) -> None:
    await queued(kit, options=Options(quality="low"))
    await submit(kit)
    job = await kit.job()
    (sent,) = submissions(kit)
    assert sent["body"] == {
        "prompt": "black and white",
        "image_urls": [kit.cdn.url("cat.jpg")],
        "quality": "low",
        "webhook_url": f"https://bot.example/hooks/{job.secret}",
    }


async def test_the_row_is_committed_before_the_request_leaves(kit: Kit) -> None:
    await queued(kit)
    kit.provider.control.merge({"next": ["lose_request"]})
    seen: list[Status] = []
    submit_it = kit.tools.client.submit

    async def spying(*given: Any) -> Any:
        seen.append((await kit.job()).status)
        return await submit_it(*given)

    kit.tools.client.submit = spying  # type: ignore[method-assign]
    await submit(kit)
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
    kit: Kit, fault: str
) -> None:
    await queued(kit)
    kit.provider.control.merge({"next": [fault]})
    handed = await submit(kit)
    assert (await kit.job()).status is Status.UNKNOWN
    assert len(submissions(kit)) == 1
    assert [each.id for each in handed.parked] == handed.left == ["i1"]
    assert handed.running == handed.requeued == []
    assert [kind for kind, _, _ in await kit.entries()] == [EntryKind.RESERVE]
    assert kit.stage.brought[-1][1].job.status is Status.UNKNOWN


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
    kit: Kit, switches: dict[str, Any], reason: Reason, warned: list[str]
) -> None:
    await queued(kit)
    kit.provider.control.merge(switches)
    handed = await submit(kit)
    job = await kit.job()
    assert (job.status, job.failure) == (Status.FAILED, reason)
    assert [kind for kind, _, _ in await kit.entries()] == [EntryKind.RESERVE, EntryKind.RELEASE]
    assert handed.left == ["i1"]
    assert [key for key, _ in kit.operator.warned] == warned
    assert kit.provider.control.books() == []


async def test_a_key_that_is_not_accepted_ends_the_job_and_the_operator_hears_of_it(kit: Kit) -> None:
    await queued(kit)
    kit.tools.client._headers["Authorization"] = "Bearer pd_wrong"
    await submit(kit)
    assert (await kit.job()).failure is Reason.INVALID_KEY
    assert [key for key, _ in kit.operator.warned] == ["invalid_key"]


@pytest.mark.parametrize("fault", ["rate_limited", "rate_limited_bare"])
async def test_a_submission_that_met_the_limit_goes_back_to_the_queue(kit: Kit, fault: str) -> None:
    await queued(kit)
    kit.provider.control.merge({"next": [fault]})
    handed = await submit(kit)
    job = await kit.job()
    assert (job.status, job.secret, job.submitted_at) == (Status.QUEUED, None, None)
    assert handed.left == ["i1"]
    assert handed.requeued == [job]
    await submit(kit)
    assert (await kit.job()).status is Status.RUNNING
    assert len(kit.provider.control.books()) == 1


async def test_a_provider_that_cannot_be_reached_is_waited_for(kit: Kit) -> None:
    await queued(kit)
    await kit.provider.close()
    handed = await submit(kit)
    assert (await kit.job()).status is Status.QUEUED
    assert [each.id for each in handed.requeued] == ["i1"]
    assert 5.0 in kit.clock.slept


async def test_a_provider_that_cannot_be_reached_for_long_ends_the_job(kit: Kit) -> None:
    await queued(kit)
    await kit.provider.close()
    kit.clock.jump(601_000)
    await submit(kit)
    assert (await kit.job()).failure is Reason.PROVIDER_TROUBLE


async def test_a_job_that_was_cancelled_meanwhile_is_not_sent(kit: Kit) -> None:
    await queued(kit)
    await kit.database.run(lambda tx: tx.execute("UPDATE jobs SET status = 'cancelled'").fetchall())
    handed = await submit(kit)
    assert handed.left == ["i1"]
    assert submissions(kit) == []


async def test_a_model_that_no_longer_takes_the_job_ends_it_before_anything_is_sent(kit: Kit) -> None:
    await queued(kit, options=Options(fidelity="low"), model="gpt-image-2-edit")
    await submit(kit)
    assert (await kit.job()).failure is Reason.OPTION_UNSUPPORTED
    assert submissions(kit) == []


async def test_a_model_that_changes_in_the_last_moment_ends_the_job_before_anything_is_sent(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    await queued(kit)
    tried: list[str | None] = []

    def changing(_job: Job, _urls: tuple[str, ...], *, webhook_url: str | None) -> dict[str, Any]:
        tried.append(webhook_url)
        if webhook_url is not None:
            raise Refusal(Reason.OPTION_UNSUPPORTED, model="m", option="size")
        return {}

    monkeypatch.setattr(kit.tools.models, "body", changing)
    handed = await submit(kit)
    assert (await kit.job()).failure is Reason.OPTION_UNSUPPORTED
    assert handed.left == ["i1"]
    assert len(tried) == 2
    assert submissions(kit) == []


async def test_sources_that_ran_out_are_published_anew_before_the_submission(kit: Kit) -> None:
    kit.keep(b"x", "ab")
    await kit.put(**CARD, prompt="black and white")
    await kit.add(
        an_image(url="https://cdn/old", url_expires_at=1, sha256="ab", media_type="image/png", size=1)
    )
    await submit(kit)
    (sent,) = submissions(kit)
    assert sent["body"]["image_urls"] == ["https://cdn.discordapp.com/attachments/source-1.png?ex=70000000"]


async def test_a_database_that_fails_before_the_request_puts_the_job_back(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    await queued(kit)
    run, failing = kit.database.run, [Unusable("full")]

    async def full(fn: Any, *args: Any, **kwargs: Any) -> Any:
        if fn.__name__ == "begin_submit" and failing:
            raise failing.pop()
        return await run(fn, *args, **kwargs)

    monkeypatch.setattr(kit.database, "run", full)
    handed = await submit(kit)
    assert submissions(kit) == []
    assert [each.id for each in handed.requeued] == handed.left == ["i1"]
    assert [key for key, _ in kit.operator.warned] == ["storage_full"]


async def test_an_answer_is_stored_however_often_the_disk_has_to_be_asked(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    await queued(kit)
    run, failing = kit.database.run, [Unusable("full")] * 5

    async def full(fn: Any, *args: Any, **kwargs: Any) -> Any:
        if fn.__name__ == "submitted" and failing:
            raise failing.pop()
        return await run(fn, *args, **kwargs)

    monkeypatch.setattr(kit.database, "run", full)
    handed = await submit(kit)
    assert len(submissions(kit)) == 1
    assert (await kit.job()).status is Status.RUNNING
    assert len(handed.running) == 1
