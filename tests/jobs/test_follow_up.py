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
from jobs import transitions
from jobs.choices.model_health import TRY_AGAIN, TRY_LAST_AGAIN, ModelHealth
from jobs.choices.models import Asked
from jobs.groups import asked_of
from jobs.transitions import Finished
from pixeldojo.errors import ModelGone
from pixeldojo.kinds import Failure
from playground.pixeldojo.endings import WORDINGS
from storage import job_rows, learned
from storage.tx import Tx
from tests.jobs.harness import Harness, until
from tests.storage.rows import a_job, an_image

EDIT, SECOND = "gpt-image-1-5-edit", "gpt-image-2-edit"
CARD = {"card_id": 77, "card_channel_id": 5, "token": "t", "token_expires_at": 2**50}


async def ended(harness: Harness, job_id: str = "i1", *, reserved: int = 5_000, **values: object) -> Job:
    """Let a running job show that its model has ended, and return the job as it was."""
    job = await harness.put(
        job_id,
        status=Status.RUNNING,
        provider_job_id=f"p{job_id}",
        reserved=reserved,
        **{"source_count": 1, **CARD, **values},
    )
    await harness.add(an_image(job_id, url="https://cdn/cat", sha256="ab", attached="source-1.png"))
    await harness.follow_up().end(job, expect=Status.RUNNING)
    await until(lambda: not harness.parts.tasks._free, what="that the operator was told")
    return job


async def follow_up_of(harness: Harness, job_id: str = "i1") -> str:
    return await harness.database.read(job_rows.follow_up_of, job_id) or ""


async def kinds(harness: Harness) -> list[str]:
    return [kind for kind, _, _ in await harness.entries()]


def choice(harness: Harness, wanted: str | None = None, **options: object) -> tuple[str, bool]:
    chosen = harness.parts.models.choose(
        Kind.EDIT,
        wanted,
        Asked(prompt="a cat", options=Options(**options), sources=1),  # type: ignore[arg-type]
    )
    return chosen.model, chosen.tries


def refused(harness: Harness) -> Reason:
    with pytest.raises(Refusal) as caught:
        choice(harness)
    return caught.value.reason


async def shown(harness: Harness, job_id: str = "i1") -> CardView:
    return await harness.parts.cards.view(
        await harness.job(job_id), await harness.images(Role.SOURCE, job_id)
    )


async def test_a_job_that_costs_no_more_elsewhere_goes_on_by_itself_on_the_same_card(
    harness: Harness,
) -> None:
    before = await ended(harness)
    old, new = await harness.job(), await harness.job(await follow_up_of(harness))
    assert (old.status, old.failure, old.card.message_id, old.card.token) == (
        Status.FAILED,
        Reason.MODEL_GONE,
        None,
        None,
    )
    assert (old.prompt, old.deleted, await harness.images(Role.SOURCE)) == ("", True, [])
    assert (new.status, new.model, new.reserved) == (Status.QUEUED, SECOND, 5_000)
    assert (new.origin, new.parent_id) == (Origin.FOLLOW_UP, "i1")
    assert (new.card.message_id, new.card.token, new.prompt) == (77, "t", before.prompt)
    assert [each.attached for each in await harness.images(Role.SOURCE, await follow_up_of(harness))] == [
        "source-1.png"
    ]
    assert await kinds(harness) == [EntryKind.RESERVE, EntryKind.RELEASE, EntryKind.RESERVE]
    assert (await shown(harness, await follow_up_of(harness))).instead_of == EDIT
    assert [await harness.database.read(verify), harness.operator.warned[0][0]] == [[], "model_gone"]


async def test_the_card_of_a_dearer_or_lesser_successor_says_so_and_nothing_is_booked(
    harness: Harness,
) -> None:
    await ended(harness, reserved=4_000)
    await ended(harness, "i2", options=Options(background="opaque", fidelity="low"))
    assert [await follow_up_of(harness, job_id) for job_id in ("i1", "i2")] == ["", ""]
    assert await kinds(harness) == [EntryKind.RESERVE, EntryKind.RELEASE] * 2
    first, second = (await shown(harness)).successor, (await shown(harness, "i2")).successor
    assert first is not None
    assert second is not None
    assert (first.model, first.cost, first.lacking) == (SECOND, 5_000, ())
    assert set(second.lacking) == {"background", "fidelity"}
    assert await harness.database.read(verify) == []


