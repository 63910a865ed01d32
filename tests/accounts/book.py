"""A database with jobs in it, moved by the product's own transactions."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from accounts.allowances import Ceilings
from accounts.verify import Finding
from domain.errors import Reason
from domain.images import Image, Role
from domain.job import Job, Kind, Origin, Status
from domain.options import Options
from jobs import transitions
from jobs.holding import Price
from storage import job_rows
from storage.tx import Tx
from tests.engines import Databases, Engine

T = TypeVar("T")

NOON = 1_789_819_200_000
"""Saturday, 19 September 2026, 12:00 UTC."""
GUILD, OTHER_GUILD = 10, 20
ANN, BEN, MOD = 101, 102, 109
MODEL, SECOND_MODEL = "gpt-image-1-5-edit", "gpt-image-2-edit"
UNLIMITED = Ceilings()


@dataclass
class Book:
    """One database, its clock, and what jobs go through. Amounts are thousandths."""

    engine: Engine
    at: int = NOON
    ceilings: Ceilings = UNLIMITED
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.tx = self.engine.connect()

    def run(self, fn: Callable[[Tx], T]) -> T:
        with self.transaction() as tx:
            return fn(tx)

    @property
    def path(self) -> Path:
        return self.engine.path

    def transaction(self) -> AbstractContextManager[Tx]:
        return self.engine.transaction(self.tx)

    def snapshot(self) -> AbstractContextManager[Tx]:
        return self.engine.snapshot()

    def verify(self) -> list[Finding]:
        return self.engine.verify()

    def reopen(self) -> None:
        """Lose the connection with whatever was not committed on it, as a killed process does."""
        self.close()
        self.__post_init__()

    def close(self) -> None:
        self.engine.close()

    def job(
        self, *, member: int = ANN, guild: int = GUILD, model: str = MODEL, images: int = 1, cost: int = 4_000
    ) -> Job:
        return Job(
            id=f"i{next(self.numbers)}",
            kind=Kind.EDIT,
            origin=Origin.COMMAND,
            guild_id=guild,
            channel_id=5,
            member_id=member,
            model=model,
            prompt="Make it blue",
            options=Options(count=images),
            status=Status.QUEUED,
            reserved=cost * images,
            created_at=self.at,
        )

    def accept(self, job: Job | None = None, *, roles: tuple[int, ...] = ()) -> Job:
        wanted = job or self.job()
        accepted, _ = self.run(
            lambda tx: transitions.accept(
                tx, wanted, (), event=wanted.id, role_ids=roles, ceilings=self.ceilings
            )
        )
        return accepted

    def send(self, job: Job) -> None:
        price = Price(each=0, ceilings=self.ceilings)
        sent = self.run(lambda tx: transitions.begin_submit(tx, job.id, price=price, at=self.at))
        assert sent is not None

    def answer(self, job: Job, *, cost: int | None = None, remaining: int | None = None) -> None:
        """The provider accepts the submission."""
        taken = job.reserved if cost is None else cost
        self.run(
            lambda tx: transitions.submitted(
                tx, job.id, provider_job_id=f"p{job.id}", cost=taken, remaining=remaining, at=self.at
            )
        )

    def finish(self, job: Job, *, images: int | None = None, cost: int | None = None) -> None:
        given = job.options.images if images is None else images
        results = tuple(
            Image(job_id=job.id, role=Role.RESULT, position=place, name=f"{place}.png")
            for place in range(1, given + 1)
        )
        finished = transitions.Finished(results=results, cost=cost, asked=job.options.images)
        assert (
            self.run(lambda tx: transitions.finish(tx, job.id, finished, took=None, at=self.at)) is not None
        )

    def deliver(self, job: Job) -> None:
        self.run(
            lambda tx: job_rows.move(tx, job.id, expect=Status.DELIVERING, to=Status.DONE, ended_at=self.at)
        )

    def fail(self, job: Job, *, expect: Status, reason: Reason = Reason.PROVIDER_TROUBLE) -> None:
        failed = self.run(lambda tx: transitions.fail(tx, job.id, expect=expect, reason=reason, at=self.at))
        assert failed is not None

    def lose(self, job: Job) -> None:
        """The answer to the submission never comes."""
        self.run(lambda tx: job_rows.move(tx, job.id, expect=Status.SUBMITTING, to=Status.UNKNOWN))

    def done(self, job: Job | None = None, *, cost: int | None = None) -> Job:
        """Take a job through its whole life."""
        accepted = self.accept(job)
        self.send(accepted)
        self.answer(accepted, cost=cost)
        self.finish(accepted)
        self.deliver(accepted)
        return accepted


class Opener:
    """Opens books of their own, on the engine that was asked for."""

    databases: Databases | None = None

    def __init__(self) -> None:
        self._lent = ExitStack()
        folder = Path(self._lent.enter_context(TemporaryDirectory()))
        if self.databases is None:
            self.book = open_book(folder)
        else:
            self.book = Book(self._lent.enter_context(self.databases.lent(folder)))

    def close(self) -> None:
        self.book.close()
        self._lent.close()


def open_book(folder: Path) -> Book:
    return Book(Engine(folder))
