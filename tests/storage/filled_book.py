"""A database with every kind of row: years ago of the first version, since then moved by the product itself."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from accounts import ledger
from domain.errors import Reason
from domain.images import Image, Role
from domain.job import Job, Status
from domain.options import Options
from domain.request import Wish
from domain.views import Successor
from jobs import giving_over, transitions
from jobs.holding import Price
from storage import events, forgetting, images, job_rows, unnamed
from storage.sqlite import FILE_NAME
from tests.accounts.book import ANN, BEN, GUILD, MOD, MODEL, OTHER_GUILD, SECOND_MODEL, Book
from tests.engines import Engine
from tests.storage.old_book import write_old_book

HOURS = 3_600_000
CARD = 4_242


@cache
def filled_book() -> bytes:
    """Return the file of a database that verifies and has a row of every kind."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / FILE_NAME
        write_old_book(path)
        book = Book(Engine(Path(folder)))
        book.at += 24 * HOURS
        _fill(book)
        book.tx.execute("PRAGMA journal_mode = DELETE")
        book.close()
        return path.read_bytes()


def _fill(book: Book) -> None:
    """Let every kind of thing happen, some hours apart."""
    for number in range(6):
        book.done(
            book.job(member=ANN if number % 3 else BEN, images=number % 4 + 1, model=_MODELS[number % 2])
        )
        book.at += 7 * HOURS
    for happen in (
        _dearer,
        _cheaper,
        _fewer,
        _lost,
        _partly_lost,
        _follows,
        _wished,
        _by_hand,
        _deleted,
        _open,
    ):
        happen(book)
        book.at += HOURS
    _drift(book)
    _beside(book)


_MODELS = (MODEL, SECOND_MODEL)


def _asked(book: Book, **values: int) -> Job:
    """Accept an edit of two sources."""
    job = book.job(**values)
    sources = [
        Image(job_id=job.id, role=Role.SOURCE, position=place, name="cat.png", sha256=f"cat {place}")
        for place in (1, 2)
    ]
    accepted, _ = book.run(
        lambda tx: transitions.accept(tx, job, sources, event=job.id, role_ids=(), ceilings=book.ceilings)
    )
    book.at += 1
    return accepted


def _taken(book: Book, *, cost: int | None = None, remaining: int | None = None, **values: int) -> Job:
    job = _asked(book, **values)
    book.send(job)
    book.at += 1
    book.answer(job, cost=cost, remaining=remaining)
    book.at += 1
    return job


def _dearer(book: Book) -> None:
    """Cost more than was reserved, once known, and more again when it ended."""
    job = _taken(book, images=2, cost=9_500)
    book.finish(job, cost=20_000)
    book.deliver(job)
    waiting = _asked(book, images=2)
    price = Price(each=6_000, ceilings=book.ceilings)
    book.run(lambda tx: transitions.begin_submit(tx, waiting.id, price=price, at=book.at))
    book.answer(waiting, cost=14_000)
    book.finish(waiting)
    book.deliver(waiting)


def _cheaper(book: Book) -> None:
    job = _taken(book, images=3, cost=12_000)
    book.finish(job, cost=5_000)
    book.deliver(job)


def _fewer(book: Book) -> None:
    job = _taken(book, images=4, cost=15_001)
    book.finish(job, images=3)
    book.deliver(job)


def _lost(book: Book) -> None:
    """Have an answer that never came, a refusal, and results that were gone before anybody had them."""
    job = _asked(book)
    book.send(job)
    book.lose(job)
    book.fail(job, expect=Status.UNKNOWN, reason=Reason.NEVER_ANSWERED)
    job = _asked(book, guild=OTHER_GUILD)
    book.send(job)
    book.fail(job, expect=Status.SUBMITTING, reason=Reason.MODERATED)
    job = _taken(book)
    book.finish(job)
    book.fail(job, expect=Status.DELIVERING, reason=Reason.RESULT_GONE)
    job = _asked(book)
    book.run(lambda tx: transitions.cancel(tx, job.id, at=book.at))


