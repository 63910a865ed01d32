"""A copy of the database that was put back: what it says that waits may have been sent since it was made."""

from domain.job import Status
from storage import job_rows
from storage.tx import Tx


def park_waiting(tx: Tx) -> int:
    """Have the jobs that wait looked for at the provider, and not sent by themselves; return how many.

    They are as those whose submission nobody answered. What the provider calls them, and the secret that they
    had there, went with the former database. The likeliest moment at which they were sent is when they were
    asked for.
    """
    waiting = job_rows.with_status(tx, Status.QUEUED)
    for job in waiting:
        sent = job_rows.move(
            tx, job.id, expect=Status.QUEUED, to=Status.SUBMITTING, submitted_at=job.created_at
        )
        if sent is not None:
            job_rows.move(tx, sent.id, expect=Status.SUBMITTING, to=Status.UNKNOWN)
    return len(waiting)
