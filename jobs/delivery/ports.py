"""What the work needs of Discord, as small Protocols; ``adapters/messenger.py`` implements them.

Exception
└── MessengerError
    ├── RungBroken    this way leads nowhere (any more): take the next
    │   └── CardGone  because somebody deleted the card
    ├── Oversize      Discord takes smaller files only
    └── MessengerTrouble  Discord or the way there is in trouble: the same may work later
"""

from collections.abc import Sequence
from typing import Protocol

from domain.errors import Refusal
from domain.job import Job, Rung
from domain.views import CardView, Placed, Upload


class MessengerError(Exception):
    """Discord did not take what was brought."""


class RungBroken(MessengerError):
    """The way leads nowhere: a token has expired, a message or channel is gone or hidden."""


class CardGone(RungBroken):
    """The card is there no more, though its channel is: somebody deleted it."""


class Oversize(MessengerError):
    """A file or the whole request is larger than Discord takes here."""


class MessengerTrouble(MessengerError):
    """Discord is in trouble; ``retry_after`` seconds at least before the next try."""

    def __init__(self, retry_after: float = 5.0) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


class Messenger(Protocol):
    """Where cards are shown."""

    async def bring(self, rung: Rung, view: CardView, uploads: Sequence[Upload]) -> Placed:
        """Bring a card to its member by one way; what is attached before and not named goes.

        Raises
        ------
        MessengerError
            See above.
        """
        ...

    async def attach(
        self, view: CardView, uploads: Sequence[Upload], *, part: int, names: Sequence[str]
    ) -> Placed:
        """Send a further message below the card with results that did not fit on it. Sent twice, it is one.

        ``names`` are all that its job was ever called.

        Raises
        ------
        MessengerError
            See above.
        """
        ...

    async def find(self, job: Job, rung: Rung, *, names: Sequence[str]) -> Placed | None:
        """Look for a message that this job's card was sent as, before a crash kept us from noting it.

        ``names`` are all that the job was ever called.
        """
        ...

    async def log(self, job: Job, uploads: Sequence[Upload], *, channel_id: int) -> Placed:
        """Tell of a job in a server's log, with its results as spoilers. Sent twice, it is one.

        Raises
        ------
        MessengerError
            See above.
        """
        ...

    async def refuse(self, job: Job, refusal: Refusal) -> bool:
        """Say privately why a job ended and take its card away; ``False`` if the card must say it."""
        ...

    async def remove(self, channel_id: int, message_id: int) -> None:
        """Delete a message of ours; one that is gone already is fine."""
        ...

    async def strip(self, view: CardView) -> None:
        """Show a finished card without its sources: what it carries of results stays.

        Raises
        ------
        MessengerError
            See above.
        """
        ...

    async def remind(self, job: Job) -> Placed | None:
        """Reply to a finished card, mentioning its member; ``None`` where that is not possible.

        One that is there already is returned: whoever sent it may have ended before it was noted.
        """
        ...

    async def invite_reroll(self, job: Job) -> None:
        """Put the reroll reaction on a finished card, where that is permitted."""
        ...


class Operator(Protocol):
    """Who runs the bot."""

    async def warn(self, key: str, **values: str | int) -> bool:
        """Tell the application's owner something, at most once in a while; ``False`` if that failed."""
        ...
