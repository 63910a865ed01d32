"""Against a simulated provider with its own books: the drifts add up to the difference, whatever happens."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, precondition, rule

from domain.errors import Reason
from domain.job import Job, Status
from jobs import transitions
from storage import job_rows
from tests.accounts.book import Opener

STEPS = st.integers(1, 5_000)
COMMON = settings(
    max_examples=25, stateful_step_count=35, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


class Regular(RuleBasedStateMachine):
    """Submissions overlap in any way, jobs end well or are given back: there is no drift at any moment."""

    sent, taken, running = Bundle("sent"), Bundle("taken"), Bundle("running")

    def __init__(self) -> None:
        super().__init__()
        self.opener = Opener()
        self.book = self.opener.book
        self.left = 0
        self.replies: dict[str, int] = {}
        self.open: set[str] = set()
        self.submit_alone()

    def teardown(self) -> None:
        self.opener.close()

    def begin(self, cost: int, images: int, step: int) -> Job:
        job = self.book.accept(self.book.job(cost=cost, images=images))
        self.book.at += step
        self.book.send(job)
        self.open.add(job.id)
        return job

    def take_cost(self, job: Job) -> None:
        self.left -= job.reserved
        self.replies[job.id] = self.left

    def answer(self, job: Job, step: int) -> None:
        self.book.at += step
        self.book.answer(job, remaining=self.replies[job.id])
        self.open.remove(job.id)

    def submit_alone(self) -> None:
        job = self.begin(1_000, 1, 10)
        self.take_cost(job)
        self.answer(job, 10)
        self.book.finish(job)

    def drifts(self) -> list[int]:
        return [row[0] for row in self.book.tx.execute("SELECT amount FROM drifts ORDER BY id")]

    @rule(target=sent, cost=st.sampled_from([1_000, 4_000]), images=st.integers(1, 3), step=STEPS)
    def send(self, cost: int, images: int, step: int) -> Job:
        return self.begin(cost, images, step)

    @rule(target=taken, job=consumes(sent))
    def take(self, job: Job) -> Job:
        self.take_cost(job)
        return job

    @rule(target=running, job=consumes(taken), step=STEPS)
    def reply(self, job: Job, step: int) -> Job:
        self.answer(job, step)
        return job

    @rule(job=consumes(sent))
    def refuse(self, job: Job) -> None:
        self.book.fail(job, expect=Status.SUBMITTING, reason=Reason.BAD_INPUT)
        self.open.remove(job.id)

    @rule(job=consumes(running))
    def finish(self, job: Job) -> None:
        self.book.finish(job)

    @rule(job=consumes(running))
    def fail_and_give_back(self, job: Job) -> None:
        self.left += job.reserved
        self.book.fail(job, expect=Status.RUNNING)


class Nothing(Regular):
    @invariant()
    def there_is_no_drift(self) -> None:
        assert self.drifts() == []


class Irregular(Regular):
    """The same with other users of the key, top-ups, billed failures, and submissions that get lost."""

    unknown = Bundle("unknown")

    def __init__(self) -> None:
        self.beyond = 0
        self.unnoticed: set[str] = set()
        super().__init__()

    def take_unnoticed(self, job: Job) -> None:
        if job.id not in self.unnoticed:
            self.left -= job.reserved
            self.beyond += job.reserved
            self.unnoticed.add(job.id)

    @rule(amount=st.integers(-50_000, 50_000))
    def move_elsewhere(self, amount: int) -> None:
        self.left -= amount
        self.beyond += amount

    @rule(job=consumes(Regular.running))
    def fail_and_keep(self, job: Job) -> None:
        self.book.fail(job, expect=Status.RUNNING)
        self.beyond += job.reserved

    @rule(job=consumes(Regular.running))
    def give_fewer(self, job: Job) -> None:
        self.book.finish(job, images=1)
        now = job_rows.get(self.book.tx, job.id)
        assert now is not None
        assert now.charged is not None
        self.beyond += job.reserved - now.charged

    @rule(target=unknown, job=consumes(Regular.sent), taken=st.booleans())
    def lose(self, job: Job, taken: bool) -> Job:
        if taken:
            self.take_unnoticed(job)
        self.book.lose(job)
        self.open.remove(job.id)
        return job

    @rule(job=unknown)
    def take_late(self, job: Job) -> None:
        self.take_unnoticed(job)

    @rule(target=Regular.running, job=consumes(unknown))
    def name(self, job: Job) -> Job:
        self.take_unnoticed(job)
        self.beyond -= job.reserved
        self.book.run(
            lambda tx: transitions.named(
                tx, job.id, provider_job_id=f"late{job.id}", cost=None, at=self.book.at
            )
        )
        return job

    @rule(job=consumes(unknown))
    def give_up(self, job: Job) -> None:
        self.book.fail(job, expect=Status.UNKNOWN, reason=Reason.NEVER_ANSWERED)

    @precondition(lambda self: not self.open)
    @rule()
    def a_reading_accounts_for_everything(self) -> None:
        self.submit_alone()
        assert sum(self.drifts()) == self.beyond


TestNothing = Nothing.TestCase
TestNothing.settings = COMMON
TestIrregular = Irregular.TestCase
TestIrregular.settings = COMMON
