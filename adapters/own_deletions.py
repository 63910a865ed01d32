"""Which messages we deleted ourselves: Discord tells of every deletion, and never by whom."""

from collections import OrderedDict

REMEMBERED = 10_000
"""The newest deletions that are remembered: their events come within seconds."""


class OwnDeletions:
    """Remembers them; noted before the request leaves."""

    def __init__(self) -> None:
        self._ids = OrderedDict[int, None]()

    def note(self, message_id: int) -> None:
        """Take note that a message is about to be deleted."""
        self._ids[message_id] = None
        if len(self._ids) > REMEMBERED:
            self._ids.popitem(last=False)

    def __contains__(self, message_id: int) -> bool:
        return message_id in self._ids
