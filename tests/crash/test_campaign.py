"""What a campaign writes down and tells, and that it ends when it is told to."""

import signal
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.crash import touches
from tests.crash.campaign import Campaign, Result
from tests.crash.checks import Tally
from tests.crash.counts import table
from tests.crash.modes import MODES
from tests.crash.play import Outcome, Plan
from tests.crash.touches import Order, Touches


def outcome_of(mode: str, *kills: str, take_overs: tuple[float, ...] = (), lost: int = 0) -> Outcome:
    return Outcome(
        mode=mode,
        pair=True,
        kills=kills,
        take_overs=take_overs,
        tally=Tally(jobs=4, lost=lost, notes=["a note"]),
        seconds=12.5,
        load=0.5,
        folder=Path("/somewhere"),
    )


def test_what_is_written_down_can_be_read_again() -> None:
    outcome = outcome_of("list", "stop@after fsync#1", "#2", take_overs=(9.5, 10.25))
    assert Outcome.read(outcome.line()) == outcome


def test_counts_are_told_of_all_and_of_each_world() -> None:
    result = Result(
        outcomes=[
            outcome_of("webhooks", "after fsync#1", "stop@after fsync#2", take_overs=(9.0, 30.0)),
            outcome_of("list", "after fsync#1", take_overs=(8.0,), lost=2),
        ]
    )
    told = {line[27:].strip(): line[:27].split() for line in table(result)}
    assert told["faults"] == ["3", "2", "1"]
    assert told["of them “stop”"] == ["1", "1", "0"]
    assert told["jobs"] == ["8", "4", "4"]
    assert told["jobs lost"] == ["2", "0", "2"]
    assert told["half of them within"] == ["9.0", "s", "9.0", "s", "8.0", "s"]
    assert told["99 of 100 within"] == ["30.0", "s", "30.0", "s", "8.0", "s"]


async def test_a_campaign_that_is_told_to_end_begins_no_run(tmp_path: Path) -> None:
    campaign = Campaign(tmp_path)
    campaign.end()
    assert not (await campaign.play([Plan(mode=MODES["webhooks"])])).outcomes


class Trace:
    """Counts touches of a process to which nothing is done: what would have been is in ``signals``."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, orders: Sequence[Order]) -> None:
        self.lines: list[str] = []
        self.signals: list[int] = []
        waiting = list(orders)
        monkeypatch.setattr(touches, "_write", lambda _, line: self.lines.append(line.decode().strip()))
        monkeypatch.setattr(touches, "_kill", lambda _, number: self.signals.append(number))
        monkeypatch.setattr(touches, "UNTIL_STOPPED", 0)
        self.touches = Touches(
            trace=0, take=lambda: waiting.pop(0) if waiting else None, begins="turn", at_last=5
        )

    def meets(self, *labels: str) -> list[str]:
        """Return the lines at which something happened."""
        found: list[str] = []
        for label in labels:
            before = len(self.signals)
            self.touches.touch(label)
            if len(self.signals) > before:
                found.append(self.lines[-1])
        return found


def test_an_order_is_for_whoever_is_about_to_work(monkeypatch: pytest.MonkeyPatch) -> None:
    trace = Trace(monkeypatch, [Order(1, "fsync", "blink"), Order(2, fault="stop"), Order(1, "x", "cut")])
    assert not trace.meets("fsync"), "whoever waits is not met"
    assert trace.meets("turn", "fsync") == ["blink@fsync#1"]
    assert trace.meets("fsync", "open") == ["stop@open#1"], "counted from what happened last"
    assert not trace.meets("x", "x"), "its turn is over"
    assert trace.meets("turn", "a", "b", "c", "d") == ["cut@d#1"], "what does not come up is not waited for"
    assert trace.signals == [signal.SIGSTOP] * 3
