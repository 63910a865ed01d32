"""A job: one paid request, made by one member. The row in SQLite is the truth; this is its value."""

import secrets
from dataclasses import dataclass, field
from enum import StrEnum

from domain.errors import Reason
from domain.limits import A_FEW_MINUTES
from domain.options import Options
from domain.styles import Applied


class Kind(StrEnum):
    """What a job asks for."""

    EDIT = "edit"
    GENERATE = "generate"


class Status(StrEnum):
    """Where a job is in its life."""

    QUEUED = "queued"
    """Accepted and reserved; waits for its sources, its turn and the budget."""
    SUBMITTING = "submitting"
    """The request is about to leave, or has left and is not answered yet."""
    RUNNING = "running"
    """The provider named its job; it is asked about until it ends."""
    UNKNOWN = "unknown"
    """The submission was sent and not answered: parked, and only submitted again if it proves not taken."""
    DELIVERING = "delivering"
    """Its images are on disk and charged; they are on their way to the member."""
    DONE = "done"
    """Delivered, or waiting under /jobs because no way to the member was left."""
    FAILED = "failed"
    """Ended without images; what was reserved is released."""
    CANCELLED = "cancelled"
    """Withdrawn by its member before anything was paid."""


MOVES: dict[Status, frozenset[Status]] = {
    Status.QUEUED: frozenset({Status.SUBMITTING, Status.CANCELLED, Status.FAILED}),
    Status.SUBMITTING: frozenset({Status.RUNNING, Status.QUEUED, Status.FAILED, Status.UNKNOWN}),
    Status.UNKNOWN: frozenset({Status.RUNNING, Status.FAILED, Status.QUEUED}),
    Status.RUNNING: frozenset({Status.DELIVERING, Status.FAILED}),
    Status.DELIVERING: frozenset({Status.DONE, Status.FAILED}),
    Status.DONE: frozenset(),
    Status.FAILED: frozenset(),
    Status.CANCELLED: frozenset(),
}
"""From each status, where a job may go next. Nothing else is ever written."""

HELD = frozenset({Status.QUEUED, Status.SUBMITTING, Status.RUNNING, Status.UNKNOWN})
"""While a job is in one of these its reserve is held; it ends with the charge or the release."""

OPEN = HELD | {Status.DELIVERING}
"""Not at an end: taken up again at every start."""


class Origin(StrEnum):
    """What a member did to ask for a job."""

    COMMAND = "command"
    REROLL = "reroll"
    CHANGE_PROMPT = "change_prompt"
    EDIT_RESULT = "edit_result"
    EDIT_IMAGES = "edit_images"
    FOLLOW_UP = "follow_up"
    """Nothing: another model takes over a job whose own has ended."""


class Spoiler(StrEnum):
    """What of a job is shown as a spoiler."""

    NONE = ""
    RESULTS = "results"
    ALL = "all"
    """A source was one: so are sheet and results, and what is made of them."""


class Rung(StrEnum):
    """A way to bring a card to its member, in the order in which they are tried."""

    TOKEN = "token"  # noqa: S105 - the name of a way, not a secret
    """Edit the answer with the interaction's token (15 minutes)."""
    MESSAGE = "message"
    """Edit the same message with the bot's token."""
    CHANNEL = "channel"
    """A new message in the channel that mentions the member."""
    DIRECT = "direct"
    """A direct message."""
    KEPT = "kept"
    """No way left: it waits under /jobs."""


def new_id() -> str:
    """Return an id for a job: it says nothing and nobody guesses it."""
    return secrets.token_hex(10)


OPERATOR_KEY = 1
"""The provider's key that is the operator's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """The message that shows a job, and what is known of the ways to it.

    ``token`` is the interaction's and is wiped when it is of no more use; Discord takes it until
    ``token_expires_at``. ``rung`` is the way taken last, ``rung_at`` when; both times are Unix milliseconds.
    ``attachment_limit`` is bytes per file. ``reminded``: it shows the job's end and nothing more is sent.
    """

    channel_id: int | None = None
    message_id: int | None = None
    token: str | None = field(default=None, repr=False)
    token_expires_at: int = 0
    attachment_limit: int = 10 * 1024 * 1024
    rung: Rung | None = None
    rung_at: int | None = None
    reminded: bool = False

    @property
    def place(self) -> tuple[int, int] | None:
        """Where it is: channel and message, if it is anywhere."""
        if self.channel_id is None or self.message_id is None:
            return None
        return self.channel_id, self.message_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One row of ``jobs``. Times are Unix milliseconds, credits thousandths.

    ``id`` is random and says nothing; cards of old have another name of the job in their buttons.
    ``reserved`` is what was held at first, ``raised`` what came to it when more was known. ``cost`` is what
    the provider said when it took the job, ``billed`` when it ended. ``follows`` is the job whose card it
    took over. ``role_ids`` are those of the member's roles that had an allowance, until the job ends.
    ``secret`` is the webhook path's; ``claim`` is what a webhook says the provider calls an unanswered job:
    it is asked about before it counts. ``withdrawn``: whose source or words it uses took them away;
    ``hidden``: somebody else deleted its card, nothing more of it is posted there. ``left_out`` is what its
    member prefers and could not have: an option that the model does not take, a model that is not on offer.
    ``prompt_hidden``: its server does not want on cards what was asked for.
    """

    id: str
    kind: Kind
    origin: Origin
    guild_id: int
    channel_id: int
    member_id: int
    model: str
    prompt: str
    options: Options
    status: Status
    reserved: int
    created_at: int
    raised: int = 0
    role_ids: tuple[int, ...] = ()
    key_id: int = OPERATOR_KEY
    source_count: int = 0
    parent_id: str | None = None
    follows: str | None = None
    card: Card = Card()
    sources_ready: bool = False
    provider_job_id: str | None = None
    secret: str | None = None
    claim: str | None = None
    submitted_at: int | None = None
    completed_at: int | None = None
    ended_at: int | None = None
    cost: int | None = None
    billed: int | None = None
    charged: int | None = None
    failure: Reason | None = None
    note: str | None = None
    collected: bool = True
    deleted: bool = False
    withdrawn: bool = False
    hidden: bool = False
    left_out: tuple[tuple[str, str | int], ...] = ()
    spoiler: Spoiler = Spoiler.NONE
    prompt_hidden: bool = False
    style: Applied | None = None

    def __repr__(self) -> str:
        """Name the job without its prompt, token or secret: a repr ends in a log sooner or later."""
        return f"<Job {self.id} {self.status}>"

    @property
    def words(self) -> str:
        """Its member's own words: the prompt without what a style put around them."""
        return self.prompt if self.style is None else self.style.words_in(self.prompt)

    @property
    def again_at(self) -> int | None:
        """From when on the same may be asked for again, where it failed by trouble at the provider."""
        trouble = self.failure is Reason.PROVIDER_TROUBLE and self.ended_at is not None
        return (self.ended_at or 0) + A_FEW_MINUTES if trouble else None

    @property
    def shown_directly(self) -> bool:
        """Whether its card is a direct message, since the channel where it was asked for was out of reach."""
        return self.card.channel_id not in {None, self.channel_id}

    @property
    def held(self) -> int:
        """What is held for it until it ends, in thousandths."""
        return self.reserved + self.raised

    @property
    def known_cost(self) -> int:
        """What it is known to cost while it runs, in thousandths."""
        return self.held if self.cost is None else self.cost
