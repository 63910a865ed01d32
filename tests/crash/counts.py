"""What came of a campaign, as a person reads it."""

from collections.abc import Callable, Iterator, Sequence

from tests.crash.campaign import Result
from tests.crash.touches import Order

COUNTS = {
    "jobs": "jobs",
    "double_submissions": "jobs submitted twice",
    "double_charges": "jobs charged twice",
    "lost": "jobs lost",
    "twice": "results delivered twice",
    "never": "results never delivered",
    "ledger": "findings of --verify",
    "cards": "cards that do not say how their job ended",
    "mismatched": "jobs charged anything but what the provider kept",
    "drift": "drifts booked that the books do not bear out",
    "late": "paid requests of a process whose lease was over",
    "surprises": "bots that ended by themselves, and waits in vain",
    "restless": "runs that did not come to rest",
    "unknown": "jobs listed as unknown",
}


def table(result: Result) -> Iterator[str]:
    """Return a line for each count: of all runs, then of each world."""
    modes = list(dict.fromkeys(outcome.mode for outcome in result.outcomes))
    columns = [result, *(result.of(mode) for mode in modes)]
    yield _row(["all", *modes], "")
    yield _counted(columns, lambda each: len(each.kills), "faults")
    yield _counted(columns, lambda each: len(set(each.kills)), "different ones")
    for kind in dict.fromkeys(Order.read(kill).fault for kill in result.kills):
        yield _counted(columns, lambda each, kind=kind: _of_kind(each, kind), f"of them “{kind}”")
    yield _counted(columns, lambda each: len(each.outcomes), "runs")
    for name, said in COUNTS.items():
        yield _counted(columns, lambda each, name=name: int(getattr(each.tally, name)), said)
    for said, thousandths in (
        ("credits charged", lambda each: each.tally.charged),
        ("credits more that the provider kept", lambda each: each.tally.difference),
        ("of them not for jobs listed as unknown", lambda each: each.tally.difference - each.tally.explained),
    ):
        yield _counted(columns, lambda each, count=thousandths: round(count(each) / 1000), said)
    if result.take_overs:
        yield _counted(columns, lambda each: len(each.take_overs), "take-overs that were timed")
        for said, place in (("half of them within", 50), ("99 of 100 within", 99), ("all within", 100)):
            yield _row([_seconds(each.take_overs, place) for each in columns], said)
    loads = sorted(outcome.load for outcome in result.outcomes) or [0.0]
    yield f"{result.seconds:,.0f} s; {loads[len(loads) // 2]:.1f} programs in line for the machine, {loads[-1]:.1f} at most"


def _of_kind(result: Result, kind: str) -> int:
    return sum(Order.read(kill).fault == kind for kill in result.kills)


def _counted(columns: Sequence[Result], count: Callable[[Result], int], said: str) -> str:
    return _row([f"{count(each):,}" for each in columns], said)


def _row(cells: Sequence[str], said: str) -> str:
    return ("".join(f"{cell:>9}" for cell in cells) + f"  {said}").rstrip()


def _seconds(times: Sequence[float], percent: int) -> str:
    """Return the time within which so many percent are done."""
    return f"{times[max(0, -(-len(times) * percent // 100) - 1)]:.1f} s" if times else "–"
