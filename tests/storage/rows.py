"""Jobs and images as rows, with as much said as a test needs."""

from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

from accounts.verify import Finding, verify_snapshot
from domain.images import Image, Role
from domain.job import Card, Job, Kind, Origin, Status
from domain.options import Options
from storage import job_rows
from storage.sqlite import snapshot
from storage.tx import Tx

NOON = 1_789_819_200_000
GUILD, ANN, BEN = 10, 101, 102
OF_CARD = {field.name: field.name for field in fields(Card) if field.name not in {"channel_id", "message_id"}}
OF_CARD |= {"card_channel_id": "channel_id", "card_id": "message_id"}


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
    return Job(id=job_id, **with_card(given | values))


def with_card(values: dict[str, Any]) -> dict[str, Any]:
    """Put what is said of a card, under its column's name, into a ``Card``."""
    values = dict(values)
    card = {field: values.pop(name) for name, field in OF_CARD.items() if name in values}
    return values | {"card": Card(**card)}


def an_image(job_id: str = "i1", role: Role = Role.SOURCE, position: int = 1, **values: Any) -> Image:
    return Image(job_id=job_id, role=role, position=position, **({"name": "cat.png"} | values))


def verify_file(path: Path) -> list[Finding]:
    return verify_snapshot(partial(snapshot, path))


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
