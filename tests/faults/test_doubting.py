"""A provider that says no and does not mean it: what it keeps credits for reaches its member all the same."""

import json
from collections.abc import AsyncGenerator, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.e2e.member import Member
from tests.faults.conftest import Join
from tests.faults.fast_world import FREE, HELD, PAID, Case, FastWorld, ask_for, until

Line = dict[str, Any]
MIB = 1024 * 1024
HTML = "<html><title>404 Not Found</title></html>"
GONE = {"error": {"code": "job_not_found", "message": "No such job."}}
URL = "https://temp.pixeldojo.ai/never-asked.png"
AWAY: Line = {"path": "/api/v1/jobs", "status": 503, "times": 10**6}
DOUBTS: Mapping[str, Callable[[str], list[Line]]] = {
    "html_404_for_a_while": lambda _: [{"status": 404, "body": HTML, "times": 6}],
    "visible_after_a_while": lambda _: [{"status": 404, "body": GONE, "times": 4}],
    "an_error_without_its_name": lambda _: [
        {"status": 200, "body": {"status": "error", "message": "Internal error"}}
    ],
    "completed_before_its_output": lambda job: [
        {"status": 200, "body": {"jobId": job, "status": "completed"}}
    ],
    "another_jobs_failure": lambda _: [{"status": 200, "body": {"jobId": "another", "status": "failed"}}],
    "moved": lambda _: [{"status": 301, "headers": {"Location": "/elsewhere"}}],
}
"""What is said of a job that has made its images, before the truth."""
FILES: Mapping[str, Line] = {
    "a_file_of_html": {"status": 200, "body": HTML},
    "a_truncated_file": {"action": "cut_body"},
    "a_file_that_is_away": {"status": 503},
}
STAMPS: Mapping[str, Any] = {"a_past_stamp": "2020-01-01T00:00:00Z", "a_stamp_of_seconds": 3600}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def doubted(
    shared_world: FastWorld, troupe: Join, small: Path
) -> AsyncGenerator[tuple[Member, Mapping[str, Case]]]:
    """One job for each doubt: it is asked about again, and its file fetched again."""
    world, ann = shared_world, await troupe()
    world.switch(always="stuck", list_shape="missing", webhooks="off")
    names = [*DOUBTS, *FILES, *STAMPS]
    listed = await ask_for(ann, [f"doubt {number}" for number in range(len(names))], small)
    cases = dict(zip(names, listed, strict=True))
    for case in listed:
        await world.status(case.card, "running")
    ids = {name: world.job(case.card)["provider_job_id"] for name, case in cases.items()}
    lines = [
        {"path": f"/jobs/{ids[name]}$", **line} for name, doubt in DOUBTS.items() for line in doubt(ids[name])
    ]
    world.switch(always=None, script=[AWAY])
    await world.finish()
    for case in listed:
        await images_of(world, case)
    files = [{"path": path_of(world, cases[name]), **line} for name, line in FILES.items()]
    files += [{"path": path_of(world, cases[name]), "status": 503} for name in STAMPS]
    for name, stamp in STAMPS.items():
        urls = world.job_at_provider(cases[name].prompt)["results"]
        body = {"jobId": ids[name], "status": "completed", "output": {"images": urls}, "expiresAt": stamp}
        files.append({"path": f"/jobs/{ids[name]}$", "status": 200, "body": body, "times": 99})
    world.switch(script=[*lines, *files])
    yield ann, cases


async def images_of(world: FastWorld, case: Case) -> list[str]:
    """Wait until the provider has a job's images; return their addresses."""
    await until(lambda: bool(world.job_at_provider(case.prompt)["results"]), what=lambda: "the images")
    return list(world.job_at_provider(case.prompt)["results"])


def path_of(world: FastWorld, case: Case) -> str:
    [url] = world.job_at_provider(case.prompt)["results"]
    return url.removeprefix(world.provider.origin)


@pytest.mark.parametrize("doubt", [*DOUBTS, *FILES, *STAMPS])
async def test_what_is_not_said_of_the_job_in_its_name_is_asked_about_again(
    shared_world: FastWorld, doubted: tuple[Member, Mapping[str, Case]], doubt: str
) -> None:
    ann, cases = doubted
    done = await ann.sees(cases[doubt].card, "Done · 4 credits")
    assert shared_world.results_on(done) == await shared_world.provider_results(cases[doubt].prompt)
    assert shared_world.entries(cases[doubt].card) == PAID