@pytest.mark.parametrize("wording", WORDINGS)
async def test_each_wording_of_an_end_is_read_as_one(harness: Harness, wording: str) -> None:
    client, control = harness.parts.outside.client, harness.provider.control
    job = a_job(model=EDIT)
    body = harness.parts.models.body(job, [harness.cdn.url("cat.jpg")], mask=None, webhook_url=None)
    control.merge({"dead_jobs": {EDIT: wording}})
    failed = await client.submit(EDIT, body)
    assert (await client.job(failed.job_id, asked=asked_of(job))).failure is Failure.MODEL_GONE
    for status in (404, 400):
        control.merge({"dead_runs": {EDIT: wording}, "dead_status": status})
        with pytest.raises(ModelGone) as caught:
            await client.submit(EDIT, body)
        assert caught.value.proven


async def test_a_job_is_followed_once_only(harness: Harness) -> None:
    await ended(harness, origin=Origin.FOLLOW_UP)
    assert await follow_up_of(harness) == ""
    assert (await harness.job()).failure is Reason.MODEL_GONE


async def test_a_job_that_somebody_else_has_moved_is_left_alone(harness: Harness) -> None:
    job = await harness.put(status=Status.UNKNOWN, **CARD)
    await harness.follow_up().end(job, expect=Status.RUNNING)
    assert (await harness.job()).status is Status.UNKNOWN
    assert not harness.parts.models.health.is_gone(EDIT)
    assert (await follow_up_of(harness), harness.operator.warned) == ("", [])


async def test_a_model_that_has_ended_is_not_offered_also_after_a_restart(harness: Harness) -> None:
    await ended(harness)
    assert harness.parts.models.offered(Kind.EDIT) == (SECOND,)
    assert choice(harness) == (SECOND, False)
    health = ModelHealth(database=harness.database, clock=harness.clock)
    assert not health.is_gone(EDIT)
    await health.load()
    assert health.is_gone(EDIT)


async def test_it_is_tried_again_after_six_hours_by_a_job_that_another_model_can_take_over(
    harness: Harness,
) -> None:
    await ended(harness)
    harness.clock.jump(TRY_AGAIN - 1)
    assert choice(harness) == (SECOND, False)
    harness.clock.jump(1)
    assert choice(harness, wanted=SECOND) == (SECOND, False)
    trial = harness.parts.models.choose(
        Kind.EDIT, None, Asked(prompt="a cat", options=Options(count=2), sources=1)
    )
    assert (trial.model, trial.tries, trial.reserve) == (EDIT, True, 10_000)
    job = replace(await harness.put("i9"), id="i10", created_at=harness.clock.now())
    await harness.database.run(_accept_trial, job)
    await harness.parts.models.health.load()
    assert harness.parts.models.health.is_tried_by(job)
    assert choice(harness) == (SECOND, False), "one job tries it, not all"


async def test_it_is_tried_at_once_when_its_entry_in_the_catalogue_changes(harness: Harness) -> None:
    await harness.parts.models.refresh()
    await ended(harness)
    await harness.parts.models.refresh()
    assert choice(harness) == (SECOND, False)
    harness.provider.control.merge({"delist": [EDIT]})
    await harness.parts.models.refresh()
    assert choice(harness) == (SECOND, False), "what is not listed is not tried"
    harness.provider.control.merge({"delist": []})
    await harness.parts.models.refresh()
    assert choice(harness) == (EDIT, True)


async def test_when_no_other_is_left_the_dead_one_is_tried_all_the_same(harness: Harness) -> None:
    await ended(harness)
    await ended(harness, "i2", model=SECOND)
    assert harness.operator.warned[-1][0] == "last_model_gone"
    harness.clock.jump(TRY_LAST_AGAIN - 1)
    assert refused(harness) is Reason.NO_MODELS
    harness.clock.jump(1)
    assert choice(harness) == (EDIT, True)


@pytest.mark.parametrize(("later", "back"), [(-1, False), (1, True)])
async def test_it_is_offered_again_when_a_job_that_was_submitted_later_has_its_images(
    harness: Harness, later: int, back: bool
) -> None:
    await ended(harness)
    job = await harness.put("i5", status=Status.RUNNING, submitted_at=harness.clock.now() + later, **CARD)
    await harness.database.run(_finish, job)
    await harness.parts.models.health.changed(job)
    assert harness.parts.models.health.is_gone(EDIT) is not back


