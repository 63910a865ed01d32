"""A copy of the database is put back: what waited in it and was sent since is not paid for again."""

import shutil
from collections.abc import Callable

import pytest

from accounts.maintenance import maintain, take_for_restored
from domain.errors import Reason
from domain.job import Status
from domain.limits import DAY
from storage.sqlite import FILE_NAME
from storage.store import SqliteStore
from tests.jobs.simulation import ANN, Simulation

Since = Callable[[Simulation, str], object]

pytestmark = pytest.mark.sqlite_only


def restored(sim: Simulation, *, since: Since) -> str:
    """Put a copy back that was made while a job waited, after what became of it since; return its name."""
    job_id = sim.generate(prompt="sent after the copy")
    assert sim.job(job_id).status is Status.QUEUED
    store, copy = SqliteStore(sim.directory), sim.directory / "copy.db"
    assert maintain(store, export=None, copy=copy, rebuild=False) == 0
    since(sim, job_id)
    sim.kill()
    for log in ("-wal", "-shm"):
        (sim.directory / f"{FILE_NAME}{log}").unlink(missing_ok=True)
    shutil.move(copy, sim.directory / FILE_NAME)
    assert take_for_restored(store) == 0
    assert maintain(store, export=None, copy=None, rebuild=False) == 0
    sim.kill_points.revive()
    sim._begin()
    return job_id


def sent_and_done(sim: Simulation, job_id: str) -> None:
    sim.until(Status.DONE, job_id=job_id)
    assert len(sim.provider.runs) == 1


def test_what_is_found_at_the_provider_is_taken_up_and_charged_once(sim: Simulation) -> None:
    sim.provider.webhooks, sim.provider.listing = "off", "prompt"
    job_id = restored(sim, since=sent_and_done)
    sim.until(Status.DONE, job_id=job_id)
    assert len(sim.provider.runs) == 1
    assert sim.spent(ANN) == 4_000


def test_what_is_not_found_ends_free_and_is_not_sent(sim: Simulation) -> None:
    sim.provider.listing = "unreadable"
    job_id = restored(sim, since=sent_and_done)
    sim.pass_time(DAY / 1000 + 7_200)
    assert sim.job(job_id).failure is Reason.NEVER_ANSWERED
    assert len(sim.provider.runs) == 1
    assert sim.held(ANN) == sim.spent(ANN) == 0
