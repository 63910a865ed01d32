"""What a member asks for, before it is a job."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from domain.job import Kind, Origin
from domain.options import Options
from domain.styles import Applied


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSource:
    """An image that a request brings along.

    Either ``url`` (an attachment, still to be fetched; ``media_type``, ``size`` bytes, ``width`` and
    ``height`` pixels are only what the client claims) or ``sha256`` (kept already, from another job, with
    what was done to it: ``converted``, ``megapixels``). ``from_job``: the job whose source or result it is;
    ``owner_id``: the member whose message showed it; ``spoiler``: as such. ``is_mask``: it says where
    the first may change.
    """

    name: str
    url: str | None = field(default=None, repr=False)
    sha256: str | None = None
    media_type: str | None = None
    size: int | None = None
    width: int | None = None
    height: int | None = None
    converted: str | None = None
    megapixels: int | None = None
    from_job: str | None = None
    owner_id: int | None = None
    spoiler: bool = False
    is_mask: bool = False


def images_in(sources: Sequence[NewSource]) -> tuple[NewSource, ...]:
    """Return the sources that are images, not the mask of the first."""
    return tuple(source for source in sources if not source.is_mask)


@dataclass(frozen=True, slots=True)
class Wish:
    """A member's reaction to a message: it carries no id of its own."""

    message_id: int


Event = str | Wish
"""What asked for a job and makes no second one: ``i`` and an interaction's id, or a member's wish."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A wish for a job, from a command, a button, a modal or a reaction.

    ``role_ids`` are the member's, for allowances. ``left_out`` is what they prefer and cannot have (``Job``).
    ``prompt`` is the finished one, with what a style puts around the member's words.
    ``token`` and ``token_expires_at`` (Unix milliseconds) are the interaction's, absent for a reaction; so is
    ``arrived``, when it came (seconds of ``time.monotonic``).
    ``insists``: it is meant, although its member has just asked for the same.
    ``missing_permissions`` names what the bot lacks in the channel. ``attachment_limit`` is bytes per file.
    """

    event: Event
    kind: Kind
    origin: Origin
    guild_id: int
    channel_id: int
    member_id: int
    role_ids: tuple[int, ...]
    prompt: str = field(repr=False)
    options: Options
    left_out: tuple[tuple[str, str | int], ...] = ()
    style: Applied | None = None
    sources: tuple[NewSource, ...]
    model: str | None = None
    parent_id: str | None = None
    token: str | None = field(default=None, repr=False)
    token_expires_at: int = 0
    arrived: float | None = None
    attachment_limit: int
    missing_permissions: tuple[str, ...] = ()
    insists: bool = False


class Assigned(StrEnum):
    """What came of it when the operator said which of the provider's jobs a parked one is."""

    TAKEN = "taken"
    NOT_PARKED = "not_parked"
    """It is parked no longer, or another job has that name."""
    NOT_THERE = "not_there"
    """The provider does not know that name, or cannot be asked now."""
