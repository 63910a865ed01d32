"""When waiting jobs are expected to start, and when that is worth telling again."""

import itertools
import random
from dataclasses import replace

import pytest

from domain.job import Job, Status
from domain.limits import SOFT_DEADLINE
from domain.views import Expectation
from jobs.groups import group_of
from jobs.queue.forecast import Forecast, Limits, expected_starts
from jobs.queue.pace import Pace
from jobs.queue.slots import Slots
from scheduling.durations import Bounds, Durations
from tests.clock import START, FakeClock
from tests.storage.rows import ANN, BEN, a_job


def starts(
    waiting: list[tuple[str, int]],
    running: list[tuple[int, float]] | None = None,
    *,
    in_flight: int = 8,
    per_member: int = 3,
    gap: float = 0.0,
    seconds: float = 40.0,
    pace: int | None = None,
    begun: dict[int, list[float]] | None = None,
) -> dict[str, float]:
    running = running or []
    found = expected_starts(
        [(member_id, seconds) for _, member_id in waiting],
        held=[member_id for member_id, _ in running],
        left=lambda: [(left, member_id) for member_id, left in running],
        limits=Limits(in_flight, per_member, gap, pace),
        begun=begun,
    )
    return {waiting[place][0]: moment for place, moment in found}


def test_with_free_slots_a_job_starts_at_once() -> None:
    assert starts([("a", 1), ("b", 2)]) == {"a": 0.0, "b": 0.0}


def test_who_asked_as_often_as_they_may_starts_a_minute_after_that_and_others_pass() -> None:
    waiting = [("a", 1), ("b", 1), ("c", 1), ("d", 2), ("e", 1)]
    assert starts(waiting, seconds=5.0, pace=2) == {"a": 0, "b": 0, "c": 60, "d": 0, "e": 60}
    assert starts([("a", 1)], pace=2, begun={1: [50.0, 10.0]}) == {"a": 10.0}
    assert starts([("a", 1)], pace=3, begun={1: [50.0, 10.0]}) == {"a": 0.0}


def test_submits_keep_their_distance() -> None:
    assert starts([("a", 1), ("b", 2), ("c", 3)], gap=6.0) == {"a": 0.0, "b": 6.0, "c": 12.0}


def test_with_all_slots_held_jobs_wait_for_those_that_end_first() -> None:
    running = [(1, 30.0), (2, 10.0), (3, 20.0)]
    assert starts([("a", 4), ("b", 5)], running, in_flight=3) == {"a": 10.0, "b": 20.0}


def test_a_member_at_their_cap_waits_for_their_own_job_and_others_pass() -> None:
    running = [(1, 30.0), (1, 10.0), (1, 20.0)]
    assert starts([("mine", 1), ("yours", 2)], running) == {"mine": 10.0, "yours": 0.0}


def test_jobs_that_will_have_started_hold_slots_too() -> None:
    assert starts([("a", 1), ("b", 2), ("c", 3)], in_flight=1) == {"a": 0.0, "b": 40.0, "c": 80.0}


def test_fifty_jobs_of_one_member_go_three_at_a_time() -> None:
    found = starts([(f"job {n}", 1) for n in range(50)])
    assert [found[f"job {n}"] for n in (0, 2, 3, 6, 49)] == [0.0, 0.0, 40.0, 80.0, 640.0]


def test_an_overdue_job_is_expected_to_end_now() -> None:
    assert starts([("a", 2)], [(1, -5.0)], in_flight=1) == {"a": 0.0}


def test_every_waiting_job_of_a_thousand_gets_its_moment() -> None:
    found = starts([(f"job {n}", n % 100) for n in range(1000)], gap=6.0)
    assert len(found) == 1000
    assert list(found.values()) == sorted(found.values())


def test_as_many_go_together_as_slots_and_members_allow() -> None:
    """Beside a plain model of the queue: second by second, first in turn first."""
    draw = random.Random(7)
    for _ in range(50):
        waiting = [(f"{n}", draw.randrange(4)) for n in range(draw.randrange(1, 20))]
        running = [(draw.randrange(4), float(draw.randrange(1, 40))) for _ in range(draw.randrange(4))]
        limits = {"in_flight": draw.randrange(4, 7), "per_member": 3}
        assert starts(waiting, running, **limits) == played(waiting, running, **limits)


