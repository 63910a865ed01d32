"""What another job's answer showed is held when a job's own turn comes, or it ends free."""

from collections.abc import Iterator

import pytest

from accounts.allowances import Ceilings
from accounts.verify import verify
from domain.allowances import Allowance, TargetKind
from domain.errors import Reason, Refusal
from domain.images import Image, Role
from domain.job import Job, Status
from domain.limits import HOUR
from domain.options import Options
from domain.periods import Period
from jobs import transitions
from jobs.holding import Price
from jobs.transitions import Finished
from storage import allowances, holds, job_rows, learned
from storage.tx import Tx
from tests.engines import Engine
from tests.storage.rows import ANN, BEN, GUILD, NOON, a_job

CEILINGS = Ceilings(member=40_000)
PRICE = Price(each=4_000, ceilings=CEILINGS)
ROLE = 77


@pytest.fixture
def tx(engine: Engine) -> Iterator[Tx]:
    connection = engine.in_memory()
    yield connection
    assert verify(connection) == []


def accept(tx: Tx, job_id: str, *, ceilings: Ceilings = CEILINGS, **values: object) -> Job:
    job = a_job(job_id, **values)
    return transitions.accept(tx, job, (), event=job_id, role_ids=(ROLE, 78), ceilings=ceilings)[0]


def begin(tx: Tx, job_id: str, price: Price = PRICE) -> Job:
    job = transitions.begin_submit(tx, job_id, price=price, at=NOON + 1)
    assert job is not None
    return job


def take(tx: Tx, job_id: str, *, cost: int) -> Job:
    job = transitions.submitted(
        tx, job_id, provider_job_id=f"p{job_id}", cost=cost, remaining=None, at=NOON + 2
    )
    assert job is not None
    return job


def held(tx: Tx) -> int:
    return holds.held(tx, guild_id=GUILD, member_id=ANN).held


def test_six_that_were_asked_for_at_once_spend_no_more_than_one_may(tx: Tx) -> None:
    jobs = [accept(tx, f"i{number}") for number in range(6)]
    begin(tx, "i0")
    take(tx, "i0", cost=40_000)
    later = [begin(tx, job.id) for job in jobs[1:]]
    assert {(job.status, job.failure, job.held) for job in later} == {
        (Status.FAILED, Reason.PRICE_ROSE, 40_000)
    }
    assert held(tx) == 40_000


def test_what_was_sent_before_the_price_was_known_goes_on(tx: Tx) -> None:
    for number in range(3):
        accept(tx, f"i{number}")
        begin(tx, f"i{number}")
    assert [take(tx, f"i{number}", cost=40_000).held for number in range(3)] == [40_000] * 3


def test_a_raise_that_fits_is_held_before_the_request_leaves(tx: Tx) -> None:
    accept(tx, "i0", member_id=BEN)
    accept(tx, "i1", options=Options(count=2), reserved=8_000)
    begin(tx, "i0")
    take(tx, "i0", cost=8_000)
    job = begin(tx, "i1")
    assert (job.status, job.reserved, job.raised) == (Status.SUBMITTING, 8_000, 8_000)
    assert held(tx) == 16_000
    assert take(tx, "i1", cost=24_000).raised == 16_000


def test_a_price_of_other_options_says_nothing(tx: Tx) -> None:
    accept(tx, "i0")
    accept(tx, "i1", options=Options(quality="low"))
    begin(tx, "i0")
    take(tx, "i0", cost=40_000)
    assert begin(tx, "i1").held == 4_000


def test_a_price_that_the_catalogue_raised_counts_as_well(tx: Tx) -> None:
    accept(tx, "i0")
    assert begin(tx, "i0", Price(each=5_000, ceilings=CEILINGS)).held == 5_000


def test_a_price_that_fell_again_is_held_no_more(tx: Tx) -> None:
    for number, cost in enumerate((7_000, 4_000, 4_000)):
        accept(tx, f"i{number}")
        begin(tx, f"i{number}")
        take(tx, f"i{number}", cost=cost)
    assert held(tx) == 7_000 + 7_000 + 4_000


def learned_cost(tx: Tx) -> int | None:
    return learned.cost(tx, a_job().model, Options())


def test_the_price_is_the_median_of_the_last_five_costs(tx: Tx) -> None:
    medians: list[int | None] = []
    for number, cost in enumerate(
        (5_000, 5_000, 5_000, 5_000, 5_000, 7_000, 7_000, 7_000, 4_000, 4_000, 4_000)
    ):
        accept(tx, f"i{number}", ceilings=Ceilings())
        begin(tx, f"i{number}", Price(each=4_000, ceilings=Ceilings()))
        take(tx, f"i{number}", cost=cost)
        medians.append(learned_cost(tx))
    assert medians == [5_000] * 7 + [7_000] * 3 + [4_000]


