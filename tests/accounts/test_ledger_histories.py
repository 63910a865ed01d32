"""After any history the rollup, the entries, the holds and a model of our own say the same."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
)

from accounts import ledger
from accounts.allowances import Ceilings
from accounts.verify import verify
from domain.errors import Reason
from domain.job import Job, Status
from domain.limits import DAY, HOUR
from domain.views import Successor
from jobs import giving_over, transitions
from jobs.holding import Price
from storage import holds, job_rows, rollup, usage
from storage.tx import Tx
from tests.accounts.book import ANN, BEN, GUILD, MOD, MODEL, OTHER_GUILD, SECOND_MODEL, Opener

Account = tuple[int, int]
GUILDS = st.sampled_from([GUILD, OTHER_GUILD])
MEMBERS = st.sampled_from([ANN, BEN])
COSTS = st.sampled_from([0, 1_000, 4_000, 4_500, 7_001])


class Crash(Exception):
    """The process dies here."""


class Histories(RuleBasedStateMachine):
    queued, submitting, running = Bundle("queued"), Bundle("submitting"), Bundle("running")
    unknown, delivering = Bundle("unknown"), Bundle("delivering")

    def __init__(self) -> None:
        super().__init__()
        self.opener = Opener()
        self.book = self.opener.book
        self.spent: Counter[Account] = Counter()
        self.held: Counter[Account] = Counter()
        self.holds: dict[str, int] = {}
        self.learned: dict[str, int] = {}
        self.latest = self.book.at

    def teardown(self) -> None:
        self.opener.close()

    def _free(self, job: Job) -> None:
        self.held[job.guild_id, job.member_id] -= self.holds.pop(job.id)

    def _know(self, job: Job, cost: int | None) -> None:
        """A cost above what is held is held from now on, and so is the next job's, once it is its turn."""
        if cost is not None and (job.model in self.learned or cost > self.holds[job.id]):
            self.learned[job.model] = cost // job.options.images
        self._hold(job, cost or 0)

    def _hold(self, job: Job, cost: int) -> None:
        more = max(0, cost - self.holds[job.id])
        self.holds[job.id] += more
        self.held[job.guild_id, job.member_id] += more

    @rule(target=queued, guild=GUILDS, member=MEMBERS, images=st.integers(1, 4), cost=COSTS,
          model=st.sampled_from([MODEL, SECOND_MODEL]))  # fmt: skip
    def accept(self, guild: int, member: int, images: int, cost: int, model: str) -> Job:
        job = self.book.accept(
            self.book.job(guild=guild, member=member, images=images, cost=cost, model=model)
        )
        self.held[guild, member] += job.reserved
        self.holds[job.id] = job.reserved
        return job

    @rule(
        target=submitting, job=consumes(queued), each=st.sampled_from([0, 3_000, 9_000]), fits=st.booleans()
    )
    def send(self, job: Job, each: int, fits: bool) -> Job | MultipleResults[Job]:
        """Its price may have risen since: then so much is held, or it ends where that does not fit."""
        cost = max(each, self.learned.get(job.model, 0)) * job.options.images
        price = Price(each=each, ceilings=Ceilings() if fits else Ceilings(member=0))
        sent = self.book.run(lambda tx: transitions.begin_submit(tx, job.id, price=price, at=self.book.at))
        assert sent is not None
        self._hold(job, cost)
        assert sent.held == self.holds[job.id]
        if sent.status is Status.SUBMITTING:
            return job
        assert not fits
        assert sent.held == cost
        assert sent.raised > 0
        self._free(job)
        return multiple()

    @rule(job=consumes(queued))
    def cancel(self, job: Job) -> None:
        assert self.book.run(lambda tx: transitions.cancel(tx, job.id, at=self.book.at)) is not None
        self._free(job)

    @rule(target=running, job=consumes(submitting), cost=st.none() | COSTS)
    def answer(self, job: Job, cost: int | None) -> Job:
        self.book.answer(job, cost=cost)
        self._know(job, job.reserved if cost is None else cost)
        return job

    @rule(job=consumes(submitting))
    def refuse(self, job: Job) -> None:
        self.book.fail(job, expect=Status.SUBMITTING, reason=Reason.BAD_INPUT)
        self._free(job)

    @rule(target=unknown, job=consumes(submitting))
    def lose(self, job: Job) -> Job:
        self.book.lose(job)
        return job

    @rule(target=running, job=consumes(unknown), cost=st.none() | COSTS)
    def name(self, job: Job, cost: int | None) -> Job:
        self.book.run(
            lambda tx: transitions.named(tx, job.id, provider_job_id=f"p{job.id}", cost=cost, at=self.book.at)
        )
        self._know(job, cost)
        return job

    @rule(job=consumes(unknown))
    def give_up(self, job: Job) -> None:
        self.book.fail(job, expect=Status.UNKNOWN, reason=Reason.NEVER_ANSWERED)
        self._free(job)

    @rule(target=delivering, job=consumes(running), data=st.data())
    def finish(self, job: Job, data: st.DataObject) -> Job:
        before = job_rows.get(self.book.tx, job.id)
        assert before is not None
        images = data.draw(st.integers(1, job.options.images))
        billed = data.draw(st.none() | COSTS)
        self.book.finish(job, images=images, cost=billed)
        cost = before.held if before.cost is None else before.cost
        paid = billed if billed is not None and billed < cost else -(-cost * images // job.options.images)
        assert paid <= self.holds[job.id]
        self._free(job)
        self.spent[job.guild_id, job.member_id] += paid
        return job

    @rule(job=consumes(running))
    def fail(self, job: Job) -> None:
        self.book.fail(job, expect=Status.RUNNING)
        self._free(job)

    @rule(
        target=queued,
        job=consumes(running) | consumes(submitting),
        cost=st.sampled_from([0, 1_000, 4_000]),
        dies=st.booleans(),
    )
    def follow_up(self, job: Job, cost: int, dies: bool) -> Job:
        """Its model has ended: it is released, and one that costs no more takes its place in the same moment."""
        before = self.book.run(lambda tx: job_rows.get(tx, job.id))
        assert before is not None
        successor = Successor(model=SECOND_MODEL, cost=min(cost, before.reserved), options=before.options)

        def go_on(tx: Tx) -> giving_over.GaveOver | None:
            over = giving_over.give_over(
                tx, job.id, expect=before.status, successor=successor, at=self.book.at, seen=None
            )
            if dies:
                raise Crash
            return over

        if dies:
            with pytest.raises(Crash):
                self.book.run(go_on)
            dies = False
        over = self.book.run(go_on)
        assert over is not None
        self._free(job)
        if over.follow_up is None:
            # One that has followed already does not go on once more.
            assert before.follows is not None
            return self.accept(job.guild_id, job.member_id, 1, 0, MODEL)
        assert over.follow_up.follows == job.id
        self.held[job.guild_id, job.member_id] += successor.cost
        self.holds[over.follow_up.id] = successor.cost
        return over.follow_up

    @rule(job=consumes(delivering))
    def deliver(self, job: Job) -> None:
        self.book.deliver(job)

    @rule(job=consumes(delivering))
    def lose_result(self, job: Job) -> None:
        charged = job_rows.get(self.book.tx, job.id)
        assert charged is not None
        self.book.fail(job, expect=Status.DELIVERING, reason=Reason.RESULT_GONE)
        self.spent[job.guild_id, job.member_id] -= charged.charged or 0

    @rule(guild=GUILDS, member=MEMBERS, amount=st.integers(-9_000, 9_000).filter(bool))
    def adjust(self, guild: int, member: int, amount: int) -> None:
        self.book.run(
            lambda tx: ledger.adjust(
                tx, guild_id=guild, member_id=member, amount=amount, cause="x", moderator_id=MOD,
                at=self.book.at,
            )
        )  # fmt: skip
        self.spent[guild, member] -= amount

    @rule(days=st.sampled_from([0, 1, 8, 31, 400]))
    def wait(self, days: int) -> None:
        self.book.at += days * DAY + 1

    @rule(hours=st.sampled_from([1, 13, 25, 160]))
    def set_the_clock_back(self, hours: int) -> None:
        """By less than a week: one that was further ahead was wrong then."""
        self.latest = max(self.latest, self.book.at)
        self.book.at = max(self.book.at - hours * HOUR, self.latest - 160 * HOUR)

    @rule(target=running, job=consumes(running), committed=st.booleans())
    def crash_while_charging(self, job: Job, committed: bool) -> Job:
        """Half of a charge is never kept: the process dies inside the transaction, or the disk fails it."""
        self.book.tx.execute(self.book.engine.begin)
        there = job_rows.get(self.book.tx, job.id)
        assert there is not None
        ledger.charge(self.book.tx, there, amount=min(1_000, there.held), images=1, at=self.book.at)
        if committed:
            self.book.tx.execute("ROLLBACK")
        else:
            self.book.reopen()
        return job

    @rule(target=queued, job=consumes(queued))
    def crash_while_cancelling(self, job: Job) -> Job:
        def half(tx: Tx) -> None:
            transitions.cancel(tx, job.id, at=self.book.at)
            raise Crash

        with pytest.raises(Crash):
            self.book.run(half)
        return job

    @rule(target=running, job=consumes(submitting))
    def answer_after_restart(self, job: Job) -> Job:
        self.book.reopen()
        self.book.answer(job)
        return job

    @invariant()
    def every_identity_holds(self) -> None:
        assert verify(self.book.tx) == []

    @invariant()
    def the_rollup_is_what_a_rebuild_makes(self) -> None:
        kept = self._rollup()
        self.book.tx.execute("BEGIN")
        rollup.rebuild(self.book.tx)
        rebuilt = self._rollup()
        self.book.tx.execute("ROLLBACK")
        assert kept == rebuilt

    @invariant()
    def no_day_is_before_the_newest_booked_one(self) -> None:
        query = "SELECT 1 FROM entries AS e JOIN entries AS n ON n.id = e.id + 1 WHERE n.at / ? < e.at / ?"
        assert self.book.tx.execute(query, (DAY, DAY)).fetchone() is None

    @invariant()
    def the_accounts_are_what_was_done(self) -> None:
        for guild in (GUILD, OTHER_GUILD):
            for member in (ANN, BEN):
                spent = usage.figures(self.book.tx, guild_id=guild, stretch=usage.EVER, member_id=member)
                held = holds.held(self.book.tx, guild_id=guild, member_id=member)
                assert spent.spent == self.spent[guild, member]
                assert held.held == self.held[guild, member]
                assert spent.charged >= 0

    def _rollup(self) -> list[tuple[object, ...]]:
        return self.book.tx.execute("SELECT * FROM usage ORDER BY 1, 2, 3, 4, 5").fetchall()


TestHistories = Histories.TestCase
TestHistories.settings = settings(
    max_examples=25,
    stateful_step_count=35,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