def played(
    waiting: list[tuple[str, int]], running: list[tuple[int, float]], *, in_flight: int, per_member: int
) -> dict[str, float]:
    found: dict[str, float] = {}
    left, now, going = list(waiting), 0.0, [(end, member_id) for member_id, end in running]
    while left:
        going = [(end, member_id) for end, member_id in going if end > now]
        members = [member_id for _, member_id in going]
        able = [each for each in left if members.count(each[1]) < per_member]
        if able and len(going) < in_flight:
            left.remove(able[0])
            found[able[0][0]] = now
            going.append((now + 40.0, able[0][1]))
        else:
            now += 1.0
    return found


# What cards say


class Setting:
    """A queue, and what is told of the jobs in it: 40 s each, known well; a submit every 6 s."""

    def __init__(self, *, per_minute: int | None = None) -> None:
        self.clock = FakeClock()
        self.slots = Slots(in_flight=4, per_member=3, pace=Pace(clock=self.clock, per_minute=per_minute))
        durations = Durations()
        for _ in range(100):
            durations.add(group_of(a_job()), Bounds(39.9, 40.1), at_ms=START)
        self.submits_in = 0.0
        self.forecast = Forecast(
            clock=self.clock,
            durations=durations,
            slots=self.slots,
            submits_per_minute=10,
            submits_in=lambda: self.submits_in,
        )
        self.jobs: list[Job] = []

    def wait(self, number: int, member_id: int = ANN) -> list[Job]:
        """Let so many more jobs of a member wait, and return them."""
        first = len(self.jobs)
        new = [
            a_job(f"i{n:03}", member_id=member_id, created_at=START + n) for n in range(first, first + number)
        ]
        for job in new:
            self.slots.add(job)
        self.jobs += new
        return new

    def run(self, job: Job) -> Job:
        """Let the provider run the job whose turn it is."""
        assert self.slots.take() == job.id
        running = replace(job, status=Status.RUNNING, submitted_at=self.clock.now())
        self.slots.occupy(running)
        return running

    def starts(self, job: Job) -> float:
        """Return in how many seconds a job is expected to start."""
        told = self.forecast.expect(job).starts_at
        assert told is not None
        return (told - self.clock.now()) / 1000

    def off(self, *jobs: Job, **shown: Expectation) -> list[str]:
        return [job.id for job in self.forecast.no_longer_so(jobs, shown.get)]


@pytest.fixture
def setting() -> Setting:
    return Setting()


def test_thirty_jobs_of_one_member_are_expected_three_at_a_time(setting: Setting) -> None:
    jobs = setting.wait(30)
    assert [setting.starts(jobs[n]) for n in (0, 1, 2)] == [0.0, 6.0, 12.0]
    assert setting.starts(jobs[29]) == pytest.approx(9 * 40.0 + 12.0, abs=2.0)
    assert [setting.forecast.expect(job).ahead for job in jobs] == list(range(30))


def test_another_members_job_goes_before_those_whose_member_is_at_the_cap(setting: Setting) -> None:
    jobs = setting.wait(10)
    for job in jobs[:3]:
        setting.run(job)
    (other,) = setting.wait(1, BEN)
    assert (setting.forecast.expect(other).ahead, setting.starts(other)) == (0, 0.0)
    assert setting.forecast.expect(jobs[3]).ahead == 1
    assert setting.starts(jobs[3]) == pytest.approx(40.0, abs=1.0)


async def test_what_runs_is_expected_to_end_by_its_age(setting: Setting) -> None:
    jobs = setting.wait(4)
    for job in jobs[:3]:
        setting.run(job)
    await setting.clock.advance(30.0)
    assert setting.starts(jobs[3]) == pytest.approx(10.0, abs=1.0)


def test_a_job_whose_sources_are_on_their_way_is_told_what_it_will_get(setting: Setting) -> None:
    setting.wait(5)
    coming = a_job("i900", member_id=ANN, created_at=START + 900)
    told = setting.forecast.expect(coming)
    setting.slots.add(coming)
    assert setting.forecast.expect(coming) == told
    assert told.ahead == 5


async def test_a_job_that_is_about_to_be_submitted_waits_for_nobody(setting: Setting) -> None:
    (job,) = setting.wait(1)
    assert setting.slots.take() == job.id
    assert (setting.forecast.expect(job).ahead, setting.starts(job)) == (0, 0.0)


