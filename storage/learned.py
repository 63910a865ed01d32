"""What was learned of the provider's models: a row for each of which there is something to remember."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace

from domain.job import OPERATOR_KEY
from domain.options import Options
from storage.database import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What is known of one model beyond the catalogue. Moments are Unix milliseconds.

    ``gone_since``: jobs failed because the model has ended, ``failed`` of them since then. ``tried_at`` and
    ``tried_by``: when and by which job it was tried again. ``entry``: what the catalogue said of it then.
    ``trouble``, ``trouble_at``, ``troubles``: the last kind of failure that nobody explained, and how often
    in a row. ``costs``: what an image cost the last time (thousandths), by options, and ``told_costs`` what
    of it the operator knows. ``told``: on which day (since 1970) the operator was told what. ``alive_at``:
    when a job last showed that a model which had ended is back.
    """

    model: str
    gone_since: int | None = None
    alive_at: int = 0
    failed: int = 0
    tried_at: int = 0
    tried_by: str | None = None
    entry: str | None = None
    trouble: str | None = None
    trouble_at: int = 0
    troubles: int = 0
    costs: Mapping[str, int] = field(default_factory=dict[str, int])
    told_costs: Mapping[str, int] = field(default_factory=dict[str, int])
    told: Mapping[str, int] = field(default_factory=dict[str, int])


def every(tx: Tx) -> dict[str, Learned]:
    """Return what was learned, by model."""
    rows = tx.execute("SELECT model, value FROM learned WHERE key_id = ?", (OPERATOR_KEY,))
    return {str(model): Learned(**json.loads(value)) for model, value in rows}


def of(tx: Tx, model: str) -> Learned:
    """Return what was learned of a model, be it nothing."""
    row = tx.execute(
        "SELECT value FROM learned WHERE key_id = ? AND model = ?", (OPERATOR_KEY, model)
    ).fetchone()
    return Learned(model=model) if row is None else Learned(**json.loads(row[0]))


def store(tx: Tx, learned: Learned) -> None:
    """Store what was learned of a model."""
    tx.execute(
        "INSERT INTO learned (key_id, model, value) VALUES (?, ?, ?)"
        " ON CONFLICT (key_id, model) DO UPDATE SET value = excluded.value",
        (OPERATOR_KEY, learned.model, json.dumps(asdict(learned), separators=(",", ":"))),
    )


def died(tx: Tx, model: str, *, submitted_at: int, at: int, entry: str | None) -> None:
    """Note that a job failed because its model has ended, and what the catalogue says of it.

    A job that was submitted before another showed that the model is back says nothing of it now.
    """
    known = of(tx, model)
    if submitted_at < known.alive_at:
        return
    since = at if known.gone_since is None else known.gone_since
    failed = 1 if known.gone_since is None else known.failed + 1
    known = replace(known, gone_since=since, failed=failed, tried_at=at, tried_by=None)
    store(tx, replace(known, entry=entry, trouble=None, troubles=0))


def answered(tx: Tx, model: str, *, submitted_at: int, at: int) -> None:
    """Note that a job got its images; of one submitted before the model ended that says nothing."""
    known = of(tx, model)
    alive = known.gone_since is None or submitted_at > known.gone_since
    if alive and known.gone_since is not None:
        known = replace(known, gone_since=None, failed=0, tried_by=None, alive_at=at)
    if alive and (known.alive_at == at or known.trouble is not None):
        store(tx, replace(known, trouble=None, troubles=0))


def tried(tx: Tx, model: str, *, job_id: str, at: int) -> None:
    """Note which job tries a model again that had ended."""
    store(tx, replace(of(tx, model), tried_at=at, tried_by=job_id))


def note_entry(tx: Tx, model: str, *, entry: str) -> None:
    """Note what the catalogue says of an ended model: if that is another thing, it may be tried at once."""
    known = of(tx, model)
    tried_at = known.tried_at if known.entry is None else 0
    store(tx, replace(known, entry=entry, tried_at=tried_at))


def troubled(tx: Tx, model: str, *, kind: str, at: int, within: int) -> bool:
    """Note a failure that nobody explained; tell whether it is one of several of its kind in a row.

    That is: within ``within`` milliseconds, on this model, and none on another.
    """
    known = of(tx, model)
    again = known.trouble == kind and at - known.trouble_at <= within
    store(
        tx,
        replace(known, trouble=kind, trouble_at=at, troubles=known.troubles + 1 if again else 1),
    )
    elsewhere = (each for name, each in every(tx).items() if name != model and each.trouble is not None)
    return again and not any(at - each.trouble_at <= within for each in elsewhere)


def priced_by(options: Options) -> str:
    """Return under what a price is remembered: the options on which it may depend."""
    return f"{options.size or ''}/{options.quality or ''}"


def cost(tx: Tx, model: str, options: Options) -> int | None:
    """Return what an image cost the last time with these options (thousandths), if that was learned."""
    return of(tx, model).costs.get(priced_by(options))


def note_cost(tx: Tx, model: str, options: Options, *, each: int) -> None:
    """Remember what an image costs (thousandths)."""
    known = of(tx, model)
    if known.costs.get(priced_by(options)) != each:
        store(tx, replace(known, costs={**known.costs, priced_by(options): each}))


def priced(tx: Tx, model: str, options: Options, *, each: int) -> bool:
    """Remember what an image costs (thousandths); tell whether the operator knows another figure."""
    note_cost(tx, model, options, each=each)
    return of(tx, model).told_costs.get(priced_by(options)) != each


def told_cost(tx: Tx, model: str, options: Options, *, each: int) -> None:
    """Note which figure the operator knows."""
    known = of(tx, model)
    store(tx, replace(known, told_costs={**known.told_costs, priced_by(options): each}))


def first_today(tx: Tx, model: str, *, subject: str, day: int) -> bool:
    """Note that the operator is told something of a model; ``False`` if that was done on this day."""
    known = of(tx, model)
    if known.told.get(subject) == day:
        return False
    store(tx, replace(known, told={**known.told, subject: day}))
    return True


def untold(tx: Tx, model: str, *, subject: str) -> None:
    """Note that the operator could not be told after all."""
    known = of(tx, model)
    store(tx, replace(known, told={each: day for each, day in known.told.items() if each != subject}))
