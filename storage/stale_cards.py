"""Cards that say what is no longer so, until somebody could edit them: rows of ``stale_cards``."""

from dataclasses import dataclass

from domain.job import Job
from storage.tx import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class StaleCard:
    """A message of a job that lags behind it, ``since`` a moment in Unix milliseconds."""

    message_id: int
    channel_id: int
    job_id: str
    since: int


def add(tx: Tx, job: Job, *, place: tuple[int, int] | None, at: int) -> None:
    """Note that a message of a job (channel, message) says what is no longer so, if there is one."""
    if place is None:
        return
    channel_id, message_id = place
    tx.execute(
        "INSERT INTO stale_cards (message_id, channel_id, job_id, since) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (message_id) DO UPDATE SET since = excluded.since",
        (message_id, channel_id, job.id, at),
    )


def add_all(tx: Tx, job_id: str, *, at: int) -> None:
    """Note that a job's card, and each that it had before, says what is no longer so."""
    tx.execute(
        "INSERT INTO stale_cards (message_id, channel_id, job_id, since)"
        " SELECT card_id, card_channel_id, id, ? FROM jobs WHERE id = ? AND card_id IS NOT NULL"
        " UNION SELECT message_id, channel_id, job_id, ? FROM messages"
        " WHERE job_id = ? AND purpose LIKE 'card %'"
        " ON CONFLICT (message_id) DO UPDATE SET since = excluded.since",
        (at, job_id, at, job_id),
    )


def all_of_them(tx: Tx) -> list[StaleCard]:
    """Return all, the oldest first."""
    rows = tx.execute("SELECT message_id, channel_id, job_id, since FROM stale_cards ORDER BY since")
    return [
        StaleCard(message_id=message, channel_id=channel, job_id=job, since=since)
        for message, channel, job, since in rows
    ]


def remove(tx: Tx, message_id: int) -> None:
    """Note that a message is up to date, gone, or given up."""
    tx.execute("DELETE FROM stale_cards WHERE message_id = ?", (message_id,))