def _partly_lost(book: Book) -> None:
    job = _taken(book, images=2, cost=7_001)
    book.finish(job)
    lost = images.of_job(book.tx, job.id, Role.RESULT)[:1]
    book.run(lambda tx: transitions.lose(tx, job.id, lost, at=book.at))
    book.deliver(job)


def _follows(book: Book) -> None:
    job = _taken(book)
    successor = Successor(model=SECOND_MODEL, cost=3_000, options=Options())
    over = book.run(
        lambda tx: giving_over.give_over(
            tx, job.id, expect=Status.RUNNING, successor=successor, at=book.at, seen=giving_over.Seen("entry")
        )
    )
    assert over is not None
    assert over.follow_up is not None
    book.send(over.follow_up)
    book.answer(over.follow_up)
    book.finish(over.follow_up)
    book.deliver(over.follow_up)


def _wished(book: Book) -> None:
    for member in (ANN, BEN, ANN):
        _wish(book, member)


def _wish(book: Book, member: int) -> None:
    job = replace(book.job(member=member), parent_id="i1")
    book.run(lambda tx: events.take_back(tx, message_id=CARD, member_id=member))
    book.run(
        lambda tx: transitions.accept(tx, job, (), event=Wish(CARD), role_ids=(), ceilings=book.ceilings)
    )


def _by_hand(book: Book) -> None:
    for amount in (700, -200):
        book.run(
            lambda tx: ledger.adjust(
                tx,
                guild_id=GUILD,
                member_id=ANN,
                amount=amount,  # noqa: B023
                cause="because",
                moderator_id=MOD,
                at=book.at,
                event=f"i{amount}",  # noqa: B023
            )
        )


def _deleted(book: Book) -> None:
    job = _taken(book, images=2)
    book.finish(job)
    book.deliver(job)
    book.run(lambda tx: forgetting.forget(tx, job, at=book.at))


def _open(book: Book) -> None:
    _asked(book)
    book.send(_asked(book))
    job = _asked(book, member=BEN)
    book.send(job)
    book.lose(job)
    _taken(book, cost=9_000)
    book.finish(_taken(book))


def _drift(book: Book) -> None:
    """Have the provider take more than our books say, between two answers that nothing else disturbed."""
    for job in job_rows.with_status(book.tx, Status.SUBMITTING):
        book.fail(job, expect=Status.SUBMITTING)
    for remaining in (100_000, 50_000):
        book.at += HOURS
        _taken(book, remaining=remaining)
    assert book.tx.execute("SELECT count(*) FROM drifts").fetchone()[0] > 1


def _beside(book: Book) -> None:
    """Send one more, and write what nothing writes yet, or only others do."""
    book.send(_asked(book))
    with book.transaction() as tx:
        unnamed.mark(tx, ["nobody's"], at=1)
        unnamed.go(tx, before=2)
        tx.execute("INSERT INTO blocks VALUES (0, 1, 'safety', NULL, 2, 1, 2, 3)")
        tx.execute("INSERT INTO places VALUES (1, 2, 'deed', 5, 4)")
        tx.execute("INSERT INTO lethal_files VALUES ('ab', 1)")
        tx.execute("INSERT INTO announcements VALUES (1, 2, 'topic', '{}', 3)")
        tx.execute("INSERT INTO untold VALUES (1, 'reason', '{}', 2)")
        tx.execute("INSERT INTO stale_cards VALUES (1, 2, 'job', 3)")
        tx.execute("INSERT INTO forms VALUES ('form', '[]', 1)")
        tx.execute("INSERT INTO preferences VALUES (7, 'model', NULL, NULL, 'low', 2)")
        tx.execute("INSERT INTO server_settings (guild_id, answers_in) VALUES (1, '[]')")
        tx.execute("INSERT INTO takedowns VALUES (1, 2, 3)")
        tx.execute("INSERT INTO privacy VALUES (1, 1, 2)")
        tx.execute("INSERT INTO mentions VALUES (1, 2, 3, 4)")
        tx.execute("INSERT INTO erasures VALUES (9, 1)")
        tx.execute("INSERT INTO erased VALUES ('hash', 9, NULL)")
        tx.execute("INSERT INTO styles VALUES (1, 'a', 'A', '{prompt}', '', NULL, NULL, 'low', 2)")
