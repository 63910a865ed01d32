"""The whole life of jobs as a state machine: members, faults and kills in any order, on simulated time.

Each run is decided by Hypothesis alone: a failure prints the steps and a ``@reproduce_failure`` line that
repeats it. ``python -m tests.doubt --below 2000`` plays so many, from one seed on.
"""

import secrets
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

import jobs.asking.reconcile
import jobs.delivery.stale
import jobs.engine
import storage.files
from domain.errors import Reason
from domain.job import Status
from domain.limits import MIB
from tests.jobs.model_provider import OUTCOMES, REFUSALS, UNTIDY
from tests.jobs.promises import check_always, check_at_rest
from tests.jobs.simulation import ANN, BEN, Simulation

MEMBERS = st.sampled_from([ANN, BEN])
SPANS = st.sampled_from([0.4, 3.0, 30.0, 60.0, 200.0, 700.0])
SHORT_SPANS = st.sampled_from([0.05, 0.15, 0.4, 1.0, 2.0])
FAULTS = st.sampled_from(["lost_before", "lost_after", "slow", "silence", *REFUSALS])
HOUR = 3_600_000
NAMES = Random()
"""Where a run has its random names from: the same ones again when it is repeated."""


class Life(RuleBasedStateMachine):
    """A simulation, and everything that can happen in it."""

    def __init__(self) -> None:
        super().__init__()
        NAMES.seed(0)
        self.base = Path(tempfile.mkdtemp(prefix="life-"))
        self.sim = Simulation(self.base / "data", template=TEMPLATE)
        self.sound, self.jumped = True, False

    @initialize(webhooks=st.booleans(), listing=st.sampled_from(["full", "prompt", "bare", "unreadable"]))
    def begin(self, webhooks: bool, listing: str) -> None:
        self.sim.webhooks = webhooks
        self.sim.provider.webhooks = "on" if webhooks else "off"
        self.sim.provider.listing = listing
        self.sim.crash()

    # Members

    @rule(member=MEMBERS, images=st.integers(1, 3), sources=st.integers(1, 2))
    def edit(self, member: int, images: int, sources: int) -> None:
        self.sim.edit(member, images=images, sources=sources)

    @rule(member=MEMBERS)
    def generate_the_same(self, member: int) -> None:
        self.sim.generate(member, prompt="the same")

    @precondition(lambda self: self.some())
    @rule(data=st.data(), member=MEMBERS, how=st.sampled_from(["reroll", "react", "repeat"]))
    def ask_again(self, data: st.DataObject, member: int, how: str) -> None:
        job_id = self.choose(data)
        if how == "repeat":
            self.sim.edit(member, repeat=job_id)
        elif how == "react":
            self.sim.react(job_id, member)
        else:
            self.sim.reroll(job_id, member)

    @precondition(lambda self: self.some())
    @rule(data=st.data(), member=MEMBERS, how=st.sampled_from(["unreact", "cancel", "collect", "delete"]))
    def undo(self, data: st.DataObject, member: int, how: str) -> None:
        job_id = self.choose(data)
        if how == "unreact":
            self.sim.unreact(job_id, member)
        elif how == "cancel":
            self.sim.cancel(job_id)
        elif how == "collect":
            self.sim.collect(job_id)
        else:
            self.sim.delete(job_id)

    # Time, kills and starts

    @rule(seconds=SPANS)
    def time_passes(self, seconds: float) -> None:
        self.sim.pass_time(seconds)

    @rule(seconds=SHORT_SPANS)
    def a_moment_passes(self, seconds: float) -> None:
        self.sim.pass_time(seconds)

    @rule(touches=st.integers(0, 40), seconds=SPANS)
    def it_is_killed_at_a_touch(self, touches: int, seconds: float) -> None:
        self.sim.kill_points.kill_after(touches)
        self.sim.pass_time(seconds)

    @rule(again=st.none() | st.integers(0, 15))
    def it_is_killed_now(self, again: int | None) -> None:
        self.sim.crash(again_after=again)

    @rule()
    def it_is_stopped_and_started(self) -> None:
        self.sim.stop_and_start()

    @rule(shift=st.sampled_from([0, -2 * HOUR, -60_000, 90_000, 20 * 60_000, 2 * HOUR]))
    def the_clock_jumps(self, shift: int) -> None:
        self.sim.clock.shift = shift
        self.jumped = True

    # The provider

    @rule(faults=st.lists(FAULTS, min_size=1, max_size=3))
    def submissions_go_wrong(self, faults: list[str]) -> None:
        self.sim.provider.faults = faults

    @rule(
        outcomes=st.lists(st.sampled_from(OUTCOMES), max_size=3),
        seconds=st.sampled_from([0.1, 5.0, 35.0, 400.0, 900.0]),
        surcharge=st.sampled_from([-1_000, 0, 500]),
        fetches=st.lists(st.sampled_from(["ok", "gone", "trouble", "not_an_image"]), max_size=4),
    )
    def runs_end_otherwise(
        self, outcomes: list[str], seconds: float, surcharge: int, fetches: list[str]
    ) -> None:
        provider = self.sim.provider
        provider.outcomes, provider.seconds, provider.surcharge = outcomes, seconds, surcharge
        provider.fetch_faults = fetches

    @rule(storm=st.sampled_from([0, 5, 90]), down=st.booleans())
    def the_provider_refuses_everybody(self, storm: int, down: bool) -> None:
        self.sim.provider.storm_until = self.sim.clock.true() + storm * 1000
        self.sim.provider.down = down

    @rule(
        webhooks=st.sampled_from(["on", "off", "twice", "late"]), name=st.sampled_from([None, "p1", "p999"])
    )
    def webhooks_come_otherwise_and_forged(self, webhooks: str, name: str | None) -> None:
        self.sim.provider.webhooks = webhooks
        assert not self.sim.run(self.sim.bot.parts.engine.poke("0" * 32, name))

    @rule(
        doubts=st.lists(st.sampled_from(UNTIDY), max_size=4),
        seconds=st.sampled_from([5, 40, 300, 540]),
    )
    def the_provider_is_doubtful(self, doubts: list[str], seconds: int) -> None:
        """Bounded: what is denied for ten minutes, while all else is answered, is believed."""
        provider = self.sim.provider
        provider.doubts = doubts
        provider.doubtful_until = self.sim.clock.true() + seconds * 1000

    @rule(seconds=st.sampled_from([0.4, 6.0, 60.0]))
    def the_database_is_locked(self, seconds: float) -> None:
        self.sim.bot.database.locked = True
        self.sim.pass_time(seconds)
        self.sim.bot.database.locked = False

    # Discord

    @rule(
        troubles=st.lists(st.sampled_from(["before", "after", "ok"]), max_size=6),
        sources=st.lists(st.sampled_from(["ok", "gone", "trouble", "not_an_image"]), max_size=2),
        late=st.booleans(),
    )
    def discord_is_in_trouble(self, troubles: list[str], sources: list[str], late: bool) -> None:
        self.sim.messenger.troubles = troubles
        self.sim.sources.faults = sources
        self.sim.messenger.answers_fail = late

    @rule(hidden=st.booleans(), closed=st.booleans())
    def ways_are_closed(self, hidden: bool, closed: bool) -> None:
        self.sim.muffled = True
        self.sim.messenger.hidden, self.sim.messenger.closed_directs = hidden, closed
        self.sim.messenger.was_hidden |= hidden

    @rule(limit=st.sampled_from([50, 200_000, 100 * MIB]), size=st.sampled_from([100, 300_000, 9_000_000]))
    def files_and_limits_change(self, limit: int, size: int) -> None:
        self.sim.messenger.limit = limit
        self.sim.provider.size = size

    @precondition(lambda self: self.sim.messenger.messages)
    @rule(data=st.data())
    def somebody_deletes_a_message(self, data: st.DataObject) -> None:
        self.sim.muffled = True
        message_id = data.draw(st.sampled_from(list(self.sim.messenger.messages)))
        self.sim.messenger.messages[message_id].deleted = True

    @precondition(lambda self: self.some(Status.DELIVERING))
    @rule(data=st.data())
    def the_disk_loses_the_files_of_a_job(self, data: st.DataObject) -> None:
        job_id = self.choose(data, Status.DELIVERING)
        self.sim.lost_files.add(job_id)
        for image in self.sim.results(job_id):
            self.sim.bot.parts.files.path(image.sha256 or "").unlink(missing_ok=True)

    # What holds

    @invariant()
    def every_promise_is_kept(self) -> None:
        self.sound = False
        check_always(self.sim)
        self.sound = True

    def teardown(self) -> None:
        try:
            if self.sound:
                self.come_to_rest()
        finally:
            self.sim.close()
            shutil.rmtree(self.base)

    def come_to_rest(self) -> None:
        """Let everything be well from now on, and see that every job ends as it should."""
        sim = self.sim
        sim.provider.faults, sim.provider.outcomes, sim.provider.fetch_faults = [], [], []
        sim.provider.storm_until, sim.provider.down, sim.clock.shift = 0, False, 0
        sim.provider.doubts = []
        sim.messenger.troubles, sim.sources.faults = [], []
        sim.messenger.hidden = sim.messenger.closed_directs = sim.messenger.answers_fail = False
        sim.messenger.limit = 100 * MIB
        given_up = {job.id for job in sim.jobs() if job.failure is Reason.NEVER_ANSWERED}
        if sim.provider.listing in {"bare", "unreadable"} or self.jumped:
            # Nothing names them, or by prompt and moment alone, which a clock that was wrong does not tell.
            given_up |= {job.id for job in sim.jobs()}
        sim.crash()
        for _ in range(120):
            sim.pass_time(60.0 if sim.open_jobs() else 1_200.0)
            check_always(sim)
            if not sim.open_jobs():
                break
            if {job.status for job in sim.open_jobs()} <= {Status.UNKNOWN, Status.RUNNING}:
                sim.pass_time(1_800.0)
        sim.pass_time(1_200.0)
        check_at_rest(sim, given_up=given_up)

    def some(self, *statuses: Status) -> list[str]:
        return [job.id for job in self.sim.jobs() if not statuses or job.status in statuses]

    def choose(self, data: st.DataObject, *statuses: Status) -> str:
        return data.draw(st.sampled_from(self.some(*statuses)))