def test_a_cost_above_twice_what_was_held_is_not_the_price_until_it_comes_again(
    tx: Tx,
) -> None:
    limits = Ceilings(member=60_000)
    for number in range(3):
        accept(tx, f"i{number}", ceilings=limits)
    begin(tx, "i0")
    take(tx, "i0", cost=8_001)
    assert learned_cost(tx) is None
    # It is not the price, but what waits is only sent where there is room for as much.
    job = begin(tx, "i1", Price(each=4_000, ceilings=limits))
    assert (job.held, learned_cost(tx)) == (8_001, None)
    take(tx, "i1", cost=8_001)
    assert learned_cost(tx) == 8_001


def test_a_doubted_cost_is_forgotten_after_an_hour_or_once_another_cost_is_believed(
    tx: Tx,
) -> None:
    limits = Ceilings(member=200_000)
    for number in range(4):
        accept(tx, f"i{number}", ceilings=limits)
    begin(tx, "i0")
    take(tx, "i0", cost=40_000)
    later = transitions.begin_submit(tx, "i1", price=PRICE, at=NOON + 2 + HOUR + 1)
    assert later is not None
    assert later.held == 4_000
    begin(tx, "i2", Price(each=4_000, ceilings=limits))
    take(tx, "i2", cost=5_000)
    assert (begin(tx, "i3").held, learned_cost(tx)) == (5_000, 5_000)


def test_a_cost_that_only_its_end_tells_is_learned_as_well(tx: Tx) -> None:
    accept(tx, "i0")
    begin(tx, "i0")
    job = transitions.submitted(tx, "i0", provider_job_id="p", cost=None, remaining=None, at=NOON + 2)
    assert job is not None
    result = Image(job_id=job.id, role=Role.RESULT, position=1, name="1.png", sha256="a" * 64)
    finished = Finished(results=(result,), cost=6_000, asked=1)
    assert transitions.finish(tx, job.id, finished, took=None, at=NOON + 3) is not None
    assert learned_cost(tx) == 6_000


def test_what_an_earlier_version_learned_is_one_cost(tx: Tx) -> None:
    learned.note_cost(tx, "m", Options(), each=1)
    tx.execute("UPDATE learned SET value = replace(value, '[1]', '7000')")
    assert learned.cost(tx, "m", Options()) == 7_000
    learned.note_cost(tx, "m", Options(resolution="4K"), each=9_000)
    assert (learned.cost(tx, "m", Options()), learned.cost(tx, "m", Options(resolution="4K"))) == (
        7_000,
        9_000,
    )


def test_a_job_that_goes_back_to_the_queue_is_raised_once(tx: Tx) -> None:
    accept(tx, "i0")
    for _ in range(2):
        assert begin(tx, "i0", Price(each=7_000, ceilings=CEILINGS)).held == 7_000
        job_rows.move(tx, "i0", expect=Status.SUBMITTING, to=Status.QUEUED, submitted_at=None, secret=None)
    assert begin(tx, "i0", Price(each=9_000, ceilings=CEILINGS)).raised == 5_000


def test_the_limit_of_a_role_counts_for_a_raise_too(tx: Tx) -> None:
    allowance = Allowance(kind=TargetKind.ROLE, target_id=ROLE, period=Period.DAY, credits=10_000)
    allowances.put(tx, allowance, guild_id=GUILD, set_by=1, at=NOON)
    job = accept(tx, "i0", ceilings=Ceilings())
    assert job.role_ids == (ROLE,)
    ended = begin(tx, "i0", Price(each=11_000, ceilings=Ceilings()))
    assert (ended.failure, ended.role_ids) == (Reason.PRICE_ROSE, ())
    accept(tx, "i1", ceilings=Ceilings())
    assert begin(tx, "i1", Price(each=10_000, ceilings=Ceilings())).status is Status.SUBMITTING


def test_whoever_is_accepted_next_finds_what_the_raise_left(tx: Tx) -> None:
    accept(tx, "i0")
    begin(tx, "i0")
    take(tx, "i0", cost=38_000)
    with pytest.raises(Refusal) as refused:
        accept(tx, "i1")
    assert refused.value.values["left"] == 2_000


def test_without_any_word_of_a_cost_what_is_held_is_the_price(tx: Tx) -> None:
    accept(tx, "i0")
    begin(tx, "i0", Price(each=7_000, ceilings=CEILINGS))
    job = transitions.submitted(tx, "i0", provider_job_id="p", cost=None, remaining=None, at=NOON + 2)
    assert job is not None
    assert job.known_cost == 7_000
