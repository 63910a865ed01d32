"""The provider's balance as its replies tell it, and what it says beyond our own charges: the drift.

*Our books* are what the ledger charged, net of refunds, plus the cost of the jobs that the provider accepted
and that have not ended. They can be compared with the balance only at a moment when it is certain which
costs the balance counts already. A reply to a submission tells such a balance if no other submission was
open, and our books did not change otherwise, at any time between its own request and its being written
down. That is, if

1. no other job is *submitting* now,
2. no reply to another job was written down after this job's request left, and
3. since then no job that the provider had accepted ended at another price than it was committed with.

A submission that was refused took nothing, so it does not matter whether one was open; that of an *unknown*
job is not in our books, so whatever the provider took for it shows as drift, before or after.

Between two such readings *a* and *b* the drift is what the balance lost beyond what our books gained::

    drift = (balance_a - balance_b) - (books_b - books_a)

The sum over all drifts telescopes: it is the difference of the two books over the whole time, whatever
happened in between. So a failed job, whose cost leaves our books with its *release*, is drift until the
provider gives it back (then a gain of the same amount follows); an *unknown* job that went through is drift
until it is named, and a gain when it is taken into our books; a clock that jumped between a request and its
reply may make a drift that the next reading takes back. A negative drift is a gain: a top-up or a refund.
"""

from storage import balances
from storage.tx import Tx


def record_reply(tx: Tx, *, job_id: str | None, cost: int | None, remaining: int, at: int) -> int | None:
    """Record ``creditsRemaining`` of one reply to a submission; return the drift that it shows, if any.

    To be called in the transaction that moves the job out of *submitting*, after the move. ``cost`` is what
    the reply said that it took; ``job_id`` is ``None`` for a reply to something else, which is only written
    down. Amounts are thousandths, ``at`` Unix milliseconds.
    """
    before = balances.last_reading(tx)
    known = 0 if before is None else before.books.last_entry
    books = balances.books(tx) if job_id is not None and _alone(tx, job_id, known) else None
    balances.add(tx, job_id=job_id, cost=cost, remaining=remaining, books=books, at=at)
    if books is None or before is None:
        return None
    ours = (
        balances.booked(tx, after=before.books.last_entry, until=books.last_entry)
        + books.committed
        - before.books.committed
    )
    drift = before.remaining - remaining - ours
    if drift == 0:
        return None
    balances.add_drift(tx, since=before, at=at, amount=drift, until=books.last_entry)
    return drift


def _alone(tx: Tx, job_id: str, last_entry: int) -> bool:
    sent_at = balances.sent_at(tx, job_id)
    if sent_at is None or balances.other_open(tx, job_id):
        return False
    answered = balances.last_other(tx, job_id)
    if answered is not None and answered >= sent_at:
        return False
    return not balances.repriced(tx, after=last_entry, since=sent_at)
