"""Every REST request, for tests and for looking at: the last 20,000."""

from collections import deque

from playground.discord.bodies import Body
from playground.discord.clock import PlaygroundClock
from playground.discord.jsons import JsonObject

REMEMBERED = 20_000


class RequestLog:
    """A bounded list of requests with what came of them."""

    def __init__(self, *, clock: PlaygroundClock) -> None:
        self._clock = clock
        self._entries: deque[JsonObject] = deque(maxlen=REMEMBERED)
        self._count = 0

    def add(self, *, method: str, path: str, route: str, query: JsonObject, body: Body | None) -> JsonObject:
        """Note a request; the caller fills in ``status`` and ``code`` when they are known.

        Parameters
        ----------
        path, route
            Below ``/api/v10``: as asked for, and with the names of its parameters.
        """
        self._count += 1
        entry: JsonObject = {
            "n": self._count,
            "at": self._clock.now(),
            "method": method,
            "path": path,
            "route": route,
            "query": query,
            "status": None,
            "code": None,
            "body": body and body.payload,
            "files": [
                {"name": file.name, "size": file.size, "sha256": file.sha256}
                for _, file in sorted(body.files.items())
            ]
            if body
            else [],
        }
        self._entries.append(entry)
        return entry

    def since(self, number: int) -> list[JsonObject]:
        """Return the entries after a number, oldest first."""
        return [entry for entry in self._entries if entry["n"] > number]
