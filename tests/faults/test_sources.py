"""A CDN that misbehaves when a source is fetched: the card goes, the reason is said, nothing is charged."""

import os
import signal
import sys
from pathlib import Path

import pytest

from tests.e2e.member import Member
from tests.faults.fast_world import FREE, HELD, PAID, FastWorld, ask_for, until


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (404, "is no longer there. Attach it again. You were not charged."),
        (403, "is no longer there. Attach it again. You were not charged."),
        (500, "could not be fetched from Discord. Try again. You were not charged."),
        (429, "could not be fetched from Discord. Try again. You were not charged."),
    ],
)
async def test_a_source_that_cannot_be_had_ends_the_job(
    world: FastWorld, ann: Member, small: Path, status: int, sentence: str
) -> None:
    world.faults(cdn_status=status)
    [case] = await ask_for(ann, [f"the CDN says {status}"], small)
    await ann.whisper(sentence)
    await ann.gone(case.card)
    [job] = world.jobs_of(ann)
    rows = world.query("SELECT kind, held, spent FROM entries WHERE job_id = ? ORDER BY id", job["id"])
    assert [tuple(row) for row in rows] == FREE
    assert world.bodies(case.prompt) == []


async def test_a_slow_cdn_is_waited_for_and_the_card_is_there_at_once(
    world: FastWorld, ann: Member, small: Path
) -> None:
    world.faults(cdn_delay=1.0)
    [case] = await ask_for(ann, ["a slow CDN"], small)
    assert world.entries(case.card) == HELD
    assert world.bodies(case.prompt) == []
    await ann.sees(case.card, "Done · 4 credits")
    assert world.entries(case.card) == PAID


@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's /proc")
async def test_a_picture_process_that_is_killed_at_its_work_is_replaced(
    world: FastWorld, ann: Member, small: Path
) -> None:
    await world.finished(ann, "before", small)
    at_work = world.children()
    for child in at_work:
        os.kill(int(child.name), signal.SIGSTOP)
    [case] = await ask_for(ann, ["meanwhile"], small)
    await until(
        lambda: any(file.stat().st_size for file in (world.data / "incoming").glob("*/*")),
        what=lambda: "the source has arrived",
    )
    assert world.entries(case.card) == HELD
    for child in at_work:
        os.kill(int(child.name), signal.SIGKILL)
    await ann.sees(case.card, "Done · 4 credits")
    assert world.entries(case.card) == PAID
    assert not {child.name for child in world.children()} & {child.name for child in at_work}
