"""A model ends: jobs end at no cost, and go on with another where that is fair; what was learned stays."""

from dataclasses import replace

import pytest

from accounts.allowances import Ceilings
from accounts.verify import verify
from domain.entries import EntryKind
from domain.errors import Reason, Refusal
from domain.images import Role
from domain.job import Job, Kind, Origin, Status
from domain.limits import DAY, HOUR
from domain.model_order import KNOWN_ENDS, ModelOrder
from domain.options import Options
from domain.views import CardView, Successor
from jobs import moves
from jobs.model_health import TRY_AGAIN, TRY_LAST_AGAIN, ModelHealth
from jobs.moves import Finished
from storage.database import Tx
from tests.jobs.kit import Kit
from tests.storage.rows import an_image

EDIT, SECOND = "gpt-image-1-5-edit", "gpt-image-2-edit"
CARD = {"card_id": 77, "card_channel_id": 5, "token": "t", "token_expires_at": 2**50}


async def ended(kit: Kit, job_id: str = "i1", *, reserved: int = 5_000, **values: object) -> Job:
    """Let a running job show that its model has ended, and return the job as it was."""
    job = await kit.put(
        job_id, status=Status.RUNNING, provider_job_id=f"p{job_id}", reserved=reserved, **{**CARD, **values}
    )
    await kit.add(an_image(job_id, url="https://cdn/cat", sha256="ab", attached="source-1.png"))
    await kit.follow_up(kit.projector()).end(job, expect=Status.RUNNING)
    return job


async def follow_up_of(kit: Kit, job_id: str = "i1") -> str:
    rows = await kit.database.read(
        lambda tx: tx.execute("SELECT id FROM jobs WHERE follows = ?", (job_id,)).fetchall()
    )
    return str(rows[0][0])


async def kinds(kit: Kit) -> list[str]:
    return [kind for kind, _, _ in await kit.entries()]


def choice(kit: Kit, wanted: str | None = None, **options: object) -> tuple[str, bool]:
    chosen = kit.tools.models.choose(Kind.EDIT, wanted, Options(**options), prompt="a cat", sources=1)  # type: ignore[arg-type]
    return chosen.model, chosen.tries


def refused(kit: Kit) -> Reason:
    with pytest.raises(Refusal) as caught:
        choice(kit)
    return caught.value.reason


async def shown(kit: Kit, job_id: str = "i1") -> CardView:
    return await kit.projector().view(await kit.job(job_id), await kit.images(Role.SOURCE, job_id))


async def test_a_job_that_costs_no_more_elsewhere_goes_on_by_itself_on_the_same_card(kit: Kit) -> None:
    before = await ended(kit)
    old, new = await kit.job(), await kit.job(await follow_up_of(kit))
    assert (old.status, old.failure, old.card_id, old.token) == (Status.FAILED, Reason.MODEL_GONE, None, None)
    assert (old.prompt, old.deleted, await kit.images(Role.SOURCE)) == ("", True, [])
    assert (new.status, new.model, new.reserved) == (Status.QUEUED, SECOND, 5_000)
    assert (new.origin, new.parent_id) == (Origin.FOLLOW_UP, "i1")
    assert (new.card_id, new.token, new.prompt) == (77, "t", before.prompt)
    assert [each.attached for each in await kit.images(Role.SOURCE, await follow_up_of(kit))] == [
        "source-1.png"
    ]
    assert await kinds(kit) == [EntryKind.RESERVE, EntryKind.RELEASE, EntryKind.RESERVE]
    assert kit.begun == [new]
    assert (await shown(kit, await follow_up_of(kit))).instead_of == EDIT
    assert [await kit.database.read(verify), kit.operator.warned[0][0]] == [[], "model_gone"]


async def test_the_card_of_a_dearer_or_lesser_successor_says_so_and_nothing_is_booked(kit: Kit) -> None:
    await ended(kit, reserved=4_000)
    await ended(kit, "i2", options=Options(background="opaque", fidelity="low"))
    assert kit.begun == []
    assert await kinds(kit) == [EntryKind.RESERVE, EntryKind.RELEASE] * 2
    first, second = (await shown(kit)).successor, (await shown(kit, "i2")).successor
    assert first is not None
    assert second is not None
    assert (first.model, first.cost, first.lacking) == (SECOND, 5_000, ())
    assert set(second.lacking) == {"background", "fidelity"}
    assert await kit.database.read(verify) == []


async def test_a_job_is_followed_once_only(kit: Kit) -> None:
    await ended(kit, origin=Origin.FOLLOW_UP)
    assert kit.begun == []
    assert (await kit.job()).failure is Reason.MODEL_GONE