async def test_two_failures_without_a_reason_make_a_model_suspect_and_it_stays(harness: Harness) -> None:
    follow_up = harness.follow_up()
    job = await harness.put()
    for _ in range(3):
        await follow_up.look_at(job, Reason.PROVIDER_TROUBLE)
    await follow_up.look_at(replace(job, model=SECOND), Reason.PROVIDER_TROUBLE)
    assert harness.operator.warned == [("model_suspect", {"model": EDIT, "setting": "PIXELDOJO_MODELS"})]
    assert harness.parts.models.offered(Kind.EDIT) == (EDIT, SECOND)


@pytest.mark.parametrize("between", ["another kind", "another model", "a success", "two hours", "a refusal"])
async def test_failures_that_are_not_in_a_row_are_no_suspicion(harness: Harness, between: str) -> None:
    follow_up = harness.follow_up()
    job = await harness.put(status=Status.RUNNING, submitted_at=harness.clock.now())
    await follow_up.look_at(job, Reason.PROVIDER_TROUBLE)
    match between:
        case "another kind":
            await follow_up.look_at(job, Reason.NO_IMAGES)
        case "another model":
            await follow_up.look_at(replace(job, model=SECOND), Reason.PROVIDER_TROUBLE)
        case "a success":
            await harness.database.run(_finish, job)
        case "two hours":
            harness.clock.jump(2 * HOUR)
        case _:
            await follow_up.look_at(job, Reason.MODERATED)
    await follow_up.look_at(job, Reason.PROVIDER_TROUBLE)
    assert [key for key, _ in harness.operator.warned] == (
        ["model_suspect"] if between == "a refusal" else []
    )


async def test_the_owner_is_told_once_of_another_price_and_again_when_it_changes(harness: Harness) -> None:
    await harness.parts.models.refresh()
    follow_up = harness.follow_up()
    job = await harness.put(options=Options(count=2), reserved=8_000)
    for cost in (8_000, 12_000, 12_000, 16_000):
        await follow_up.priced(job, cost)
    assert [(key, values["cost"]) for key, values in harness.operator.warned] == [
        ("model_repriced", "6 credits")
    ]
    harness.clock.jump(DAY)
    for cost in (16_000, 16_000, 8_000):
        await follow_up.priced(job, cost)
    assert [values["cost"] for _, values in harness.operator.warned] == ["6 credits", "8 credits"]
    harness.clock.jump(DAY)
    await follow_up.priced(job, 16_000)
    assert len(harness.operator.warned) == 2, "that figure is known"


async def test_no_price_has_changed_before_a_list_was_read(harness: Harness) -> None:
    harness.provider.control.merge({"script": [{"path": "/models$", "status": 503, "times": 1}]})
    assert not await harness.parts.models.refresh()
    job = await harness.put()
    await harness.follow_up().priced(job, 4_500)
    assert [key for key, _ in harness.operator.warned] == ["api_address"]
    await harness.parts.models.refresh()
    await harness.follow_up().priced(job, 4_500)
    assert [key for key, _ in harness.operator.warned] == ["api_address", "model_repriced"]


async def test_each_kind_of_image_has_its_price_and_one_that_is_as_before_again_is_told(
    harness: Harness,
) -> None:
    await harness.parts.models.refresh()
    follow_up, low = harness.follow_up(), Options(quality="low")
    plain, cheap = await harness.put(), await harness.put("i2", options=low, reserved=1_000)
    for job, cost in ((plain, 6_000), (cheap, 2_000), (plain, 4_000)):
        await follow_up.priced(job, cost)
    harness.clock.jump(DAY)
    for cost in (4_000, 4_000, 6_000):
        await follow_up.priced(plain, cost)
    harness.clock.jump(DAY)
    await follow_up.priced(plain, 6_000)
    assert [(each["options"], each["cost"], each["known"]) for _, each in harness.operator.warned] == [
        ("", "6 credits", "4 credits"),
        (" (quality low)", "2 credits", "4 credits"),
        ("", "4 credits", "6 credits"),
        ("", "6 credits", "4 credits"),
    ]


async def test_a_guess_is_no_price_that_changed(harness: Harness) -> None:
    await harness.parts.models.refresh()
    job = await harness.put(model="nobody-knows")
    await harness.follow_up().priced(job, 4_500)
    assert harness.operator.warned == []


