"""When waiting jobs are expected to start, and when that is worth telling again."""

import pytest

from jobs.estimates import Slots, Waiting, expected_starts, worth_correcting


def starts(
    waiting: list[tuple[str, int]],
    running: list[tuple[int, float]] | None = None,
    *,
    in_flight: int = 8,
    per_member: int = 3,
    gap: float = 0.0,
    seconds: float = 40.0,
) -> dict[str, float]:
    jobs = [Waiting(job_id, member_id, seconds) for job_id, member_id in waiting]
    return expected_starts(jobs, running or [], slots=Slots(in_flight, per_member, gap))


def test_with_free_slots_a_job_starts_at_once() -> None:
    assert starts([("a", 1), ("b", 2)]) == {"a": 0.0, "b": 0.0}


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


@pytest.mark.parametrize(
    ("fresh", "worth"), [(40_000, False), (49_000, False), (51_000, True), (31_000, False), (29_000, True)]
)
def test_an_estimate_is_corrected_when_off_by_more_than_a_quarter(fresh: int, *, worth: bool) -> None:
    assert worth_correcting(shown_at=0, shown=40_000, fresh=fresh) is worth


def test_a_few_seconds_are_nobodys_business() -> None:
    assert not worth_correcting(shown_at=0, shown=4_000, fresh=8_000)
    assert worth_correcting(shown_at=0, shown=4_000, fresh=9_500)
