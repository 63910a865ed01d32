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
from jobs import fetcher as subject
from jobs.fetcher import Fetcher
from jobs.files import Vanished
from jobs.scheduling.durations import Bounds
from pixeldojo.kinds import State
from pixeldojo.replies import JobReply
from storage import facts
from tests.jobs.kit import Kit, losing, until
from tests.storage.rows import an_image

CARD = {"card_id": 77, "card_channel_id": 5}
Finished = list[str]


async def completed(kit: Kit, *, count: int = 1, fault: str = "ok", **switches: Any) -> tuple[Job, JobReply]:
    """Let the provider make images, and return the job with its answer."""
    kit.provider.control.merge({"next": [fault], "webhooks": "off", **switches})
    body = {"prompt": "a cat", "num_images": count}
    taken = await kit.tools.client.submit("gpt-image-1-5", body)
    given: dict[str, Any] = {"provider_job_id": taken.job_id, "submitted_at": kit.clock.now()}
    given |= {"cost": taken.credit_cost, "reserved": taken.credit_cost}
    job = await kit.put(status=Status.RUNNING, options=Options(count=count), **CARD, **given)
    await kit.add(an_image(url="https://cdn/source"))
    await until(lambda: kit.provider.control.books()[-1]["status"] == "completed", what="the images")
    reply = await kit.tools.client.job(taken.job_id)
    assert reply.state is State.COMPLETED
    return job, replace(reply, expires_at=kit.clock.now() + HOUR)


async def fetch(kit: Kit, job: Job, reply: JobReply, bounds: Bounds | None = None) -> Finished:
    finished: Finished = []
    projector = kit.projector()
    worker = Fetcher(
        tools=kit.tools,
        projector=projector,
        follow_up=kit.follow_up(projector),
        finished=lambda job_id, found: finished.append(f"{job_id} {len(found[1])}"),
    )
    await worker.fetch(job, reply, bounds)
    await until(lambda: not kit.tools.tasks._free, what="the card")
    assert kit.incoming() == []
    return finished


def fetches(kit: Kit) -> int:
    return sum(line["path"].startswith("/temp/") for line in kit.provider.log)


async def test_results_are_on_disk_charged_and_handed_on_byte_for_byte(kit: Kit) -> None:
    job, reply = await completed(kit, count=2)
    assert await fetch(kit, job, reply, Bounds(30.0, 31.5)) == ["i1 3"]
    after = await kit.job()
    assert (after.status, after.charged, after.completed_at) == (Status.DELIVERING, 8_000, kit.clock.now())
    results = await kit.images(Role.RESULT)
    assert [image.name for image in results] == ["darkroom-i1-1.png", "darkroom-i1-2.png"]
    for image, url in zip(results, reply.images, strict=True):
        path = kit.directory / "again"
        again = await kit.tools.client.fetch(url, path, max_bytes=10**7, seconds=5.0)
        assert again.sha256 == image.sha256
        assert kit.tools.files.path(image.sha256 or "").read_bytes() == path.read_bytes()
        assert (image.media_type, image.url) == ("image/png", url)
    (source,) = await kit.images(Role.SOURCE)
    assert source.url is None, "its address is of no more use"
    (took,) = await kit.database.read(facts.durations, limit=9)
    assert (took.low, took.high, took.count) == (30_000, 31_500, 2)


async def test_fetching_twice_charges_once(kit: Kit) -> None:
    job, reply = await completed(kit)
    assert await fetch(kit, job, reply) == ["i1 2"]
    assert await fetch(kit, job, reply) == []
    assert [kind for kind, _, _ in await kit.entries()] == [EntryKind.RESERVE, EntryKind.CHARGE]


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
    kit: Kit, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subject, "MAX_RESULT_BYTES", 300_000)
    job, reply = await completed(kit, fault=fault)
    assert await fetch(kit, job, reply) == []
    after = await kit.job()
    assert (after.status, after.failure) == (Status.FAILED, UNUSABLE[fault])
    assert [kind for kind, _, _ in await kit.entries()] == [EntryKind.RESERVE, EntryKind.RELEASE]
    assert kit.stage.brought[-1][1].job.status is Status.FAILED


TROUBLE = ["empty_result", "cut_result", "reset_result", "result_500", "result_503", "silent_result"]


@pytest.mark.parametrize("fault", TROUBLE)
async def test_trouble_on_the_way_is_waited_out_until_the_address_ends(
    kit: Kit, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subject, "FETCH_SECONDS", 0.2)
    job, reply = await completed(kit, fault=fault)
    reply = replace(reply, expires_at=kit.clock.now() + 100_000)
    assert await fetch(kit, job, reply) == []
    assert kit.clock.slept == [1.0, 5.0, 15.0, 60.0]
    assert (await kit.job()).failure is Reason.NO_IMAGES


