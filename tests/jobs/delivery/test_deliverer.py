"""Delivery: by the first way that works, once, as it fits; what nobody was given costs nothing."""

import hashlib
from typing import Any

import pytest

from accounts import ledger
from domain.entries import EntryKind
from domain.errors import Reason
from domain.images import Role
from domain.job import Rung, Status
from domain.limits import MIB, MINUTE
from domain.options import Options
from domain.views import Placed
from jobs.delivery.deliverer import Deliverer
from jobs.delivery.ports import MessengerTrouble, Oversize, RungBroken
from storage import facts, job_rows
from tests.jobs.harness import Harness, until
from tests.pictures.material import encoded, photo
from tests.storage.rows import ANN, an_image

CARD = {"card_id": 77, "card_channel_id": 5}
PICTURES = [encoded(photo(size=(40 + n, 30)), "PNG") for n in range(4)]
HASHES = [hashlib.sha256(data).hexdigest() for data in PICTURES]
CLOSED = [RungBroken()] * 99


@pytest.fixture
def delivered(harness: Harness) -> Deliverer:
    return harness.parts.deliverer


async def finished(harness: Harness, count: int = 1, *, size: int | None = None, **values: Any) -> None:
    """A job whose results are on disk and charged."""
    given = {
        "provider_job_id": "p1",
        "submitted_at": harness.clock.now(),
        "completed_at": harness.clock.now(),
    }
    await harness.put(
        reserved=4_000 * count,
        status=Status.DELIVERING,
        options=Options(count=count),
        **{**CARD, **given, **values},
    )
    await harness.database.run(_charge, count)
    for place in range(1, count + 1):
        data, sha256 = PICTURES[place - 1], HASHES[place - 1]
        harness.keep(data, sha256)
        await harness.add(
            an_image(
                role=Role.RESULT,
                position=place,
                name=f"darkroom-i1-{place}.png",
                sha256=sha256,
                size=size or len(data),
                url=f"https://temp.example/{place}",
            )
        )


def _charge(tx: Any, count: int) -> None:
    job = job_rows.get(tx, "i1")
    assert job is not None
    ledger.charge(tx, job, amount=4_000 * count, images=count, at=job.created_at)


async def deliver(harness: Harness, deliverer: Deliverer) -> None:
    assert deliverer is harness.parts.deliverer
    await harness.parts.life.run("i1")
    await until(lambda: not harness.parts.tasks._free, what="what follows a delivery")
    assert harness.incoming() == []


@pytest.mark.parametrize("rung", [Rung.TOKEN, Rung.MESSAGE, Rung.CHANNEL, Rung.DIRECT])
async def test_results_arrive_by_the_first_way_that_works(
    harness: Harness, delivered: Deliverer, rung: Rung
) -> None:
    await finished(harness, 2, token="t", token_expires_at=harness.clock.now() + 15 * MINUTE)
    ways = list(Rung)
    harness.messenger.script = {way.value: list(CLOSED) for way in ways[: ways.index(rung)]}
    await deliver(harness, delivered)
    job = await harness.job()
    assert (job.status, job.card.rung, job.collected, job.card.token) == (Status.DONE, rung, True, None)
    (*_, (last, view, names)) = harness.messenger.brought
    assert (last, names) == (rung, ("darkroom-i1-1.png", "darkroom-i1-2.png"))
    assert (view.job.status, view.shown, len(view.results)) == (Status.DONE, names, 2)
    assert harness.messenger.invited == ["i1"]


async def test_what_no_way_takes_waits_under_jobs(harness: Harness, delivered: Deliverer) -> None:
    await finished(harness)
    harness.messenger.script = {rung.value: list(CLOSED) for rung in Rung}
    await deliver(harness, delivered)
    job = await harness.job()
    assert (job.status, job.card.rung, job.collected, job.card.message_id) == (
        Status.DONE,
        Rung.KEPT,
        False,
        77,
    )
    assert harness.messenger.invited == harness.messenger.reminded == []
    assert harness.parts.files.has(HASHES[0])


async def test_a_second_delivery_does_nothing(harness: Harness, delivered: Deliverer) -> None:
    await finished(harness)
    await deliver(harness, delivered)
    await deliver(harness, delivered)
    assert len(harness.messenger.brought) == 1


