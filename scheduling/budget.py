"""The request budget: never more calls in any minute than the provider takes.

A token bucket of size b refilled at r a second lets b + 60·r calls through in some minute, so that one that
may never exceed a limit must stay below it for ever. Counting is exact instead: a call holds its place from
before it is sent until sixty seconds after its reply. Whenever the provider counts a call, it lies between
these two, so no window of sixty seconds, sliding or fixed, holds more than ``limit`` of them, whatever the
delays on the way. A bucket of a few tokens beside it spreads the calls over the minute.
"""

import itertools
import math
from bisect import bisect_right, insort
from collections.abc import Sequence

from scheduling.calls import Call
from scheduling.notes import Noted
from scheduling.throttle import LONGEST_RESET, Throttle

SPAN = 60.02
"""Seconds for which a call counts: the provider's minute, and what our clocks may differ in such a span."""
EVEN_SHARE, LOOSE_SHARE = 30, 10
"""What part of a minute's calls may be made at once: little while asking takes all that is left anyway, more
where webhooks leave it to chance when calls are needed."""
LONGEST_CALL = 90.0
"""Seconds: longer than any call's own time limit. One whose end nobody told of is taken to have ended."""
NOTED_SHARE, NOTED_SUBMITS = 8, 4
"""What part of a minute's calls is noted ahead: a start after a kill may count so many that were not made."""


class Window:
    """At most ``limit`` calls in any minute, evenly spread after a burst; ``limit`` may change.

    ``kept`` of them, and as many calls ahead of the even pace, are kept for what cannot wait. ``ahead`` calls
    may begin after each note.
    """

    def __init__(self, *, limit: int, burst: int, ahead: int = 1, kept: int = 0) -> None:
        self.limit = limit
        self._burst = max(1, burst)
        self._kept = kept
        self._tickets = itertools.count()
        self._open: dict[int, float] = {}
        self._gone: list[float] = []
        self._even = -math.inf
        self._ahead = max(1, ahead)
        self._noted = 0

    @property
    def is_noted(self) -> bool:
        """Whether the next call has been noted."""
        return self._noted > 0

    def under_way(self) -> int:
        """Return how many calls have begun and not ended."""
        return len(self._open)

    def count(self, now: float) -> int:
        """Return how many calls the provider may still count."""
        for ticket, began in list(self._open.items()):
            if began + LONGEST_CALL > now:
                break
            self.close(ticket, began + LONGEST_CALL)
        del self._gone[: bisect_right(self._gone, now)]
        return len(self._open) + len(self._gone)

    def ready_at(self, now: float, *, urgent: bool = False) -> float:
        """Return from when on one more call may begin, if nothing else happens before."""
        kept = 0 if urgent else min(self._kept, self.limit - 1)
        over = self.count(now) - (self.limit - kept)
        early = self._burst - 1 + (self._kept if urgent else 0)
        even = self._even - early * SPAN / self.limit
        if over < 0:
            return max(now, even)
        if over < len(self._gone):
            return max(now, even, self._gone[over])
        began = next(itertools.islice(self._open.values(), over - len(self._gone), None))
        return max(now, even, began + LONGEST_CALL + SPAN)

    def open(self, now: float) -> int:
        """Begin a call and return the ticket that ends it."""
        ticket = next(self._tickets)
        self._open[ticket] = now
        self._noted -= 1
        self._even = max(now, self._even) + SPAN / self.limit
        return ticket

    def close(self, ticket: int, now: float) -> None:
        """End a call; one that has ended already stays as it is."""
        if self._open.pop(ticket, None) is not None:
            insort(self._gone, now + SPAN)

    def note(self, now: float) -> Noted:
        """Return what counts now, with some calls that may begin once this is written down."""
        called = self.rest(now)
        return Noted(called.lefts, called.endless + self._ahead)

    def rest(self, now: float) -> Noted:
        """Return what counts now; no call begins before the next note."""
        self._noted = 0
        endless = self.count(now) - len(self._gone)
        return Noted([until - now for until in self._gone], endless)

    def noted(self) -> None:
        """Take in that ``note`` has been written down."""
        self._noted = self._ahead

    def remember(self, noted: Noted, now: float) -> None:
        """Count what was noted before this window was."""
        lefts = [*noted.lefts, *[SPAN] * noted.endless]
        self._gone = sorted([*self._gone, *(now + min(left, SPAN) for left in lefts if left > 0)])


