"""Cards that lag: edited later, until they say how their job ended and where its results are."""

from typing import Any

from domain.job import Job, Rung, Status
from jobs.delivery.ports import RungBroken
from storage import stale_cards
from tests.jobs.delivery.test_deliverer import CLOSED, finished
from tests.jobs.harness import Harness
from ui.cards import build_card, notes_of


async def delivered(harness: Harness, *closed: str) -> Job:
    """Deliver a finished job while these ways are closed."""
    await finished(harness)
    harness.messenger.script = {way: list(CLOSED) for way in closed}
    job = await harness.parts.deliverer.deliver("i1")
    assert job is not None
    harness.messenger.brought.clear()
    return job


async def lagging(harness: Harness) -> list[int]:
    return [card.message_id for card in await harness.database.read(stale_cards.all_of_them)]


def labels(view: Any) -> list[str]:
    row: Any = build_card(view).children[-1]
    return [button.item.label for button in row.children]


async def test_a_result_that_waits_is_said_on_the_card_as_soon_as_it_can_be_edited(harness: Harness) -> None:
    job = await delivered(harness, "token", "message", "channel", "direct")
    assert (job.status, job.card.rung, job.collected) == (Status.DONE, Rung.KEPT, False)
    harness.messenger.script = {"message": [RungBroken(), RungBroken(), None]}
    stale = harness.parts.stale
    await stale.look()
    await stale.look()
    assert len(harness.messenger.brought) == 1, "not before a minute has passed"
    for _ in range(2):
        await harness.clock.sleep(61.0)
        await stale.look()
    rung, view, names = harness.messenger.brought[-1]
    assert (rung, names) == (Rung.MESSAGE, ())
    assert notes_of(view) == "I could not reach you when it was ready: the image waits for you in /jobs."
    assert labels(view)[0] == "Collect · free"
    assert await lagging(harness) == []


async def test_a_card_says_that_its_result_was_collected(harness: Harness) -> None:
    await delivered(harness, "token", "message", "channel", "direct")
    harness.messenger.script = {}
    await harness.parts.stale.look()
    await harness.parts.archive.collected("i1")
    harness.parts.stale.hurry()
    await harness.parts.stale.look()
    _, view, _ = harness.messenger.brought[-1]
    assert notes_of(view) == "The image was handed to you privately."
    assert "Collect · free" not in labels(view)


async def test_a_card_says_where_its_result_went(harness: Harness) -> None:
    job = await delivered(harness, "token", "message")
    assert job.card.rung is Rung.CHANNEL
    assert await lagging(harness) == [77]
    harness.messenger.script = {}
    await harness.parts.stale.look()
    _, view, _ = harness.messenger.brought[-1]
    assert view.job.card.message_id == 77
    assert f"/{job.card.message_id})" in notes_of(view)
    found = await harness.parts.archive.by_card(77)
    assert found is not None, "a reaction to the old card is one to the job"


async def test_a_card_that_stays_out_of_reach_is_tried_hourly_and_given_up_after_a_day(
    harness: Harness,
) -> None:
    await delivered(harness, "token", "message", "channel", "direct")
    harness.messenger.script = {"message": [RungBroken()] * 99}
    for _ in range(26 * 12):
        await harness.parts.stale.look()
        await harness.clock.sleep(300.0)
    assert 25 <= len(harness.messenger.brought) <= 45
    assert await lagging(harness) == []


async def test_whoever_looks_into_jobs_has_the_card_tried_at_once(harness: Harness) -> None:
    await delivered(harness, "token", "message", "channel", "direct")
    harness.messenger.script = {"message": [RungBroken(), None]}
    await harness.parts.stale.look()
    harness.parts.stale.hurry()
    await harness.parts.stale.look()
    assert await lagging(harness) == []
