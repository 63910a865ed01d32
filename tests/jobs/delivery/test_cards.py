"""Cards follow rows: never an older state over a newer one, and every end is said."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest

from domain.errors import Reason
from domain.images import Role
from domain.job import Rung, Status
from domain.views import CardView, Expectation, Placed, Upload
from jobs.delivery.ports import MessengerTrouble, Oversize, RungBroken
from storage import job_rows
from tests.clock import HastyClock
from tests.jobs.harness import Harness, until
from tests.storage.rows import an_image
from ui.cards import notes_of

CARD = {"card_id": 77, "card_channel_id": 5}
LIFE = [Status.QUEUED, Status.SUBMITTING, Status.RUNNING]


async def at_rest(harness: Harness) -> None:
    while harness.parts.tasks._free:
        await asyncio.wait(set(harness.parts.tasks._free))


def shown(harness: Harness) -> list[Status]:
    return [view.job.status for _, view, _ in harness.messenger.brought]


async def test_wishes_that_meet_become_one_edit_of_the_row_as_it_is_then(harness: Harness) -> None:
    await harness.put(**CARD)
    cards = harness.parts.cards
    for _ in range(5):
        cards.refresh("i1")
    await harness.database.run(job_rows.move, "i1", expect=Status.QUEUED, to=Status.SUBMITTING)
    await at_rest(harness)
    assert shown(harness) == [Status.SUBMITTING]


@pytest.mark.parametrize("seed", range(12))
async def test_no_older_state_is_ever_shown_over_a_newer_one(harness: Harness, seed: int) -> None:
    chance = random.Random(seed)
    await harness.put(**CARD)
    slow = _Slow([chance.randrange(7) for _ in range(3)])
    harness.messenger.bring = slow.bring  # type: ignore[method-assign]
    cards = harness.parts.cards
    cards.refresh("i1")
    for before, status in pairwise(LIFE):
        for _ in range(chance.randrange(13)):
            await asyncio.sleep(0)
        await harness.database.run(job_rows.move, "i1", expect=before, to=status, provider_job_id="p1")
        cards.refresh("i1")
    await at_rest(harness)
    ages = [LIFE.index(status) for status in slow.seen]
    assert ages == sorted(ages)
    assert slow.seen[-1] is Status.RUNNING
    assert slow.at_once == 1


class _Slow:
    """A messenger whose edits take a while, each another one; what a member sees is what ended last."""

    def __init__(self, delays: Sequence[int]) -> None:
        self._delays = list(delays)
        self._inside = 0
        self.at_once = 0
        self.seen: list[Status] = []

    async def bring(self, rung: Rung, view: CardView, _uploads: Sequence[Upload]) -> Placed:
        assert rung is Rung.MESSAGE
        self._inside += 1
        self.at_once = max(self.at_once, self._inside)
        for _ in range(self._delays.pop(0) if self._delays else 0):
            await asyncio.sleep(0.001)
        self._inside -= 1
        self.seen.append(view.job.status)
        return Placed(channel_id=5, message_id=77, urls={})


@pytest.mark.parametrize("status", [Status.DELIVERING, Status.DONE])
async def test_results_are_shown_by_delivery_alone(harness: Harness, status: Status) -> None:
    await harness.put(status=status, **CARD)
    harness.parts.cards.refresh("i1")
    await at_rest(harness)
    assert shown(harness) == []


async def test_a_deleted_job_is_not_shown_again(harness: Harness) -> None:
    await harness.put(status=Status.FAILED, deleted=1, **CARD)
    harness.parts.cards.refresh("i1")
    await at_rest(harness)
    assert shown(harness) == []


@pytest.mark.parametrize("status", [Status.FAILED, Status.CANCELLED, Status.UNKNOWN])
async def test_what_a_member_must_know_reaches_them_by_any_way(harness: Harness, status: Status) -> None:
    await harness.put(status=status, failure=Reason.MODERATED, **CARD)
    harness.messenger.script = {"message": [RungBroken()], "channel": [RungBroken()]}
    harness.parts.cards.refresh("i1")
    await at_rest(harness)
    assert harness.messenger.rungs() == [Rung.MESSAGE, Rung.CHANNEL, Rung.DIRECT]


async def test_a_state_on_the_way_is_shown_only_where_the_card_is(harness: Harness) -> None:
    await harness.put(status=Status.RUNNING, **CARD)
    harness.messenger.script = {"message": [RungBroken()]}
    harness.parts.cards.refresh("i1")
    await at_rest(harness)
    assert harness.messenger.rungs() == [Rung.MESSAGE]


async def test_trouble_is_waited_out_until_an_end_is_said(harness: Harness) -> None:
    await harness.put(status=Status.FAILED, token=None, failure=Reason.MODERATED, **CARD)
    harness.messenger.script = {"message": [MessengerTrouble(1.0)] * 7, "remove": [MessengerTrouble(1.0)] * 9}
    harness.parts.cards.refresh("i1")
    await at_rest(harness)
    assert set(harness.messenger.rungs()) == {Rung.MESSAGE}
    assert len(harness.messenger.rungs()) == 8
    assert (await harness.job()).card.reminded, "its end was shown"


async def test_trouble_is_met_with_minutes_then_hours_for_a_day_and_then_the_next_start(
    harness: Harness,
) -> None:
    await harness.put(status=Status.FAILED, failure=Reason.MODERATED, token="t", **CARD)
    trouble = [MessengerTrouble(1.0)] * 999
    harness.messenger.script = {"message": trouble, "remove": list(trouble)}
    harness.parts.cards.refresh("i1")
    await at_rest(harness)
    assert not (await harness.job()).card.reminded
    assert 10 <= harness.clock.slept.count(60.0) <= 15
    assert harness.clock.slept.count(3_600.0) == 24


@pytest.mark.parametrize("status", [Status.FAILED, Status.CANCELLED])
async def test_an_end_that_no_way_leads_to_is_shown_on_the_card_as_soon_as_it_can_be_edited(
    harness: Harness, status: Status
) -> None:
    await harness.put(status=status, failure=Reason.MODERATED, token="t", **CARD)
    closed = [RungBroken()] * 99
    harness.messenger.script = {way: list(closed) for way in ("token", "message", "channel", "direct")}
    harness.parts.cards.refresh("i1")
    await at_rest(harness)
    assert (await harness.job()).card.token is None, "nothing more is sent for it"
    await harness.parts.stale.look()
    await harness.clock.sleep(61.0)
    harness.messenger.script = {}
    harness.messenger.brought.clear()
    for _ in range(2):
        await harness.parts.stale.look()
        await harness.clock.sleep(61.0)
    assert harness.messenger.rungs() == [Rung.MESSAGE]
    assert (shown(harness), harness.messenger.brought[0][1].elsewhere) == ([status], False)


async def test_an_end_that_was_shown_is_not_shown_again(harness: Harness) -> None:
    await harness.put(status=Status.FAILED, failure=Reason.MODERATED, **CARD)
    for _ in range(2):
        harness.parts.cards.refresh("i1")
        await at_rest(harness)
    assert shown(harness) == [Status.FAILED]


async def test_nobody_waits_for_a_card_that_waits_for_discord(harness: Harness) -> None:
    await harness.put(status=Status.UNKNOWN, **CARD)
    harness.messenger.script = {"message": [MessengerTrouble(1.0)] * 3, "remove": [MessengerTrouble(1.0)]}
    free: list[bool] = []

    async def sleep(seconds: float) -> None:
        if seconds >= 60.0:
            free.append(not harness.parts.cards.is_busy("i1"))
        await HastyClock.sleep(harness.clock, seconds)

    harness.clock.sleep = sleep  # type: ignore[method-assign]
    harness.parts.cards.refresh("i1")
    await at_rest(harness)
    assert free == [True]


async def test_a_state_on_the_way_that_meets_trouble_is_let_go(harness: Harness) -> None:
    await harness.put(status=Status.RUNNING, **CARD)
    harness.messenger.script = {"message": [MessengerTrouble(1.0)] * 3}
    harness.parts.cards.refresh("i1")
    await at_rest(harness)
    assert len(harness.messenger.rungs()) == 3


async def test_a_card_without_files_that_is_called_too_large_is_no_endless_loop(harness: Harness) -> None:
    await harness.put(status=Status.FAILED, failure=Reason.MODERATED, **CARD)
    harness.messenger.script = {"message": [Oversize()] * 99}
    harness.parts.cards.refresh("i1")
    await at_rest(harness)
    assert len(harness.messenger.rungs()) == 1


@pytest.mark.parametrize("status", [Status.FAILED, Status.CANCELLED])
async def test_a_token_is_forgotten_once_the_end_is_said(harness: Harness, status: Status) -> None:
    await harness.put(
        status=status,
        failure=Reason.CANCELLED,
        token="t",
        token_expires_at=harness.clock.now() + 900_000,
        **CARD,
    )
    harness.parts.cards.refresh("i1")
    await at_rest(harness)
    assert (await harness.job()).card.token is None


async def test_what_was_said_of_start_and_end_is_remembered_until_the_job_leaves(harness: Harness) -> None:
    expectation = Expectation(ahead=3, starts_at=1, ends_at=2)
    cards = harness.parts.cards
    cards._expect = lambda _job: expectation
    await harness.put(**CARD)
    cards.refresh("i1")
    await at_rest(harness)
    assert cards.shown("i1") == expectation
    assert harness.messenger.brought[0][1].expectation == expectation
    cards.forget("i1")
    assert cards.shown("i1") is None


async def test_a_card_shows_its_sources_and_where_it_came_from(harness: Harness) -> None:
    await harness.put("i0", card_id=66, card_channel_id=5)
    await harness.put(parent_id="i0", **CARD)
    await harness.add(
        an_image(url="https://cdn/1"),
        an_image(position=2, url="https://cdn/2", attached="source-2.png"),
    )
    view = await harness.parts.cards.view(await harness.job(), await harness.images(Role.SOURCE))
    assert (view.source_urls, view.published, view.reply_to) == (
        ("https://cdn/1",),
        ("source-2.png",),
        (5, 66),
    )


async def test_a_parent_that_was_deleted_is_not_linked(harness: Harness) -> None:
    await harness.put("i0", card_id=66, card_channel_id=5, deleted=1)
    await harness.put(parent_id="i0", **CARD)
    assert (await harness.parts.cards.lineage(await harness.job())).card is None


@pytest.mark.parametrize(("asked_in", "card"), [(5, None), (9, (9, 66))])
async def test_a_direct_message_is_linked_where_it_can_be_opened(
    harness: Harness, asked_in: int, card: tuple[int, int] | None
) -> None:
    await harness.put("i0", card_id=66, card_channel_id=9, channel_id=5)
    await harness.put(parent_id="i0", channel_id=asked_in, **CARD)
    lineage = await harness.parts.cards.lineage(await harness.job())
    assert (lineage.card, lineage.direct) == (card, card is not None)


async def test_a_withdrawn_job_shows_nothing_that_its_card_does_not_carry_any_more(harness: Harness) -> None:
    """Also what another member gave, who took nothing back: Discord refused a card that named it."""
    job = await harness.put(status=Status.FAILED, failure=Reason.SOURCE_WITHDRAWN, **CARD)
    given = [an_image(attached="source-1.png")]
    assert (await harness.parts.cards.view(job, given)).published == ("source-1.png",)
    view = await harness.parts.cards.view(replace(job, withdrawn=True), given)
    assert view.published == ()
    assert notes_of(view).count("withdrawn") == 1, "what ended it is said once"


async def test_who_holds_a_card_keeps_everybody_else_from_it(harness: Harness) -> None:
    await harness.put(**CARD)
    cards = harness.parts.cards
    async with cards.exclusive("i1"):
        cards.refresh("i1")
        for _ in range(20):
            await asyncio.sleep(0.001)
        assert shown(harness) == []
    await until(lambda: shown(harness) == [Status.QUEUED], what="the card")