class Budget:
    """One budget for all calls, a smaller one for submits, both lowered by what replies say."""

    def __init__(self, *, requests_per_minute: int, submits_per_minute: int, webhooks: bool) -> None:
        self._all = Window(
            limit=requests_per_minute,
            burst=requests_per_minute // LOOSE_SHARE
            if webhooks
            else max(2, requests_per_minute // EVEN_SHARE),
            kept=requests_per_minute // EVEN_SHARE if webhooks else 0,
            ahead=requests_per_minute // NOTED_SHARE,
        )
        self._submits = Window(
            limit=submits_per_minute,
            burst=submits_per_minute // 2,
            ahead=submits_per_minute // NOTED_SUBMITS,
        )
        self._windows = (self._all, self._submits)
        self._throttles = (Throttle(requests_per_minute), Throttle(submits_per_minute))

    def rate(self, now: float) -> float:
        """Return the calls a second that are allowed on average as things are."""
        return self._throttles[0].limit(now) / SPAN

    def ready_at(self, call: Call, now: float) -> float:
        """Return from when on a call may begin, in the seconds of ``now``, if nothing else happens before."""
        ready = now
        for window, throttle in self._affected(call):
            window.limit = throttle.limit(now)
            ready = max(ready, window.ready_at(now, urgent=call is Call.POKE), throttle.ready_at(now))
        return ready

    def open(self, call: Call, now: float) -> tuple[int, ...]:
        """Begin a call and return its tickets for ``close``."""
        tickets: list[int] = []
        for window, throttle in self._affected(call):
            throttle.spend()
            tickets.append(window.open(now))
        return tuple(tickets)

    def close(self, call: Call, tickets: tuple[int, ...], now: float) -> None:
        """End a call: its reply has come, or it is certain that none will."""
        for (window, _), ticket in zip(self._affected(call), tickets, strict=True):
            window.close(ticket, now)

    def is_noted(self, call: Call) -> bool:
        """Tell whether a call may begin without being noted first."""
        return all(window.is_noted for window, _ in self._affected(call))

    def note(self, now: float) -> list[Noted]:
        """Return what to write down of the calls of the last minute."""
        return [window.note(now) for window in self._windows]

    def rest(self, now: float) -> list[Noted]:
        """Return what to write down where no call begins before the next note."""
        return [window.rest(now) for window in self._windows]

    def noted(self) -> None:
        """Take in that ``note`` has been written down."""
        for window in self._windows:
            window.noted()

    def remember(self, noted: Sequence[Noted], *, now: float) -> None:
        """Count what an earlier life of this process noted."""
        for window, each in zip(self._windows, noted, strict=True):
            window.remember(each, now)

    def observe(
        self,
        call: Call | None,
        *,
        now: float,
        limit: int | None = None,
        remaining: int | None = None,
        reset_in: float | None = None,
        retry_after: float | None = None,
        refused: bool = False,
    ) -> None:
        """Take in what a reply said of the limit.

        Parameters
        ----------
        call
            What was replied to, if known. A submit's limit that differs from that of other calls is taken to
            count submits only, so that a provider's ten submits a minute do not become ten calls.
        reset_in, retry_after
            Seconds.
        """
        window, throttle = self._affected(Call.SUBMIT)[1 if self._of_submits(call, limit) else 0]
        reset_in = None if reset_in is None else max(0.0, min(reset_in, LONGEST_RESET))
        if limit is not None:
            throttle.hear_limit(limit, now)
        if remaining is not None and reset_in is not None:
            others = max(0, window.under_way() - 1)
            foreign = limit is None or limit - remaining > window.count(now)
            throttle.hear_remaining(max(0, remaining - others) if foreign else None, now + reset_in)
        if refused:
            throttle.hear_refusal(now, retry_after if retry_after is not None else reset_in)
        else:
            throttle.hear_success()

    def _of_submits(self, call: Call | None, limit: int | None) -> bool:
        """Tell whether a reply speaks of a limit that counts submits only."""
        if limit is None or limit == self._throttles[0].told:
            return False
        if call is None:
            only_submits = 0 < self._all.under_way() == self._submits.under_way()
            return only_submits or limit == self._throttles[1].told
        return call is Call.SUBMIT

    def _affected(self, call: Call) -> list[tuple[Window, Throttle]]:
        affected = [(self._all, self._throttles[0])]
        if call is Call.SUBMIT:
            affected.append((self._submits, self._throttles[1]))
        return affected
