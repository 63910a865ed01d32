"""Whose picture is worked on next: by turns between members, in two kept processes.

Of the members who wait, the one served longest ago goes next; what is paid for goes before what is not, and
who has used up their time of the last minute waits behind everybody. A decode cannot be interrupted and a
large one takes seconds: so one of the two processes never gets any. How many pixels a file has is what
that process finds in its header; one that is too large for it goes back in line for the other.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from domain.clock import Clock
from domain.limits import MAX_SCALED_PIXELS
from pictures.kept import Kept
from pictures.values import Reply, Request

SMALL = 16_000_000
"""Pixels that the process for small pictures takes: a telephone's ordinary picture has twelve million."""
BUDGET, WINDOW = 10.0, 60.0
"""Seconds of a process that a member may take within so many seconds before they wait behind everybody."""
REMEMBERED = 1_000
"""Members who do not wait are remembered as served up to this number."""


@dataclass(slots=True, eq=False)
class _Wish:
    """One piece of work that waits; ``turn`` is the process that it is given."""

    member_id: int
    paid: bool
    turn: asyncio.Future[Kept]
    large: bool = False


@dataclass(slots=True)
class _Account:
    """What a member waits for, in order, when each process served them last, what they have used."""

    waiting: list[_Wish] = field(default_factory=list[_Wish])
    served: Counter[Kept] = field(default_factory=Counter[Kept])
    used: deque[tuple[float, float]] = field(default_factory=deque[tuple[float, float]])

    def spent(self, since: float) -> float:
        """Return the seconds of a process that were used since a moment."""
        while self.used and self.used[0][0] < since:
            self.used.popleft()
        return sum(seconds for _, seconds in self.used)


class Turns:
    """Hands two processes to whoever's turn it is."""

    def __init__(self, *, clock: Clock, small: Kept, large: Kept) -> None:
        self._clock = clock
        self._limits = {small: SMALL, large: MAX_SCALED_PIXELS}
        # The small one first: a small picture leaves the other to those that need it.
        self._idle = {small: True, large: True}
        self._accounts: dict[int, _Account] = {}
        self._round = 0

    async def ask(
        self,
        request: Request,
        pictures: Sequence[Path],
        outs: Sequence[Path] = (),
        *,
        member_id: int,
        paid: bool,
    ) -> Reply:
        """Return a process's answer to a request; its ``pixels`` are the process's own.

        A caller that is cancelled ends what is worked on for them. Raises as ``Kept.ask`` does.
        """
        large = False
        while True:
            process = await self._turn(member_id, paid=paid, large=large)
            begun = self._clock.monotonic()
            try:
                reply = await process.ask({**request, "pixels": self._limits[process]}, pictures, outs)
            finally:
                now = self._clock.monotonic()
                self._account(member_id).used.append((now, now - begun))
                self._leave(process)
            if "larger" not in reply:
                return reply
            large = True

    async def close(self) -> None:
        """End both processes at once; whoever waits sees ``asyncio.CancelledError``."""
        for account in self._accounts.values():
            for wish in account.waiting:
                wish.turn.cancel()
        await asyncio.gather(*(process.close() for process in self._limits))

    async def _turn(self, member_id: int, *, paid: bool, large: bool) -> Kept:
        """Wait for a process; it is the caller's until they leave it."""
        turn: asyncio.Future[Kept] = asyncio.get_running_loop().create_future()
        wish = _Wish(member_id, paid, turn, large)
        self._account(member_id).waiting.append(wish)
        self._serve()
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                # Its turn came in the very moment in which its caller was cancelled.
                self._leave(turn.result())
            else:
                self._account(member_id).waiting.remove(wish)
            raise

    def _leave(self, process: Kept) -> None:
        self._idle[process] = True
        self._serve()

    def _serve(self) -> None:
        """Hand out the processes that are idle."""
        for process, idle in self._idle.items():
            wish = self._next(process) if idle else None
            if wish is None:
                continue
            self._idle[process] = False
            self._round += 1
            account = self._account(wish.member_id)
            account.served[process] = self._round
            account.waiting.remove(wish)
            wish.turn.set_result(process)

    def _next(self, process: Kept) -> _Wish | None:
        small = self._limits[process] == SMALL
        since = self._clock.monotonic() - WINDOW
        return min(
            (wish for wish in self._firsts(small=small) if not wish.turn.done()),
            key=lambda wish: self._rank(wish, process, since),
            default=None,
        )

    def _firsts(self, *, small: bool) -> Iterator[_Wish]:
        """Yield what may be next of each member: the first that is paid for, and the first that is not."""
        for account in self._accounts.values():
            for paid in (True, False):
                yield from [
                    wish for wish in account.waiting if wish.paid is paid and not (small and wish.large)
                ][:1]

    def _rank(self, wish: _Wish, process: Kept, since: float) -> tuple[bool, bool, int]:
        account = self._accounts[wish.member_id]
        return (not wish.paid, account.spent(since) > BUDGET, account.served[process])

    def _account(self, member_id: int) -> _Account:
        if member_id not in self._accounts and len(self._accounts) > REMEMBERED:
            self._forget()
        return self._accounts.setdefault(member_id, _Account())

    def _forget(self) -> None:
        """Forget who neither waits nor used anything within the window."""
        since = self._clock.monotonic() - WINDOW
        self._accounts = {
            member_id: account
            for member_id, account in self._accounts.items()
            if account.waiting or account.spent(since)
        }