async def test_a_job_that_somebody_else_has_moved_is_left_alone(kit: Kit) -> None:
    job = await kit.put(status=Status.UNKNOWN, **CARD)
    await kit.follow_up(kit.projector()).end(job, expect=Status.RUNNING)
    assert (await kit.job()).status is Status.UNKNOWN
    assert not kit.tools.models.health.is_gone(EDIT)
    assert (kit.begun, kit.operator.warned) == ([], [])


async def test_a_model_that_has_ended_is_not_offered_also_after_a_restart(kit: Kit) -> None:
    await ended(kit)
    assert kit.tools.models.offered(Kind.EDIT) == (SECOND,)
    assert choice(kit) == (SECOND, False)
    health = ModelHealth(database=kit.database, clock=kit.clock)
    assert not health.is_gone(EDIT)
    await health.load()
    assert health.is_gone(EDIT)


async def test_it_is_tried_again_after_six_hours_by_a_job_that_another_model_can_take_over(kit: Kit) -> None:
    await ended(kit)
    kit.clock.jump(TRY_AGAIN - 1)
    assert choice(kit) == (SECOND, False)
    kit.clock.jump(1)
    assert choice(kit, wanted=SECOND) == (SECOND, False)
    trial = kit.tools.models.choose(Kind.EDIT, None, Options(count=2), prompt="a cat", sources=1)
    assert (trial.model, trial.tries, trial.reserve) == (EDIT, True, 10_000)
    job = replace(await kit.put("i9"), id="i10", created_at=kit.clock.now())
    await kit.database.run(_accept_trial, job)
    await kit.tools.models.health.load()
    assert kit.tools.models.health.is_tried_by(job)
    assert choice(kit) == (SECOND, False), "one job tries it, not all"


async def test_it_is_tried_at_once_when_its_entry_in_the_catalogue_changes(kit: Kit) -> None:
    await kit.tools.models.refresh()
    await ended(kit)
    await kit.tools.models.refresh()
    assert choice(kit) == (SECOND, False)
    kit.provider.control.merge({"delist": [EDIT]})
    await kit.tools.models.refresh()
    assert choice(kit) == (SECOND, False), "what is not listed is not tried"
    kit.provider.control.merge({"delist": []})
    await kit.tools.models.refresh()
    assert choice(kit) == (EDIT, True)


async def test_when_no_other_is_left_the_dead_one_is_tried_all_the_same(kit: Kit) -> None:
    await ended(kit)
    await ended(kit, "i2", model=SECOND)
    assert kit.operator.warned[-1][0] == "last_model_gone"
    kit.clock.jump(TRY_LAST_AGAIN - 1)
    assert refused(kit) is Reason.NO_MODEL
    kit.clock.jump(1)
    assert choice(kit) == (EDIT, True)


@pytest.mark.parametrize(("later", "back"), [(-1, False), (1, True)])
async def test_it_is_offered_again_when_a_job_that_was_submitted_later_has_its_images(
    kit: Kit, later: int, back: bool
) -> None:
    await ended(kit)
    job = await kit.put("i5", status=Status.RUNNING, submitted_at=kit.clock.now() + later, **CARD)
    await kit.database.run(_finish, job)
    await kit.tools.models.health.changed(job)
    assert kit.tools.models.health.is_gone(EDIT) is not back


async def test_two_failures_without_a_reason_make_a_model_suspect_and_it_stays(kit: Kit) -> None:
    follow_up = kit.follow_up(kit.projector())
    job = await kit.put()
    for _ in range(3):
        await follow_up.look_at(job, Reason.PROVIDER_TROUBLE)
    await follow_up.look_at(replace(job, model=SECOND), Reason.PROVIDER_TROUBLE)
    assert kit.operator.warned == [("model_suspect", {"model": EDIT, "setting": "PIXELDOJO_MODELS"})]
    assert kit.tools.models.offered(Kind.EDIT) == (EDIT, SECOND)


@pytest.mark.parametrize("between", ["another kind", "another model", "a success", "two hours", "a refusal"])
async def test_failures_that_are_not_in_a_row_are_no_suspicion(kit: Kit, between: str) -> None:
    follow_up = kit.follow_up(kit.projector())
    job = await kit.put(status=Status.RUNNING, submitted_at=kit.clock.now())
    await follow_up.look_at(job, Reason.PROVIDER_TROUBLE)
    match between:
        case "another kind":
            await follow_up.look_at(job, Reason.NO_IMAGES)
        case "another model":
            await follow_up.look_at(replace(job, model=SECOND), Reason.PROVIDER_TROUBLE)
        case "a success":
            await kit.database.run(_finish, job)
        case "two hours":
            kit.clock.jump(2 * HOUR)
        case _:
            await follow_up.look_at(job, Reason.MODERATED)
    await follow_up.look_at(job, Reason.PROVIDER_TROUBLE)
    assert [key for key, _ in kit.operator.warned] == (["model_suspect"] if between == "a refusal" else [])


