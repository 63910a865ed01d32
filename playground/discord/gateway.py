"""Who is connected to the gateway, and which events reach them."""

import secrets
from collections.abc import Callable

from playground.discord import intents
from playground.discord.clock import PlaygroundClock
from playground.discord.faults import Faults
from playground.discord.jsons import JsonObject, encode
from playground.discord.outbox import Outbox
from playground.discord.page_hub import PageHub
from playground.discord.sessions import FORGOTTEN_AFTER, Session, frame

RECONNECT = 7
INVALID_SESSION = 9


class GatewayHub:
    """Holds the sessions and sends them events.

    Parameters
    ----------
    faults
        May lose or repeat an event by name.
    guild_id
        The one server: decides which shard its events go to.
    """

    def __init__(self, *, clock: PlaygroundClock, faults: Faults, pages: PageHub, guild_id: int) -> None:
        self._clock = clock
        self._faults = faults
        self._pages = pages
        self._guild_id = guild_id
        self._sessions: dict[str, Session] = {}
        self._connections: dict[Outbox, Callable[[], None]] = {}
        self._paused = False

    def connected(self, outbox: Outbox, abort: Callable[[], None]) -> None:
        """Remember a connection that may be dropped on demand."""
        self._connections[outbox] = abort

    def disconnected(self, outbox: Outbox, *, clean: bool) -> None:
        """Forget a connection; its session waits for a resume unless the bot closed it cleanly."""
        self._connections.pop(outbox, None)
        for session in list(self._sessions.values()):
            if session.outbox is outbox:
                session.outbox, session.lost_at = None, self._clock.now()
                if clean:
                    del self._sessions[session.id]
        self._tell_pages()

    def identify(self, *, outbox: Outbox, wanted: int, shard: tuple[int, int]) -> Session:
        """Start a session."""
        session = Session(secrets.token_hex(16), wanted, shard, outbox)
        self._sessions[session.id] = session
        self._tell_pages()
        return session

    def resume(self, *, outbox: Outbox, session_id: str, sequence: int) -> Session | None:
        """Take a session up again, or return None if it cannot be."""
        self._forget_old()
        session = self._sessions.get(session_id)
        if session is None or not session.can_replay(sequence):
            self._sessions.pop(session_id, None)
            return None
        session.paused = self._paused
        session.replay(outbox, sequence)
        self._tell_pages()
        return session

    def dispatch(
        self,
        event: str,
        data: JsonObject,
        *,
        needs: int = 0,
        direct: bool = False,
        redacted: JsonObject | None = None,
    ) -> None:
        """Send an event to every session that asked for its kind.

        Parameters
        ----------
        needs
            The intent it belongs to; 0 if it needs none.
        direct
            Whether it is about direct messages, which all go to the first shard.
        redacted
            What a session without the message-content intent gets instead.
        """
        times = {"lost": 0, "twice": 2}.get(self._faults.events.get(event, ""), 1)
        whole = encode(data)
        poor = whole if redacted is None else encode(redacted)
        self._forget_old()
        for session in self._sessions.values():
            if session.intents & needs == needs and self._is_for(session, direct=direct):
                text = whole if session.intents & intents.MESSAGE_CONTENT else poor
                for _ in range(times):
                    session.dispatch(event, text)

    def drop(self) -> None:
        """Reset every connection without a close frame."""
        for abort in list(self._connections.values()):
            abort()

    def reconnect(self) -> None:
        """Ask every bot to reconnect and resume."""
        for outbox in self._connections:
            outbox.put(frame(RECONNECT, None))

    def invalidate(self) -> None:
        """End every session for good: the bots must identify anew."""
        self._sessions.clear()
        for outbox in self._connections:
            outbox.put(frame(INVALID_SESSION, data=False))
        self._tell_pages()

    def pause(self, *, paused: bool) -> None:
        """Hold events back, or send those that were held back. Heartbeats are answered all the while."""
        self._paused = paused
        for session in self._sessions.values():
            session.paused = paused
            session.catch_up()

    def _is_for(self, session: Session, *, direct: bool) -> bool:
        number, count = session.shard
        return number == (0 if direct else (self._guild_id >> 22) % count)

    def _forget_old(self) -> None:
        limit = self._clock.now() - FORGOTTEN_AFTER
        old = [
            item.id for item in self._sessions.values() if item.lost_at is not None and item.lost_at < limit
        ]
        for session_id in old:
            del self._sessions[session_id]

    def _tell_pages(self) -> None:
        self._pages.bot(online=any(item.outbox is not None for item in self._sessions.values()))
