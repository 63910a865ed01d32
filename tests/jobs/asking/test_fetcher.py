"""Fetching results over real HTTP: onto the disk, then charged, then delivered; bad ones cost nothing."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from domain.entries import EntryKind
from domain.errors import Reason
from domain.images import Role
from domain.job import Job, Status
from domain.limits import HOUR
from domain.options import Options
from jobs.asking import fetcher as subject
from jobs.asking.tracker import Answered
from pixeldojo.kinds import State
from pixeldojo.replies import JobReply
from scheduling.durations import Bounds
from storage import facts
from storage.files import Vanished
from tests.jobs.harness import Harness, losing, until
from tests.storage.rows import an_image

CARD = {"card_id": 77, "card_channel_id": 5}
Finished = list[str]


async def completed(
    harness: Harness, *, count: int = 1, fault: str = "ok", **switches: Any
) -> tuple[Job, JobReply]:
    """Let the provider make images, and return the job with its answer."""
    harness.provider.control.merge({"next": [fault], "webhooks": "off", **switches})
    body = {"prompt": "a cat", "num_images": count}
    taken = await harness.parts.outside.client.submit("gpt-image-1-5", body)
    given: dict[str, Any] = {"provider_job_id": taken.job_id, "submitted_at": harness.clock.now()}
    given |= {"cost": taken.credit_cost, "reserved": taken.credit_cost}
    job = await harness.put(status=Status.RUNNING, options=Options(count=count), **CARD, **given)
    await harness.add(an_image(url="https://cdn/source"))
    await until(lambda: harness.provider.control.books()[-1]["status"] == "completed", what="the images")
    reply = await harness.parts.outside.client.job(taken.job_id)
    assert reply.state is State.COMPLETED
    return job, replace(reply, expires_at=harness.clock.now() + HOUR)


async def fetch(harness: Harness, job: Job, reply: JobReply, bounds: Bounds | None = None) -> Finished:
    found = await harness.parts.life._collect(job, Answered(reply, bounds))
    await until(lambda: not harness.parts.tasks._free, what="the card")
    assert harness.incoming() == []
    return [] if found is None else [f"{found[0].id} {len(found[1])}"]


def fetches(harness: Harness) -> int:
    return sum(line["path"].startswith("/temp/") for line in harness.provider.log)


async def test_more_images_than_were_asked_for_are_left_and_stand_in_for_bad_ones(harness: Harness) -> None:
    job, reply = await completed(harness, count=2)
    good, spare = reply.images
    bad = good.replace("/temp/", "/temp/no-such-")
    reply = replace(reply, images=(bad, good, spare, spare))
    await fetch(harness, job, reply)
    results = await harness.images(Role.RESULT)
    assert [image.position for image in results] == [1, 2]
    (charge,) = [spent for kind, _, spent in await harness.entries() if kind == EntryKind.CHARGE]
    assert charge == job.cost


async def test_results_are_on_disk_charged_and_handed_on_byte_for_byte(harness: Harness) -> None:
    job, reply = await completed(harness, count=2)
    assert await fetch(harness, job, reply, Bounds(30.0, 31.5)) == ["i1 3"]
    after = await harness.job()
    assert (after.status, after.charged, after.completed_at) == (
        Status.DELIVERING,
        8_000,
        harness.clock.now(),
    )
    results = await harness.images(Role.RESULT)
    assert [image.name for image in results] == ["darkroom-i1-1.png", "darkroom-i1-2.png"]
    for image, url in zip(results, reply.images, strict=True):
        path = harness.directory / "again"
        again = await harness.parts.outside.client.fetch(url, path, max_bytes=10**7, seconds=5.0)
        assert again.sha256 == image.sha256
        assert harness.parts.files.path(image.sha256 or "").read_bytes() == path.read_bytes()
        assert (image.media_type, image.url) == ("image/png", url)
    (source,) = await harness.images(Role.SOURCE)
    assert source.url is None, "its address is of no more use"
    (took,) = await harness.database.read(facts.durations, limit=9)
    assert (took.low, took.high, took.count) == (30_000, 31_500, 2)


async def test_fetching_twice_charges_once(harness: Harness) -> None:
    job, reply = await completed(harness)
    assert await fetch(harness, job, reply) == ["i1 2"]
    assert await fetch(harness, job, reply) == []
    assert [kind for kind, _, _ in await harness.entries()] == [EntryKind.RESERVE, EntryKind.CHARGE]


UNUSABLE = {
    "missing_result": Reason.RESULT_GONE,
    "forbidden_result": Reason.RESULT_GONE,
    "huge_result": Reason.NO_IMAGES,
    "endless_result": Reason.NO_IMAGES,
    "not_an_image": Reason.NO_IMAGES,
    "image_bomb": Reason.NO_IMAGES,
    "html_result": Reason.NO_IMAGES,
    "redirect_result": Reason.NO_IMAGES,
    "foreign_result": Reason.NO_IMAGES,
}


@pytest.mark.parametrize("fault", UNUSABLE)
async def test_a_result_that_cannot_be_used_costs_nothing(
    harness: Harness, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subject, "MAX_RESULT_BYTES", 300_000)
    job, reply = await completed(harness, fault=fault)
    assert await fetch(harness, job, reply) == []
    after = await harness.job()
    assert (after.status, after.failure) == (Status.FAILED, UNUSABLE[fault])
    assert [kind for kind, _, _ in await harness.entries()] == [EntryKind.RESERVE, EntryKind.RELEASE]
    assert harness.messenger.brought[-1][1].job.status is Status.FAILED


TROUBLE = ["empty_result", "cut_result", "reset_result", "result_500", "result_503", "silent_result"]


@pytest.mark.parametrize("fault", TROUBLE)
async def test_trouble_on_the_way_is_waited_out_until_the_address_ends(
    harness: Harness, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subject, "FETCH_SECONDS", 0.2)
    monkeypatch.setattr(subject, "LEAST_PATIENCE", 10.0)
    job, reply = await completed(harness, fault=fault)
    reply = replace(reply, expires_at=harness.clock.now() + 20_000)
    assert await fetch(harness, job, reply) == []
    assert harness.clock.slept == [2.0, 2.0, 2.0, 3.0, 4.5]
    assert (await harness.job()).failure is Reason.NO_IMAGES


@pytest.mark.parametrize("expires_at", [None, 3_600, "past", "soon"])
@pytest.mark.parametrize(
    "wrong",
    [
        {"status": 503},
        {"status": 404},
        {"status": 200, "body": "<html><title>Just a moment</title></html>"},
        {"action": "not_an_image"},
        {"action": "cut_body"},
    ],
)
async def test_no_stamp_ends_the_patience_with_a_file_that_comes_in_a_while(
    harness: Harness, expires_at: int | str | None, wrong: dict[str, Any]
) -> None:
    job, reply = await completed(harness)
    now = harness.clock.now()
    stamp = {"past": now - HOUR, "soon": now + 1_000, 3_600: 3_600_000}.get(expires_at or "")
    harness.provider.control.merge({"script": [{"path": "^/temp/", "times": 9, **wrong}]})
    assert await fetch(harness, job, replace(reply, expires_at=stamp)) == ["i1 2"]
    assert (await harness.job()).charged == 4_000


async def test_each_further_try_follows_a_fresh_answer(harness: Harness) -> None:
    job, reply = await completed(harness)
    harness.provider.control.merge({"script": [{"path": "^/temp/", "status": 503, "times": 2}]})
    asked = len(harness.provider.log)
    assert await fetch(harness, job, reply) == ["i1 2"]
    paths = [line["path"].split("/")[1] for line in list(harness.provider.log)[asked:]]
    assert paths == ["temp", "api", "temp", "api", "temp"]


async def test_a_job_that_has_failed_after_all_is_not_fetched_any_more(harness: Harness) -> None:
    job, reply = await completed(harness)
    failed = {"jobId": job.provider_job_id, "status": "failed", "error": {"code": "content_policy"}}
    harness.provider.control.merge(
        {"script": [{"path": "^/temp/", "status": 503}, {"path": "/jobs/", "status": 200, "body": failed}]}
    )
    assert await fetch(harness, job, reply) == []
    assert (await harness.job()).failure is Reason.MODERATED
    assert [kind for kind, _, _ in await harness.entries()] == [EntryKind.RESERVE, EntryKind.RELEASE]


async def test_trouble_that_ends_costs_only_time(harness: Harness) -> None:
    job, reply = await completed(harness)
    harness.provider.control.merge({"script": [{"path": "^/temp/", "status": 502, "times": 3}]})
    assert await fetch(harness, job, reply) == ["i1 2"]
    assert harness.clock.slept == [2.0, 2.0, 2.0]
    assert (await harness.job()).charged == 4_000


async def test_a_result_that_is_gone_is_asked_for_once_more(harness: Harness) -> None:
    job, reply = await completed(harness)
    harness.provider.control.merge({"script": [{"path": "^/temp/", "status": 404}]})
    assert await fetch(harness, job, reply) == ["i1 2"]
    assert fetches(harness) == 2
    assert harness.scheduler.open == 0


async def test_fresh_addresses_of_a_second_look_are_used(harness: Harness) -> None:
    job, reply = await completed(harness)
    stale = replace(reply, images=(reply.images[0] + "gone",))
    assert await fetch(harness, job, stale) == ["i1 2"]
    assert (await harness.images(Role.RESULT))[0].url == reply.images[0]


async def test_fresh_addresses_may_come_in_another_order(harness: Harness) -> None:
    job, reply = await completed(harness, count=2)
    first, second = reply.images
    broken = {"path": f"^/temp/{second.rpartition('/temp/')[2]}", "status": 503}
    turned = [f"{url}?signed=anew" for url in (second, first)]
    about = {"jobId": job.provider_job_id, "status": "completed", "output": {"images": turned}}
    harness.provider.control.merge({"script": [broken, {"path": "/jobs/", "status": 200, "body": about}]})
    assert await fetch(harness, job, reply) == ["i1 3"]
    assert len({image.sha256 for image in await harness.images(Role.RESULT)}) == 2


async def test_a_job_that_shows_half_of_its_images_is_asked_about_for_a_moment(harness: Harness) -> None:
    job, reply = await completed(harness, count=2)
    assert await fetch(harness, job, replace(reply, images=reply.images[:1])) == ["i1 3"]
    assert (await harness.job()).charged == 8_000


async def test_fewer_images_than_asked_are_paid_in_proportion(harness: Harness) -> None:
    job, reply = await completed(harness, count=4, fault="fewer_images")
    await fetch(harness, job, reply)
    after = await harness.job()
    given = len(await harness.images(Role.RESULT))
    assert 1 <= given < 4
    assert after.charged == 4_000 * given


async def test_one_result_of_several_that_is_lost_is_not_paid(harness: Harness) -> None:
    job, reply = await completed(harness, count=3)
    urls = list(reply.images)
    gone = {"path": f"^/temp/{urls[1].rpartition('/temp/')[2]}", "status": 404, "times": 99}
    harness.provider.control.merge({"script": [gone]})
    assert await fetch(harness, job, reply) == ["i1 3"]
    assert (await harness.job()).charged == 8_000
    assert [(image.position, image.url) for image in await harness.images(Role.RESULT)] == [
        (1, urls[0]),
        (2, urls[2]),
    ]


async def test_a_disk_that_is_full_for_a_while_costs_only_time_and_the_operator_hears_of_it(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, reply = await completed(harness)
    monkeypatch.setattr(harness.parts.files, "keep", _full(2, harness.parts.files.keep))
    assert await fetch(harness, job, reply) == ["i1 2"]
    assert harness.clock.slept == [2.0, 2.0]
    assert [key for key, _ in harness.operator.warned] == ["storage_full"] * 2


async def test_a_disk_that_stays_full_ends_the_job_when_the_address_does(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, reply = await completed(harness)
    monkeypatch.setattr(harness.parts.files, "keep", _full(99, harness.parts.files.keep))
    assert await fetch(harness, job, reply) == []
    assert (await harness.job()).status is Status.FAILED
    assert [kind for kind, _, _ in await harness.entries()] == [EntryKind.RESERVE, EntryKind.RELEASE]


def _full(times: int, keep: Callable[..., Any]) -> Callable[..., Any]:
    left = [OSError(28, "No space left on device")] * times

    def keeping(*given: Any) -> Any:
        if left:
            raise left.pop()
        return keep(*given)

    return keeping


async def test_a_lower_price_at_the_end_is_taken_as_it_is(harness: Harness) -> None:
    job, reply = await completed(harness)
    await fetch(harness, job, replace(reply, credit_cost=3_500))
    assert (await harness.job()).charged == 3_500
    assert harness.operator.warned == []


async def test_a_higher_price_at_the_end_is_the_operators_to_know(harness: Harness) -> None:
    job, reply = await completed(harness)
    await fetch(harness, job, replace(reply, credit_cost=400_000_000))
    after = await harness.job()
    assert (after.charged, after.cost, after.billed) == (4_000, 4_000, 400_000_000)
    assert [key for key, _ in harness.operator.warned] == ["billed_beyond"]


async def test_a_job_that_failed_meanwhile_is_not_charged(harness: Harness) -> None:
    job, reply = await completed(harness)
    await harness.database.run(lambda tx: tx.execute("UPDATE jobs SET status = 'failed'").fetchall())
    assert await fetch(harness, job, reply) == []
    assert [kind for kind, _, _ in await harness.entries()] == [EntryKind.RESERVE]


async def test_a_result_whose_file_went_just_before_its_row_is_not_charged_and_fetched_again(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another job with the same result was deleted in between."""
    job, reply = await completed(harness)
    with monkeypatch.context() as patch:
        patch.setattr(harness.parts.files, "keep", losing(harness.parts.files))
        with pytest.raises(Vanished):
            await fetch(harness, job, reply)
    assert (await harness.job()).status is Status.RUNNING
    assert await fetch(harness, job, reply) == ["i1 2"]