async def test_the_owner_is_told_once_of_another_price_and_again_when_it_changes(kit: Kit) -> None:
    follow_up = kit.follow_up(kit.projector())
    job = await kit.put(options=Options(count=2))
    for cost in (8_000, 12_000, 12_000, 40_000):
        await follow_up.priced(job, cost)
    assert [(key, values["cost"]) for key, values in kit.operator.warned] == [("model_repriced", "6 credits")]
    kit.clock.jump(DAY)
    for cost in (40_000, 40_000, 8_000):
        await follow_up.priced(job, cost)
    assert [values["cost"] for _, values in kit.operator.warned] == ["6 credits", "20 credits"]
    kit.clock.jump(DAY)
    await follow_up.priced(job, 40_000)
    assert len(kit.operator.warned) == 2, "that figure is known"


async def test_what_a_model_cost_last_is_what_the_next_job_reserves(kit: Kit) -> None:
    job = await kit.put("i8", model=SECOND)
    await kit.follow_up(kit.projector()).priced(job, 40_000)
    await ended(kit)
    assert (kit.begun, (await shown(kit)).successor) == ([], Successor(model=SECOND, cost=40_000))


async def test_an_owner_who_cannot_be_told_now_is_told_at_the_next_start(kit: Kit) -> None:
    kit.operator.reachable = False
    await ended(kit)
    kit.operator.reachable = True
    for _ in range(2):
        await kit.follow_up(kit.projector()).tell_of_ends()
    told = [key for key, values in kit.operator.warned if values["model"] == EDIT]
    assert told == ["model_gone", "model_gone"]


async def test_a_failure_from_before_a_model_came_back_says_nothing(kit: Kit) -> None:
    await ended(kit)
    late = await kit.put("i4", status=Status.RUNNING, submitted_at=kit.clock.now(), **CARD)
    kit.clock.jump(1_000)
    job = await kit.put("i5", status=Status.RUNNING, submitted_at=kit.clock.now(), **CARD)
    kit.clock.jump(1_000)
    await kit.database.run(_finish, job, at=kit.clock.now())
    await kit.tools.models.health.changed(job)
    await kit.follow_up(kit.projector()).end(late, expect=Status.RUNNING)
    assert not kit.tools.models.health.is_gone(EDIT)


async def test_a_model_that_takes_less_of_a_prompt_does_not_take_over_what_it_cannot_do(kit: Kit) -> None:
    await ended(kit, prompt="x" * 33_000)
    assert (kit.begun, (await shown(kit)).successor) == ([], None)


async def test_a_dead_model_that_is_not_the_first_choice_is_tried_by_nobody(kit: Kit) -> None:
    await ended(kit, model=SECOND)
    kit.clock.jump(TRY_AGAIN)
    assert choice(kit) == (EDIT, False)


async def test_the_owner_hears_of_a_dead_model_once_a_day(kit: Kit) -> None:
    for number in range(3):
        await ended(kit, f"i{number}")
    assert [key for key, _ in kit.operator.warned] == ["model_gone"]
    kit.clock.jump(DAY)
    await ended(kit, "i7")
    assert [values["failed"] for _, values in kit.operator.warned] == ["1 job", "4 jobs"]


@pytest.mark.parametrize(
    ("days", "key"), [(-15, None), (-14, "model_ends"), (-1, "model_ends"), (0, "model_ended")]
)
async def test_the_owner_is_told_at_start_of_an_end_that_is_near(
    kit: Kit, days: int, key: str | None
) -> None:
    kit.clock.jump(KNOWN_ENDS[EDIT].at + days * DAY - kit.clock.now())
    for _ in range(2):
        await kit.follow_up(kit.projector()).tell_of_ends()
    told = [each for each, values in kit.operator.warned if values["model"] == EDIT]
    assert told == ([] if key is None else [key])


def test_our_own_order_has_a_model_last_from_its_known_end_on() -> None:
    ours = ModelOrder(names=(EDIT, SECOND))
    end = KNOWN_ENDS[EDIT].at
    assert ours.at(end - 1) == (EDIT, SECOND)
    assert ours.at(end) == (SECOND, EDIT)
    assert replace(ours, by_operator=True).at(end) == (EDIT, SECOND)


def _accept_trial(tx: Tx, job: Job) -> None:
    moves.accept(
        tx, job, [], event=job.id, role_ids=(), ceilings=Ceilings(member=None, server=None), tries=True
    )


def _finish(tx: Tx, job: Job, *, at: int | None = None) -> None:
    finished = Finished(results=(an_image(job.id, Role.RESULT, sha256="cd"),), cost=None, asked=1)
    assert moves.finish(tx, job.id, finished, took=None, at=at or job.created_at) is not None
