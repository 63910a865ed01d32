"""What a card shows: a projection of a job's row, made anew for every edit."""

from dataclasses import dataclass, field
from pathlib import Path

from domain.blocks import AfterRefusal
from domain.images import Image
from domain.job import Job, Kind
from domain.options import Options
from domain.styles import Style


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """When a job is expected to start and to end (Unix milliseconds) and how many wait before it.

    ``own`` is how many running jobs of its member's have to end first, if it waits for one of them alone.
    ``slow``: it takes longer than usual; ``late``: it has run for so long that nothing can be said. A moment
    that is near is left out: what is said is never a moment that has passed. ``away``: the provider takes no
    connection, so that nothing starts until it does.
    """

    ahead: int = 0
    own: int = 0
    slow: bool = False
    starts_at: int | None = None
    ends_at: int | None = None
    late: bool = False
    away: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file to attach: ``name`` as members see it, ``size`` in bytes."""

    name: str
    path: Path
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A result that no message could carry: where it can be had until ``expires_at`` (Unix milliseconds)."""

    url: str = field(repr=False)
    expires_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Successor:
    """A model that can take over a job: ``cost`` in thousandths, its options, and those that it lacks."""

    model: str
    cost: int
    options: Options
    lacking: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPrice:
    """What an image of a model is expected to cost (thousandths); not ``known``: nobody has said so yet."""

    model: str
    cost: int
    known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What would be reserved now for the same again, and for an edit of one of the results (thousandths)."""

    again: int
    edit: int


def prices_of(job: Job) -> Prices:
    """Return what it was for the job itself: nothing else is known while no model is on offer."""
    return Prices(again=job.held, edit=job.held // job.options.images)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardView:
    """One state of a card.

    ``shown`` and ``sheet`` name the attached files that the card shows as results and as the contact
    sheet of the sources; ``source_urls`` are shown in its place while nothing is attached. ``published``
    names sources that the card carries for the provider. ``continued`` is how many further messages carry
    results; ``reencoded``, ``marks_lost`` (C2PA) and ``links`` say what was done to fit the
    upload limit. ``masked``: the sheet shows a mask as well. ``mention`` makes the
    text begin with its member's name, so that a new message reaches them. ``reply_to`` is the card that
    this one came from (channel, message); ``reply_is_direct``: it is a direct message.
    ``successor`` can take over a job whose model has ended;
    ``instead_of`` is the model that this one took over from. ``after_refusal`` is what it means for a member
    that the safety check refused the job. ``elsewhere``: what the job made is not on this card; it is on
    another message (``moved_to``: channel, message), or waits under /jobs. ``direct``: it is a direct
    message, although its job was asked for in a server's channel. ``prices`` are
    what its buttons would reserve. ``left_out`` is what was chosen for the card that this one came from and
    its model does not take.
    """

    job: Job
    sources: tuple[Image, ...] = ()
    results: tuple[Image, ...] = ()
    expectation: Expectation = Expectation()
    shown: tuple[str, ...] = ()
    sheet: str | None = None
    published: tuple[str, ...] = ()
    source_urls: tuple[str, ...] = field(default=(), repr=False)
    continued: int = 0
    reencoded: bool = False
    marks_lost: bool = False
    links: tuple[Link, ...] = ()
    masked: bool = False
    mention: bool = False
    reply_to: tuple[int, int] | None = None
    reply_is_direct: bool = False
    successor: Successor | None = None
    after_refusal: AfterRefusal | None = None
    instead_of: str | None = None
    elsewhere: bool = False
    moved_to: tuple[int, int] | None = None
    prices: Prices | None = None
    left_out: tuple[tuple[str, str | int], ...] = ()
    direct: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where a card is now: ``urls`` are its attachments' addresses by name."""

    channel_id: int
    message_id: int
    urls: dict[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StyleView:
    """A style with what keeps members from using it.

    ``forbidden``: it says itself what its server forbids. ``kinds``: what its model, if any, can be had for.
    """

    style: Style
    forbidden: bool = False
    kinds: tuple[Kind, ...] = tuple(Kind)
