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
from jobs.deliverer import Deliverer
from jobs.packer import Packer
from jobs.ports import Oversize, RungBroken, StageTrouble
from storage import facts, jobs
from tests.jobs.kit import Kit, until
from tests.jobs.pictures.material import encoded, photo
from tests.storage.rows import ANN, an_image

CARD = {"card_id": 77, "card_channel_id": 5}
PICTURES = [encoded(photo(size=(40 + n, 30)), "PNG") for n in range(4)]
HASHES = [hashlib.sha256(data).hexdigest() for data in PICTURES]
CLOSED = [RungBroken()] * 99


@pytest.fixture
def delivered(kit: Kit) -> Deliverer:
    return Deliverer(tools=kit.tools, projector=kit.projector(), packer=Packer(tools=kit.tools))


async def finished(kit: Kit, count: int = 1, *, size: int | None = None, **values: Any) -> None:
    """A job whose results are on disk and charged."""
    given = {"provider_job_id": "p1", "submitted_at": kit.clock.now(), "completed_at": kit.clock.now()}
    await kit.put(
        reserved=4_000 * count,
        status=Status.DELIVERING,
        options=Options(count=count),
        **{**CARD, **given, **values},
    )
    await kit.database.run(_charge, count)
    for place in range(1, count + 1):
        data, sha256 = PICTURES[place - 1], HASHES[place - 1]
        kit.keep(data, sha256)
        await kit.add(
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
    job = jobs.get(tx, "i1")
    assert job is not None
    ledger.charge(tx, job, amount=4_000 * count, images=count, at=job.created_at)


async def deliver(kit: Kit, deliverer: Deliverer) -> None:
    await deliverer.deliver("i1")
    await until(lambda: not kit.tools.tasks._free, what="what follows a delivery")
    assert kit.incoming() == []


@pytest.mark.parametrize("rung", [Rung.TOKEN, Rung.MESSAGE, Rung.CHANNEL, Rung.DIRECT])
async def test_results_arrive_by_the_first_way_that_works(kit: Kit, delivered: Deliverer, rung: Rung) -> None:
    await finished(kit, 2, token="t", token_expires_at=kit.clock.now() + 15 * MINUTE)
    ways = list(Rung)
    kit.stage.script = {way.value: list(CLOSED) for way in ways[: ways.index(rung)]}
    await deliver(kit, delivered)
    job = await kit.job()
    assert (job.status, job.rung, job.collected, job.token) == (Status.DONE, rung, True, None)
    (*_, (last, view, names)) = kit.stage.brought
    assert (last, names) == (rung, ("darkroom-i1-1.png", "darkroom-i1-2.png"))
    assert (view.job.status, view.shown, len(view.results)) == (Status.DONE, names, 2)
    assert kit.stage.invited == ["i1"]


async def test_what_no_way_takes_waits_under_jobs(kit: Kit, delivered: Deliverer) -> None:
    await finished(kit)
    kit.stage.script = {rung.value: list(CLOSED) for rung in Rung}
    await deliver(kit, delivered)
    job = await kit.job()
    assert (job.status, job.rung, job.collected, job.card_id) == (Status.DONE, Rung.KEPT, False, 77)
    assert kit.stage.invited == kit.stage.reminded == []
    assert kit.tools.files.has(HASHES[0])


async def test_a_second_delivery_does_nothing(kit: Kit, delivered: Deliverer) -> None:
    await finished(kit)
    await deliver(kit, delivered)
    await deliver(kit, delivered)
    assert len(kit.stage.brought) == 1


async def test_trouble_is_waited_out_with_growing_pauses(kit: Kit, delivered: Deliverer) -> None:
    await finished(kit)
    kit.stage.script = {"message": [StageTrouble(1.0)] * 7, "remove": [StageTrouble(1.0)] * 9}
    await deliver(kit, delivered)
    assert (await kit.job()).rung is Rung.MESSAGE
    assert [seconds for seconds in kit.clock.slept if seconds >= 10] == [10.0, 20.0]


async def test_a_discord_in_trouble_for_a_day_leaves_the_results_under_jobs(
    kit: Kit, delivered: Deliverer
) -> None:
    await finished(kit)
    trouble = [StageTrouble(1.0)] * 9_999
    kit.stage.script = {"message": list(trouble), "remove": list(trouble)}
    await deliver(kit, delivered)
    job = await kit.job()
    assert (job.rung, job.collected) == (Rung.KEPT, False)
    assert max(kit.clock.slept) == 600.0


async def test_what_discord_calls_too_large_is_made_smaller_until_it_fits(
    kit: Kit, delivered: Deliverer
) -> None:
    await finished(kit, attachment_limit=10 * MIB)
    kit.stage.script = {"message": [Oversize()] * 7}
    await deliver(kit, delivered)
    job = await kit.job()
    assert (job.status, job.collected, job.note) == (Status.DONE, False, "linked")
    _, view, names = kit.stage.brought[-1]
    assert names == ()
    assert [link.url for link in view.links] == ["https://temp.example/1"]
    assert kit.tools.files.has(HASHES[0])


async def test_what_is_too_large_for_one_message_is_spread_over_more(kit: Kit, delivered: Deliverer) -> None:
    await finished(kit, 4, size=9 * MIB)
    await deliver(kit, delivered)
    assert kit.stage.brought[-1][2] == ("darkroom-i1-1.png", "darkroom-i1-2.png")
    assert kit.stage.brought[-1][1].continued == 1
    assert kit.stage.attached == [(2, ("darkroom-i1-3.png", "darkroom-i1-4.png"))]
    assert len(await kit.database.read(facts.messages_of, "i1")) == 1
    assert (await kit.job()).note == "spread"


async def test_after_a_crash_a_part_that_was_sent_is_not_sent_again(kit: Kit, delivered: Deliverer) -> None:
    await finished(kit, 4, size=9 * MIB)
    await deliver(kit, delivered)
    await kit.database.run(lambda tx: tx.execute("UPDATE jobs SET status = 'delivering'").fetchall())
    await deliver(kit, delivered)
    assert len(kit.stage.attached) == 1
    assert (await kit.job()).status is Status.DONE


async def test_parts_of_an_earlier_packing_are_taken_back(kit: Kit, delivered: Deliverer) -> None:
    """The second part was too large: all is packed anew, and the first part must not show twice."""
    await finished(kit, 4, size=20 * MIB, attachment_limit=50 * MIB)
    kit.stage.script = {"attach": [None, Oversize(), Oversize()]}
    _mock_fit(kit)
    await deliver(kit, delivered)
    first_parts = [part for part, _ in kit.stage.attached[:3]]
    assert first_parts == [2, 3, 3]
    assert len(kit.stage.removed) == 1
    shown = [name for _, names in kit.stage.attached[3:] for name in names]
    shown += kit.stage.brought[-1][2]
    assert sorted(name.partition(".")[0] for name in shown) == [f"darkroom-i1-{n}" for n in range(1, 5)]


async def test_where_no_second_message_is_possible_all_goes_on_the_card(
    kit: Kit, delivered: Deliverer
) -> None:
    await finished(kit, 4, size=9 * MIB)
    kit.stage.script = {"attach": list(CLOSED)}
    _mock_fit(kit)
    await deliver(kit, delivered)
    assert len(kit.stage.brought[-1][2]) == 4
    job = await kit.job()
    assert (job.collected, job.note) == (True, "reencoded")


def _mock_fit(kit: Kit) -> None:
    """Squeeze without decoding: the sizes of these pictures are only claimed."""

    async def fit(path: Any, out: Any, *, limit: int) -> Any:
        out.write_bytes(path.read_bytes())
        assert limit > 0
        return type("Fitted", (), {"media_type": "image/webp", "size": len(path.read_bytes())})

    kit.tools.pictures.fit = fit  # type: ignore[method-assign]


async def test_results_that_were_lost_before_anybody_had_them_are_given_back(
    kit: Kit, delivered: Deliverer
) -> None:
    await finished(kit, 2)
    for sha256 in HASHES[:2]:
        kit.tools.files.drop(sha256)
    kit.stage.bring = _opening(kit)  # type: ignore[method-assign]
    await deliver(kit, delivered)
    job = await kit.job()
    assert (job.status, job.failure) == (Status.FAILED, Reason.RESULT_GONE)
    kinds = [(kind, spent) for kind, _, spent in await kit.entries()]
    assert kinds == [(EntryKind.RESERVE, 0), (EntryKind.CHARGE, 8_000), (EntryKind.REFUND, -8_000)]
    assert kit.stage.brought[-1][1].job.status is Status.FAILED


async def test_of_several_results_only_the_lost_one_is_given_back(kit: Kit, delivered: Deliverer) -> None:
    await finished(kit, 3)
    kit.tools.files.drop(HASHES[1])
    kit.stage.bring = _opening(kit)  # type: ignore[method-assign]
    await deliver(kit, delivered)
    job = await kit.job()
    assert (job.status, job.collected) == (Status.DONE, True)
    assert kit.stage.brought[-1][2] == ("darkroom-i1-1.png", "darkroom-i1-3.png")
    assert [(kind, spent) for kind, _, spent in await kit.entries()][1:] == [
        (EntryKind.CHARGE, 12_000),
        (EntryKind.REFUND, -4_000),
    ]


async def test_a_lost_contact_sheet_is_left_out_and_costs_nothing(kit: Kit, delivered: Deliverer) -> None:
    await finished(kit)
    await kit.add(an_image(role=Role.SHEET, name="sources.jpg", sha256="ef" * 32, size=10))
    kit.stage.bring = _opening(kit)  # type: ignore[method-assign]
    await deliver(kit, delivered)
    assert (await kit.job()).status is Status.DONE
    assert kit.stage.brought[-1][2] == ("darkroom-i1-1.png",)
    assert EntryKind.REFUND not in {kind for kind, _, _ in await kit.entries()}


def _opening(kit: Kit) -> Any:
    """Open the files as discord.py does."""
    bring = kit.stage.bring

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
    kit: Kit, delivered: Deliverer, took: int, values: dict[str, Any], reminded: bool
) -> None:
    await finished(kit)
    kit.clock.jump(took)
    if values:
        kit.stage.script = {"message": list(CLOSED)}
    await deliver(kit, delivered)
    assert bool(kit.stage.reminded) is reminded
    assert (await kit.job()).reminded
    assert len(await kit.database.read(facts.messages_of, "i1")) == reminded


async def test_a_member_who_stopped_reminders_gets_none(kit: Kit, delivered: Deliverer) -> None:
    await finished(kit)
    await kit.database.run(facts.stop_reminding, ANN)
    kit.clock.jump(MINUTE + 1)
    await deliver(kit, delivered)
    assert kit.stage.reminded == []


async def test_chores_that_meet_trouble_are_done_later(kit: Kit, delivered: Deliverer) -> None:
    await finished(kit)
    kit.stage.script = {"invite_reroll": [StageTrouble(2.0)] * 2}
    await deliver(kit, delivered)
    assert kit.stage.invited == ["i1"]
    assert kit.clock.slept.count(30.0) == 2
    assert (await kit.job()).reminded


async def test_chores_on_a_card_that_is_gone_are_let_be(kit: Kit, delivered: Deliverer) -> None:
    await finished(kit)
    kit.stage.script = {"invite_reroll": [RungBroken()]}
    await deliver(kit, delivered)
    assert (await kit.job()).reminded