async def test_a_cost_above_twice_what_was_expected_is_shown_to_the_owner_at_once(harness: Harness) -> None:
    job = await harness.put(options=Options(count=2), reserved=8_000)
    await harness.follow_up().priced(job, 16_001)
    assert harness.operator.warned == [
        (
            "cost_doubted",
            {"model": job.model, "job": job.id, "cost": "16.001 credits", "expected": "8 credits"},
        )
    ]


async def test_what_a_model_cost_last_is_what_the_next_job_reserves(harness: Harness) -> None:
    job = await harness.put("i8", model=SECOND)
    await harness.database.run(learned.note_cost, job.model, job.options, each=40_000)
    await harness.parts.models.health.load()
    await ended(harness)
    assert (await follow_up_of(harness), (await shown(harness)).successor) == (
        "",
        Successor(model=SECOND, cost=40_000, options=Options()),
    )


async def test_an_owner_who_cannot_be_told_now_is_told_at_the_next_start(harness: Harness) -> None:
    harness.operator.reachable = False
    await ended(harness)
    harness.operator.reachable = True
    for _ in range(2):
        await harness.follow_up().tell_of_ends()
    told = [key for key, values in harness.operator.warned if values["model"] == EDIT]
    assert told == ["model_gone", "model_gone"]


async def test_a_failure_from_before_a_model_came_back_says_nothing(harness: Harness) -> None:
    await ended(harness)
    late = await harness.put("i4", status=Status.RUNNING, submitted_at=harness.clock.now(), **CARD)
    harness.clock.jump(1_000)
    job = await harness.put("i5", status=Status.RUNNING, submitted_at=harness.clock.now(), **CARD)
    harness.clock.jump(1_000)
    await harness.database.run(_finish, job, at=harness.clock.now())
    await harness.parts.models.health.changed(job)
    await harness.follow_up().end(late, expect=Status.RUNNING)
    assert not harness.parts.models.health.is_gone(EDIT)


async def test_a_model_that_takes_less_of_a_prompt_does_not_take_over_what_it_cannot_do(
    harness: Harness,
) -> None:
    await ended(harness, prompt="x" * 33_000)
    assert (await follow_up_of(harness), (await shown(harness)).successor) == ("", None)


async def test_a_dead_model_that_is_not_the_first_choice_is_tried_by_nobody(harness: Harness) -> None:
    await ended(harness, model=SECOND)
    harness.clock.jump(TRY_AGAIN)
    assert choice(harness) == (EDIT, False)


async def test_the_owner_hears_of_a_dead_model_once_a_day(harness: Harness) -> None:
    for number in range(3):
        await ended(harness, f"i{number}")
    assert [key for key, _ in harness.operator.warned] == ["model_gone"]
    harness.clock.jump(DAY)
    await ended(harness, "i7")
    assert [values["failed"] for _, values in harness.operator.warned] == ["1 job", "4 jobs"]


@pytest.mark.parametrize(
    ("days", "key"), [(-15, None), (-14, "model_ends"), (-1, "model_ends"), (0, "model_ended")]
)
async def test_the_owner_is_told_at_start_of_an_end_that_is_near(
    harness: Harness, days: int, key: str | None
) -> None:
    harness.clock.jump(KNOWN_ENDS[EDIT].at + days * DAY - harness.clock.now())
    for _ in range(2):
        await harness.follow_up().tell_of_ends()
    # Once for both of its names: the model for edits, and the one for images from nothing.
    both = "gpt-image-1-5 and gpt-image-1-5-edit"
    told = [(each, values["model"]) for each, values in harness.operator.warned]
    assert told == ([] if key is None else [(key, both)])


def test_our_own_order_has_a_model_last_from_its_known_end_on() -> None:
    ours = ModelOrder(names=(EDIT, SECOND))
    end = KNOWN_ENDS[EDIT].at
    assert ours.at(end - 1) == (EDIT, SECOND)
    assert ours.at(end) == (SECOND, EDIT)
    assert replace(ours, by_operator=True).at(end) == (EDIT, SECOND)


def _accept_trial(tx: Tx, job: Job) -> None:
    transitions.accept(
        tx, job, [], event=job.id, role_ids=(), ceilings=Ceilings(member=None, server=None), tries=True
    )


def _finish(tx: Tx, job: Job, *, at: int | None = None) -> None:
    finished = Finished(results=(an_image(job.id, Role.RESULT, sha256="cd"),), cost=None, asked=1)
    assert transitions.finish(tx, job.id, finished, took=None, at=at or job.created_at) is not None
