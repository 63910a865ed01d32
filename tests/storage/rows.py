"""Jobs and images as rows, with as much said as a test needs."""

import sqlite3
from functools import cache
from pathlib import Path
from typing import Any

from domain.images import Image, Role
from domain.job import Job, Kind, Origin, Status
from domain.options import Options
from storage import job_rows
from storage.database import Tx, open_writer

NOON = 1_789_819_200_000
GUILD, ANN, BEN = 10, 101, 102


def a_job(job_id: str = "i1", **values: Any) -> Job:
    given: dict[str, Any] = {
        "kind": Kind.EDIT,
        "origin": Origin.COMMAND,
        "guild_id": GUILD,
        "channel_id": 5,
        "member_id": ANN,
        "model": "gpt-image-1-5-edit",
        "prompt": "Make it blue",
        "options": Options(),
        "status": Status.QUEUED,
        "reserved": 4_000,
        "created_at": NOON,
    }
    return Job(id=job_id, **(given | values))


def an_image(job_id: str = "i1", role: Role = Role.SOURCE, position: int = 1, **values: Any) -> Image:
    return Image(job_id=job_id, role=role, position=position, **({"name": "cat.png"} | values))


def in_memory() -> sqlite3.Connection:
    """A database of the newest version, on no disk."""
    made = sqlite3.connect(":memory:", isolation_level=None)
    made.deserialize(_empty())
    return made


@cache
def _empty() -> bytes:
    made = open_writer(Path(":memory:"))
    try:
        return made.serialize()
    finally:
        made.close()


def put_job(tx: Tx, job_id: str = "i1", *, status: Status = Status.QUEUED, **values: Any) -> Job:
    """Write a job straight into a status, past every rule."""
    job = a_job(job_id, member_id=values.pop("member_id", ANN))
    job_rows.insert(tx, job)
    if status is Status.RUNNING:
        values = {"provider_job_id": f"p{job_id}", **values}
    names = ["status", *values]
    tx.execute(
        f"UPDATE jobs SET {', '.join(f'{name} = ?' for name in names)} WHERE id = ?",
        (status, *values.values(), job_id),
    )
    written = job_rows.get(tx, job_id)
    assert written is not None
    return written