async def test_trouble_is_waited_out_with_growing_pauses(harness: Harness, delivered: Deliverer) -> None:
    await finished(harness)
    harness.messenger.script = {"message": [MessengerTrouble(1.0)] * 7, "remove": [MessengerTrouble(1.0)] * 9}
    await deliver(harness, delivered)
    assert (await harness.job()).card.rung is Rung.MESSAGE
    assert [seconds for seconds in harness.clock.slept if seconds >= 10] == [10.0, 20.0]


async def test_a_discord_in_trouble_for_a_day_leaves_the_results_under_jobs(
    harness: Harness, delivered: Deliverer
) -> None:
    await finished(harness)
    trouble = [MessengerTrouble(1.0)] * 9_999
    harness.messenger.script = {"message": list(trouble), "remove": list(trouble)}
    await deliver(harness, delivered)
    job = await harness.job()
    assert (job.card.rung, job.collected) == (Rung.KEPT, False)
    assert max(harness.clock.slept) == 600.0


async def test_what_discord_calls_too_large_is_made_smaller_until_it_fits(
    harness: Harness, delivered: Deliverer
) -> None:
    await finished(harness, attachment_limit=10 * MIB)
    harness.messenger.script = {"message": [Oversize()] * 7}
    await deliver(harness, delivered)
    job = await harness.job()
    assert (job.status, job.collected, job.note) == (Status.DONE, False, "linked")
    _, view, names = harness.messenger.brought[-1]
    assert names == ()
    assert [link.url for link in view.links] == ["https://temp.example/1"]
    assert harness.parts.files.has(HASHES[0])


async def test_what_is_too_large_for_one_message_is_spread_over_more(
    harness: Harness, delivered: Deliverer
) -> None:
    await finished(harness, 4, size=9 * MIB)
    await deliver(harness, delivered)
    assert harness.messenger.brought[-1][2] == ("darkroom-i1-1.png", "darkroom-i1-2.png")
    assert harness.messenger.brought[-1][1].continued == 1
    assert harness.messenger.attached == [(2, ("darkroom-i1-3.png", "darkroom-i1-4.png"))]
    assert len(await harness.database.read(facts.messages_of, "i1")) == 1
    assert (await harness.job()).note == "spread"


async def test_after_a_crash_a_part_that_was_sent_is_not_sent_again(
    harness: Harness, delivered: Deliverer
) -> None:
    await finished(harness, 4, size=9 * MIB)
    await deliver(harness, delivered)
    await harness.database.run(lambda tx: tx.execute("UPDATE jobs SET status = 'delivering'").fetchall())
    await deliver(harness, delivered)
    assert len(harness.messenger.attached) == 1
    assert (await harness.job()).status is Status.DONE


async def test_parts_of_an_earlier_packing_are_taken_back(harness: Harness, delivered: Deliverer) -> None:
    """The second part was too large: all is packed anew, and the first part must not show twice."""
    await finished(harness, 4, size=20 * MIB, attachment_limit=50 * MIB)
    harness.messenger.script = {"attach": [None, Oversize(), Oversize()]}
    _mock_fit(harness)
    await deliver(harness, delivered)
    first_parts = [part for part, _ in harness.messenger.attached[:3]]
    assert first_parts == [2, 3, 3]
    assert len(harness.messenger.removed) == 1
    shown = [name for _, names in harness.messenger.attached[3:] for name in names]
    shown += harness.messenger.brought[-1][2]
    assert sorted(name.partition(".")[0] for name in shown) == [f"darkroom-i1-{n}" for n in range(1, 5)]


async def test_where_no_second_message_is_possible_all_goes_on_the_card(
    harness: Harness, delivered: Deliverer
) -> None:
    await finished(harness, 4, size=9 * MIB)
    harness.messenger.script = {"attach": list(CLOSED)}
    _mock_fit(harness)
    await deliver(harness, delivered)
    assert len(harness.messenger.brought[-1][2]) == 4
    job = await harness.job()
    assert (job.collected, job.note) == (True, "reencoded")


def _mock_fit(harness: Harness) -> None:
    """Squeeze without decoding: the sizes of these pictures are only claimed."""

    async def fit(path: Any, out: Any, *, member_id: int, limit: int) -> Any:
        out.write_bytes(path.read_bytes())
        assert limit > 0
        assert member_id
        return type("Fitted", (), {"media_type": "image/webp", "size": len(path.read_bytes())})

    harness.parts.outside.pictures.fit = fit  # type: ignore[method-assign]


