"""The load benchmark in small: bursts of commands, a slow CDN, and every command comes to its end."""

import math
from pathlib import Path

from benchmarks.load import Load, Outcome, measure, report
from tests.e2e.pictures import small_photo

MEMBERS, EACH = 12, 2
SMALL = Load.in_bursts(members=MEMBERS, each=EACH, seconds=0.8, cdn_delay=0.2)


async def test_every_command_of_a_burst_is_answered_and_every_job_ends(tmp_path: Path) -> None:
    photograph = small_photo(tmp_path / "small.jpg").read_bytes()
    outcome = await measure(SMALL, photograph=photograph)
    assert len(outcome.waits) == MEMBERS * EACH
    assert all(math.isfinite(wait) for wait in outcome.waits), "a command was not answered"
    assert outcome.statuses == {"done": MEMBERS * EACH}
    assert outcome.booked == MEMBERS * EACH, "a job was submitted twice, or not at all"
    assert outcome.findings == []
    assert 0 < outcome.memory < 250


def test_an_even_load_is_spread_and_a_burst_is_not() -> None:
    even = Load.evenly(members=100, each=10, seconds=10.0, cdn_delay=4.0)
    assert even.moments[:3] == [0.0, 0.01, 0.02]
    assert (len(even.moments), even.bursts) == (1000, ())
    bursts = Load.in_bursts(members=100, each=10, seconds=10.0, cdn_delay=4.0)
    assert bursts.moments[99:101] == [0.0, 1.0]
    assert bursts.bursts == [float(second) for second in range(10)]


def test_a_report_tells_stalls_in_a_burst_from_others() -> None:
    load = Load.in_bursts(members=2, each=2, seconds=10.0, cdn_delay=0.0)
    ours = Outcome(
        load=load,
        waits=[0.01, 0.02, 0.03, math.inf],
        stalls=[(0.2, 0.9), (3.0, 0.06), (5.5, 0.2), (8.0, 0.02)],
        memory=80.0,
        statuses={"done": 4},
        findings=[],
    )
    assert ours.stalls_outside_bursts() == [0.06, 0.02]
    said = report(ours, Outcome(load=load, waits=[0.01] * 4, statuses={}))
    assert "3 of 4" in said
    assert "1 stalls above 50 ms outside bursts, the longest 60 ms" in said
    assert "4 done" in said