async def test_six_running_jobs_outlive_forty_seconds_of_a_gateways_404(
    world: FastWorld, ann: Member, small: Path
) -> None:
    world.switch(always="stuck", webhooks="off")
    cases = await ask_for(ann, [f"behind a gateway {number}" for number in range(6)], small)
    for case in cases:
        await world.status(case.card, "running")
    before = len(world.provider.log)
    world.switch(always=None, script=[{"path": "/api/v1/", "status": 404, "body": HTML, "times": 10**6}])
    await world.finish()
    await until(
        lambda: sum("/jobs/" in each["path"] for each in list(world.provider.log)[before:]) >= 24,
        what=lambda: "four questions about each",
    )
    assert [world.job(case.card)["status"] for case in cases] == ["running"] * 6
    world.switch(script=[])
    for case in cases:
        await ann.sees(case.card, "Done · 4 credits")
        assert world.entries(case.card) == PAID


@pytest.mark.parametrize("word", ["succeeded", "done"])
async def test_a_word_of_success_that_is_not_documented_is_one(
    world: FastWorld, ann: Member, small: Path, word: str
) -> None:
    world.switch(next=["stuck"])
    [case] = await ask_for(ann, [f"it has {word}"], small)
    job = (await world.status(case.card, "running"))["provider_job_id"]
    world.switch(script=[AWAY])
    await world.finish()
    urls = await images_of(world, case)
    said = {"jobId": job, "status": word, "output": {"images": urls}}
    world.switch(script=[{"path": f"/jobs/{job}$", "status": 200, "body": said, "times": 99}])
    await ann.sees(case.card, "Done · 4 credits")
    assert world.entries(case.card) == PAID


async def test_a_failed_job_with_an_error_of_megabytes_has_failed(
    world: FastWorld, ann: Member, small: Path
) -> None:
    world.switch(next=["stuck"])
    [case] = await ask_for(ann, ["fails at length"], small)
    job = (await world.status(case.card, "running"))["provider_job_id"]
    said = {"error": "x" * 2 * MIB, "jobId": job, "status": "failed"}
    world.switch(script=[{"path": f"/jobs/{job}$", "status": 200, "body": said, "times": 99}])
    await ann.sees(case.card, "Failed", "The image service had a problem.", "You were not charged.")
    assert world.entries(case.card) == FREE


@pytest.mark.parametrize("status", ["301", "307", "308", "409", "418", "425"])
async def test_a_status_that_refuses_nothing_is_no_bad_input_and_never_sent_again(
    world: FastWorld, ann: Member, small: Path, status: str
) -> None:
    body = {"error": {"code": "odd", "message": "invalid request"}}
    world.switch(script=[{"method": "POST", "status": int(status), "body": body}])
    [case] = await ask_for(ann, [f"odd status {status}"], small)
    await case.said(ann, "Contact lost")
    assert world.entries(case.card) == HELD
    assert len([each for each in world.provider.log if case.prompt in json.dumps(each.get("body"))]) == 1
    world.age(case.card, 25 * 3_600_000)
    await ann.sees(case.card, "Failed", "no image came within a day")


async def test_a_submission_counts_whose_answer_lacks_only_its_last_chunk(
    world: FastWorld, ann: Member, small: Path
) -> None:
    world.switch(next=["unfinished_reply"])
    [case] = await ask_for(ann, ["the last chunk is missing"], small)
    await ann.sees(case.card, "Done · 4 credits")
    assert "Contact lost" not in case.titles(ann)


async def test_a_submission_that_is_answered_after_35_seconds_is_waited_for(
    world: FastWorld, ann: Member, small: Path
) -> None:
    world.switch(script=[{"method": "POST", "delay": 35 / 30}])
    [case] = await ask_for(ann, ["after 35 seconds"], small)
    await ann.sees(case.card, "Done · 4 credits")
    assert "Contact lost" not in case.titles(ann)


async def test_of_two_submissions_with_one_job_id_the_second_is_unknown(
    world: FastWorld, ann: Member, small: Path
) -> None:
    world.switch(next=["stuck"])
    [first] = await ask_for(ann, ["the first of one name"], small)
    job = (await world.status(first.card, "running"))["provider_job_id"]
    said = {"jobId": job, "status": "pending", "creditCost": 4}
    world.switch(script=[{"method": "POST", "status": 202, "body": said}])
    [second] = await ask_for(ann, ["the second of one name"], small)
    await second.said(ann, "Contact lost")
    await world.logged("answered two submissions with the same job id")
    assert world.job(first.card)["status"] == "running"
    await world.finish()
    await ann.sees(first.card, "Done · 4 credits")
    assert world.entries(second.card) == HELD
    world.age(second.card, 25 * 3_600_000)
    await ann.sees(second.card, "Failed", "no image came within a day")
    assert world.entries(second.card) == FREE