async def test_results_that_were_lost_before_anybody_had_them_are_given_back(
    harness: Harness, delivered: Deliverer
) -> None:
    await finished(harness, 2)
    for sha256 in HASHES[:2]:
        harness.parts.files.drop(sha256)
    harness.messenger.bring = _opening(harness)  # type: ignore[method-assign]
    await deliver(harness, delivered)
    job = await harness.job()
    assert (job.status, job.failure) == (Status.FAILED, Reason.RESULT_GONE)
    kinds = [(kind, spent) for kind, _, spent in await harness.entries()]
    assert kinds == [(EntryKind.RESERVE, 0), (EntryKind.CHARGE, 8_000), (EntryKind.REFUND, -8_000)]
    assert harness.messenger.brought[-1][1].job.status is Status.FAILED


async def test_of_several_results_only_the_lost_one_is_given_back(
    harness: Harness, delivered: Deliverer
) -> None:
    await finished(harness, 3)
    harness.parts.files.drop(HASHES[1])
    harness.messenger.bring = _opening(harness)  # type: ignore[method-assign]
    await deliver(harness, delivered)
    job = await harness.job()
    assert (job.status, job.collected) == (Status.DONE, True)
    assert harness.messenger.brought[-1][2] == ("darkroom-i1-1.png", "darkroom-i1-3.png")
    assert [(kind, spent) for kind, _, spent in await harness.entries()][1:] == [
        (EntryKind.CHARGE, 12_000),
        (EntryKind.REFUND, -4_000),
    ]


async def test_a_lost_contact_sheet_is_left_out_and_costs_nothing(
    harness: Harness, delivered: Deliverer
) -> None:
    await finished(harness)
    await harness.add(an_image(role=Role.SHEET, name="sources.jpg", sha256="ef" * 32, size=10))
    harness.messenger.bring = _opening(harness)  # type: ignore[method-assign]
    await deliver(harness, delivered)
    assert (await harness.job()).status is Status.DONE
    assert harness.messenger.brought[-1][2] == ("darkroom-i1-1.png",)
    assert EntryKind.REFUND not in {kind for kind, _, _ in await harness.entries()}


def _opening(harness: Harness) -> Any:
    """Open the files as discord.py does."""
    bring = harness.messenger.bring

    async def opening(rung: Rung, view: Any, uploads: Any) -> Placed:
        for upload in uploads:
            assert upload.path.read_bytes()
        return await bring(rung, view, uploads)

    return opening


@pytest.mark.parametrize(
    ("took", "values", "reminded"),
    [
        (MINUTE + 1, {}, True),
        (MINUTE, {}, False),
        (MINUTE + 1, {"channel": True}, False),
    ],
)
async def test_a_job_that_took_long_ends_with_one_reply_that_mentions_its_member(
    harness: Harness, delivered: Deliverer, took: int, values: dict[str, Any], reminded: bool
) -> None:
    await finished(harness)
    harness.clock.jump(took)
    if values:
        harness.messenger.script = {"message": list(CLOSED)}
    await deliver(harness, delivered)
    assert bool(harness.messenger.reminded) is reminded
    assert (await harness.job()).card.reminded
    # A card that is elsewhere by now is one of the job's messages too.
    assert len(await harness.database.read(facts.messages_of, "i1")) == reminded + bool(values)


async def test_a_member_who_stopped_reminders_gets_none(harness: Harness, delivered: Deliverer) -> None:
    await finished(harness)
    await harness.database.run(facts.stop_reminding, ANN)
    harness.clock.jump(MINUTE + 1)
    await deliver(harness, delivered)
    assert harness.messenger.reminded == []


async def test_chores_that_meet_trouble_are_done_later(harness: Harness, delivered: Deliverer) -> None:
    await finished(harness)
    harness.messenger.script = {"invite_reroll": [MessengerTrouble(2.0)] * 2}
    await deliver(harness, delivered)
    assert harness.messenger.invited == ["i1"]
    assert harness.clock.slept.count(30.0) == 2
    assert (await harness.job()).card.reminded


async def test_chores_on_a_card_that_is_gone_are_let_be(harness: Harness, delivered: Deliverer) -> None:
    await finished(harness)
    harness.messenger.script = {"invite_reroll": [RungBroken()]}
    await deliver(harness, delivered)
    assert (await harness.job()).card.reminded