TEMPLATE = Path(tempfile.mkdtemp(prefix="life-template-")) / "template.db"

COMMON: dict[str, Any] = {
    "deadline": None,
    "print_blob": True,
    "suppress_health_check": list(HealthCheck),
    "phases": [Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
}


def play(examples: int, *, steps: int, first: int | None = None) -> None:
    """Play so many runs of at most so many steps; the same ones again for the same ``first`` seed."""
    chosen = settings(max_examples=examples, stateful_step_count=steps, **COMMON)
    machine = Life
    if first is not None:
        # What an earlier run found is played first otherwise.
        chosen, machine = settings(chosen, database=None), seed(first)(type("SeededLife", (Life,), {}))
    with _hurried():
        run_state_machine_as_test(machine, settings=chosen)


@contextmanager
def _hurried() -> Generator[None]:
    """Leave out what a crash of the machine would need, most looks at cards and parked jobs, and chance."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(storage.files.os, "fsync", lambda _handle: None)
        patch.setattr(jobs.engine, "GLANCE", 300.0)
        patch.setattr(jobs.delivery.stale, "GLANCE", 300.0)
        patch.setattr(jobs.asking.reconcile, "LOOKS", (5.0, 30.0, 600.0))
        patch.setattr(secrets, "token_hex", lambda count: NAMES.randbytes(count).hex())
        yield


def test_no_job_is_lost_doubled_or_miscounted_whatever_happens() -> None:
    play(15, steps=25)


LOST = "lost_after", "lost_before"


@pytest.mark.parametrize("faults", [LOST, LOST[::-1], LOST[:1] * 2])
def test_of_two_equal_lost_submissions_none_is_taken_for_the_other(faults: tuple[str, str]) -> None:
    with _hurried():
        life = Life()
        life.begin(webhooks=False, listing="prompt")
        life.submissions_go_wrong(list(faults))
        life.generate_the_same(ANN)
        life.generate_the_same(BEN)
        life.time_passes(60.0)
        life.every_promise_is_kept()
        life.teardown()