async def test_what_was_played_a_moment_ago_still_tells_of_who_was_in_it(setting: Setting) -> None:
    jobs = setting.wait(2)
    first = setting.forecast.expect(jobs[1])
    await setting.clock.advance(0.5)
    assert setting.forecast.expect(jobs[1]) == first
    await setting.clock.advance(1.0)
    assert setting.forecast.expect(jobs[1]) != first


def test_a_running_job_is_told_its_end_and_a_late_one_nothing(setting: Setting) -> None:
    (job,) = setting.wait(1)
    running = setting.run(job)
    assert setting.forecast.expect(running).ends_at == pytest.approx(START + 40_000, abs=1000)
    late = replace(running, submitted_at=START - SOFT_DEADLINE - 1)
    assert setting.forecast.expect(late) == Expectation(late=True)
    assert setting.forecast.expect(replace(job, status=Status.UNKNOWN)) == Expectation()


@pytest.mark.parametrize(("seconds", "off"), [(0.0, False), (4.9, False), (7.5, False), (8.5, True)])
def test_a_card_is_corrected_when_off_by_more_than_a_quarter(
    setting: Setting, seconds: float, *, off: bool
) -> None:
    jobs = setting.wait(4)
    fresh = setting.forecast.expect(jobs[3])
    assert fresh.starts_at is not None
    shown = replace(fresh, starts_at=fresh.starts_at - round(seconds * 1000))
    assert setting.off(*jobs, i003=shown) == (["i003"] if off else [])


def test_a_queue_waits_for_leave_to_submit(setting: Setting) -> None:
    setting.submits_in = 30.0
    jobs = setting.wait(2)
    assert [setting.starts(job) for job in jobs] == [30.0, 36.0]


def test_a_card_does_not_name_those_ahead_when_nobody_is_any_more(setting: Setting) -> None:
    (job,) = setting.wait(1)
    fresh = setting.forecast.said(job)
    assert setting.off(job, i000=replace(fresh, ahead=1)) == ["i000"]
    assert setting.off(job, i000=fresh) == []


def test_a_few_seconds_are_nobodys_business(setting: Setting) -> None:
    jobs = setting.wait(3)
    fresh = setting.forecast.expect(jobs[2])
    assert fresh.starts_at is not None
    assert setting.off(*jobs, i002=replace(fresh, starts_at=fresh.starts_at + 4_900)) == []
    assert setting.off(*jobs, i002=replace(fresh, starts_at=fresh.starts_at + 5_100)) == ["i002"]


async def test_no_card_says_a_moment_that_has_passed(setting: Setting) -> None:
    """Five jobs of one member, looked at every five seconds until long after they were to end."""
    jobs = setting.wait(5)
    jobs[:3] = [setting.run(job) for job in jobs[:3]]
    shown = {job.id: setting.forecast.said(job) for job in jobs}
    assert [shown[job.id].own for job in jobs] == [0, 0, 0, 3, 0]
    phases: list[str] = []
    for _ in range(80):
        for job in setting.forecast.no_longer_so(jobs, shown.get):
            shown[job.id] = setting.forecast.said(job)
        first = shown[jobs[0].id]
        phases.append("late" if first.late else "slow" if first.slow else "ends" if first.ends_at else "soon")
        await setting.clock.advance(5.0)
        said = [moment for each in shown.values() for moment in (each.starts_at, each.ends_at) if moment]
        assert all(moment > setting.clock.now() for moment in said)
    assert list(dict.fromkeys(phases)) == ["ends", "soon", "slow", "late"]
    assert len([1 for one, following in itertools.pairwise(phases) if one != following]) <= 4, phases


def test_a_card_is_corrected_when_its_job_becomes_late(setting: Setting) -> None:
    late = replace(setting.run(setting.wait(1)[0]), submitted_at=START - SOFT_DEADLINE - 1)
    assert setting.off(late, i000=Expectation(ends_at=START)) == ["i000"]
    assert setting.off(late, i000=Expectation(late=True)) == []


def test_of_a_card_that_was_never_shown_or_whose_job_has_moved_on_nothing_is_corrected(
    setting: Setting,
) -> None:
    (job,) = setting.wait(1)
    assert setting.off(job) == []
    assert setting.off(replace(job, status=Status.DELIVERING), i000=Expectation(ahead=3)) == []


def test_a_card_says_when_its_member_has_rested() -> None:
    setting = Setting(per_minute=1)
    first, second = setting.wait(2)
    setting.run(first)
    assert setting.starts(second) == 60.0
