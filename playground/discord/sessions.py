"""Gateway sessions: sequence numbers, what was sent, and what is still to be sent after a resume."""

from collections import deque
from dataclasses import dataclass, field

from playground.discord.jsons import encode
from playground.discord.outbox import Outbox

REMEMBERED = 4_000
"""Events that a session keeps for a resume."""

FORGOTTEN_AFTER = 180_000
"""Milliseconds without a connection after which a session cannot be resumed."""


def frame(op: int, data: object) -> str:
    """Write a gateway payload that is not an event."""
    return encode({"op": op, "d": data, "s": None, "t": None})


@dataclass(eq=False, slots=True)
class Session:
    """One identified bot, connected or waiting to resume.

    Attributes
    ----------
    shard
        Its number and how many there are.
    sent
        Sequence number of the last event put on the wire.
    lost_at
        Unix milliseconds at which its connection broke; null while connected.
    """

    id: str
    intents: int
    shard: tuple[int, int]
    outbox: Outbox | None = None
    sequence: int = 0
    sent: int = 0
    lost_at: int | None = None
    paused: bool = False
    past: deque[tuple[int, str]] = field(default_factory=lambda: deque[tuple[int, str]](maxlen=REMEMBERED))

    def dispatch(self, event: str, text: str) -> None:
        """Give an event (its data as JSON text) its number and send it, now or later."""
        self.sequence += 1
        whole = f'{{"op":0,"s":{self.sequence},"t":"{event}","d":{text}}}'
        self.past.append((self.sequence, whole))
        if self.outbox is not None and not self.paused:
            self.outbox.put(whole)
            self.sent = self.sequence

    def can_replay(self, sequence: int) -> bool:
        """Say whether everything after a sequence number is still known."""
        oldest = self.past[0][0] if self.past else self.sequence + 1
        return oldest - 1 <= sequence <= self.sequence

    def replay(self, outbox: Outbox, sequence: int) -> None:
        """Take up a new connection and send what the old one missed."""
        self.outbox, self.lost_at, self.sent = outbox, None, sequence
        self.catch_up()

    def catch_up(self) -> None:
        """Send what was held back."""
        if self.outbox is None or self.paused:
            return
        for number, text in self.past:
            if number > self.sent:
                self.outbox.put(text)
        self.sent = self.sequence