async def test_trouble_that_ends_costs_only_time(kit: Kit) -> None:
    job, reply = await completed(kit)
    kit.provider.control.merge({"script": [{"path": "^/temp/", "status": 502, "times": 3}]})
    assert await fetch(kit, job, reply) == ["i1 2"]
    assert kit.clock.slept == [1.0, 5.0, 15.0]
    assert (await kit.job()).charged == 4_000


async def test_a_result_that_is_gone_is_asked_for_once_more(kit: Kit) -> None:
    job, reply = await completed(kit)
    kit.provider.control.merge({"script": [{"path": "^/temp/", "status": 404}]})
    assert await fetch(kit, job, reply) == ["i1 2"]
    assert fetches(kit) == 2
    assert kit.scheduler.open == 0


async def test_fresh_addresses_of_a_second_look_are_used(kit: Kit) -> None:
    job, reply = await completed(kit)
    stale = replace(reply, images=(reply.images[0] + "gone",))
    assert await fetch(kit, job, stale) == ["i1 2"]
    assert (await kit.images(Role.RESULT))[0].url == reply.images[0]


async def test_fewer_images_than_asked_are_paid_in_proportion(kit: Kit) -> None:
    job, reply = await completed(kit, count=4, fault="fewer_images")
    await fetch(kit, job, reply)
    after = await kit.job()
    given = len(await kit.images(Role.RESULT))
    assert 1 <= given < 4
    assert after.charged == 4_000 * given


async def test_one_result_of_several_that_is_lost_is_not_paid(kit: Kit) -> None:
    job, reply = await completed(kit, count=3)
    urls = list(reply.images)
    gone = {"path": f"^/temp/{urls[1].rpartition('/temp/')[2]}", "status": 404, "times": 9}
    kit.provider.control.merge({"script": [gone]})
    assert await fetch(kit, job, reply) == ["i1 3"]
    assert (await kit.job()).charged == 8_000
    assert [(image.position, image.url) for image in await kit.images(Role.RESULT)] == [
        (1, urls[0]),
        (2, urls[2]),
    ]


async def test_a_disk_that_is_full_for_a_while_costs_only_time_and_the_operator_hears_of_it(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, reply = await completed(kit)
    monkeypatch.setattr(kit.tools.files, "keep", _full(2, kit.tools.files.keep))
    assert await fetch(kit, job, reply) == ["i1 2"]
    assert kit.clock.slept == [300.0, 300.0]
    assert [key for key, _ in kit.operator.warned] == ["storage_full"] * 2


async def test_a_disk_that_stays_full_ends_the_job_when_the_address_does(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, reply = await completed(kit)
    monkeypatch.setattr(kit.tools.files, "keep", _full(99, kit.tools.files.keep))
    assert await fetch(kit, job, reply) == []
    assert (await kit.job()).status is Status.FAILED
    assert [kind for kind, _, _ in await kit.entries()] == [EntryKind.RESERVE, EntryKind.RELEASE]


def _full(times: int, keep: Callable[..., Any]) -> Callable[..., Any]:
    left = [OSError(28, "No space left on device")] * times

    def keeping(*given: Any) -> Any:
        if left:
            raise left.pop()
        return keep(*given)

    return keeping


async def test_a_lower_price_at_the_end_is_taken_as_it_is(kit: Kit) -> None:
    job, reply = await completed(kit)
    await fetch(kit, job, replace(reply, credit_cost=3_500))
    assert (await kit.job()).charged == 3_500
    assert kit.operator.warned == []


async def test_a_higher_price_at_the_end_is_the_operators_to_know(kit: Kit) -> None:
    job, reply = await completed(kit)
    await fetch(kit, job, replace(reply, credit_cost=400_000_000))
    after = await kit.job()
    assert (after.charged, after.cost, after.billed) == (4_000, 4_000, 400_000_000)
    assert [key for key, _ in kit.operator.warned] == ["billed_beyond"]


async def test_a_job_that_failed_meanwhile_is_not_charged(kit: Kit) -> None:
    job, reply = await completed(kit)
    await kit.database.run(lambda tx: tx.execute("UPDATE jobs SET status = 'failed'").fetchall())
    assert await fetch(kit, job, reply) == []
    assert [kind for kind, _, _ in await kit.entries()] == [EntryKind.RESERVE]


async def test_a_result_whose_file_went_just_before_its_row_is_not_charged_and_fetched_again(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another job with the same result was deleted in between."""
    job, reply = await completed(kit)
    with monkeypatch.context() as patch:
        patch.setattr(kit.tools.files, "keep", losing(kit.tools.files))
        with pytest.raises(Vanished):
            await fetch(kit, job, reply)
    assert (await kit.job()).status is Status.RUNNING
    assert await fetch(kit, job, reply) == ["i1 2"]
