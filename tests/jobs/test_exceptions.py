"""An exception at any await of any step ends no job's coroutine, and leaks neither a slot nor a permit."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import storage.files
from domain.errors import Reason
from domain.job import Status
from domain.limits import DAY
from storage.errors import StorageError, Unusable
from tests.jobs.promises import check_at_rest
from tests.jobs.simulation import ANN, BEN, Simulation

ERRORS: dict[str, Exception] = {
    "locked": StorageError("database is locked"),
    "full": Unusable("database or disk is full"),
    "disk": OSError(28, "No space left on device"),
    "surprise": RuntimeError("nobody thought of it"),
}
SHOULD_BE_DONE = {Status.DONE, Status.FAILED}
EVERY = 20
"""The normal suite takes every so many points, the errors by turns; ``-m slow`` all of them."""


@contextmanager
def simulated(folder: Path, template: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulation]:
    monkeypatch.setattr(storage.files.os, "fsync", lambda _handle: None)
    sim = Simulation(folder, template=template)
    try:
        yield sim
    finally:
        sim.close()


def lives(sim: Simulation, *, at: int | None, error: Exception) -> int:
    """Let three jobs live, of which one is put back once and one parked and found; return the touches."""
    sim.provider.faults = ["ok", "rate_limited", "lost_after"]
    sim.provider.webhooks = "off"
    asked = [sim.edit(images=2, sources=2), sim.edit(BEN), sim.generate(ANN)]
    before = sim.kill_points.touches
    if at is not None:
        sim.kill_points.raise_at(at, error)
    sim.pass_time(1_500.0)
    if any(job.status is Status.UNKNOWN for job in sim.jobs()):
        # The surprise came before the request left: nobody can know that, so it is given up after a day.
        # Within a run ages do not follow the clock, hence the start; its first ten minutes end nothing.
        sim.clock.shift = DAY
        sim.crash()
        sim.pass_time(1_500.0)
    assert all(sim.job(job_id).status in SHOULD_BE_DONE for job_id in asked), sim.jobs()
    assert len(sim.provider.runs) <= 3
    assert not sim.bot.parts.slots.held()
    assert sim.bot.scheduler._budget._all._open == {}, "a permit is still open"
    return sim.kill_points.touches - before


@pytest.fixture(scope="module")
def touches(tmp_path_factory: pytest.TempPathFactory) -> int:
    folder = tmp_path_factory.mktemp("count")
    with pytest.MonkeyPatch.context() as patch, simulated(folder / "data", folder / "t.db", patch) as sim:
        return lives(sim, at=None, error=ERRORS["surprise"])


def suffer(folder: Path, template: Path, points: range, error: Exception) -> None:
    ends = Counter[Reason | None]()
    for point in points:
        with pytest.MonkeyPatch.context() as patch, simulated(folder / f"{point}", template, patch) as sim:
            lives(sim, at=point, error=error)
            check_at_rest(sim, given_up=set())
            ends.update(job.failure for job in sim.jobs())
    # Most errors are waited out; where a full disk is somebody's answer, they hear of it.
    assert ends[None] > 0.8 * ends.total(), ends


@pytest.mark.parametrize("name", ERRORS)
def test_every_job_ends_wherever_a_step_raises(
    tmp_path: Path, template: Path, touches: int, name: str
) -> None:
    first = EVERY * list(ERRORS).index(name)
    suffer(tmp_path, template, range(first, touches, EVERY * len(ERRORS)), ERRORS[name])


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("name", ERRORS)
def test_every_job_ends_at_every_single_point(
    tmp_path: Path, template: Path, touches: int, name: str
) -> None:
    suffer(tmp_path, template, range(touches), ERRORS[name])
