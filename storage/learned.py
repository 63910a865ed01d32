"""What was learned of the provider's models: a row for each of which there is something to remember."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from statistics import median_high, median_low
from typing import Any

from domain.job import OPERATOR_KEY
from domain.options import Options
from storage.tx import Tx

LAST = 5
"""Costs that are remembered of each choice of options."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What is known of one model beyond the catalogue. Moments are Unix milliseconds.

    ``gone_since``: jobs failed because the model has ended, ``failed`` of them since then. ``tried_at`` and
    ``tried_by``: when and by which job it was tried again. ``entry``: what the catalogue said of it then.
    ``trouble``, ``trouble_at``, ``troubles``: the last kind of failure that nobody explained, and how often
    in a row. ``costs``: what an image cost the last few times (thousandths), by options, the newest last, and
    ``told_costs`` what of it the operator knows. ``doubted``: a cost far above what was expected, and when,
    by options. ``told``: on which day (since 1970) the operator was told what. ``alive_at``: when a job last
    showed that a model which had ended is back.
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
    costs: Mapping[str, Sequence[int]] = field(default_factory=dict[str, Sequence[int]])
    doubted: Mapping[str, Sequence[int]] = field(default_factory=dict[str, Sequence[int]])
    told_costs: Mapping[str, int] = field(default_factory=dict[str, int])
    told: Mapping[str, int] = field(default_factory=dict[str, int])


def every(tx: Tx) -> dict[str, Learned]:
    """Return what was learned, by model."""
    rows = tx.execute("SELECT model, value FROM learned WHERE key_id = ?", (OPERATOR_KEY,))
    return {str(model): _read(value) for model, value in rows}


def of(tx: Tx, model: str) -> Learned:
    """Return what was learned of a model, be it nothing."""
    row = tx.execute(
        "SELECT value FROM learned WHERE key_id = ? AND model = ?", (OPERATOR_KEY, model)
    ).fetchone()
    return Learned(model=model) if row is None else _read(row[0])


def _read(value: str) -> Learned:
    told: dict[str, Any] = json.loads(value)
    # What was learned by an earlier version is one cost, the last.
    told["costs"] = {
        by: [cost] if isinstance(cost, int) else cost for by, cost in told.get("costs", {}).items()
    }
    return Learned(**told)


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
    size_and_quality = f"{options.size or ''}/{options.quality or ''}"
    return f"{size_and_quality}/{options.resolution}" if options.resolution else size_and_quality


def usual(costs: Sequence[int]) -> int | None:
    """Return the median of costs, the newest last; between two it is the one that the newest is nearer to."""
    if not costs:
        return None
    low, high = median_low(costs), median_high(costs)
    return high if costs[-1] >= high else low


def cost(tx: Tx, model: str, options: Options) -> int | None:
    """Return what an image costs of late with these options (thousandths), if that was learned."""
    return usual(of(tx, model).costs.get(priced_by(options), ()))


def says_something(tx: Tx, model: str, options: Options) -> bool:
    """Tell whether anything is remembered of what an image costs with these options."""
    known, by = of(tx, model), priced_by(options)
    return by in known.costs or by in known.doubted


def note_cost(tx: Tx, model: str, options: Options, *, each: int) -> None:
    """Remember what an image cost (thousandths): nothing that was doubted before is doubted any more."""
    known, by = of(tx, model), priced_by(options)
    costs = {**known.costs, by: [*known.costs.get(by, ()), each][-LAST:]}
    doubted = {name: doubt for name, doubt in known.doubted.items() if name != by}
    if (costs, doubted) != (known.costs, known.doubted):
        store(tx, replace(known, costs=costs, doubted=doubted))


def doubt_cost(tx: Tx, model: str, options: Options, *, each: int, at: int) -> None:
    """Note what an image cost, which is not taken for its price (thousandths)."""
    known = of(tx, model)
    store(tx, replace(known, doubted={**known.doubted, priced_by(options): [each, at]}))


def doubted(tx: Tx, model: str, options: Options, *, since: int) -> int | None:
    """Return a doubted cost of an image with these options (thousandths), if it came ``since`` a moment."""
    each, at = of(tx, model).doubted.get(priced_by(options), (0, 0))
    return each if at >= since else None


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
