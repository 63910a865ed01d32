"""The card: one message that shows one job, built anew for every edit from what its row says.

Components V2 take 40 components and 4,000 characters of text; a card stays far below both.
"""

import hashlib
from collections.abc import Sequence

import discord
from discord import ui

from domain.blocks import AfterRefusal
from domain.credits import credits_text
from domain.errors import Reason, Refusal
from domain.images import MASK_NAME, Image
from domain.job import HELD, Job, Kind, Origin, Spoiler, Status
from domain.limits import DAY
from domain.views import CardView, Expectation, Link, Successor
from ui.choices import model_name, option_words
from ui.next_steps import buttons_of
from ui.plain import moment, plain
from ui.preferences import left_out_text, not_taken_text
from ui.prompts import words_of
from ui.texts import FREE, say
from ui.whereabouts import done_title, link_to, where, why_here

MASK_PLACE = f"attachment://{MASK_NAME}"
STYLE_CHARACTERS = 60
LINK_CHARACTERS = 300
"""A longer address would not leave room for the others."""

ACCENTS = {
    Status.QUEUED: 0x80848E,
    Status.SUBMITTING: 0xF0B232,
    Status.RUNNING: 0xF0B232,
    Status.UNKNOWN: 0xE67E22,
    Status.DELIVERING: 0xF0B232,
    Status.DONE: 0x23A55A,
    Status.FAILED: 0xDA373C,
    Status.CANCELLED: 0x80848E,
}

TITLES = {
    Status.SUBMITTING: "Submitting",
    Status.UNKNOWN: "Contact lost",
    Status.DELIVERING: "Running · ready any moment",
    Status.FAILED: "Failed",
    Status.CANCELLED: "Cancelled",
}
RELATIONS = {
    Origin.REROLL: "reroll of",
    Origin.CHANGE_PROMPT: "other words for",
    Origin.FOLLOW_UP: "from",
}
"""What a job is to the card that it came from; otherwise it edits a result."""
CONTACT_LOST = (
    "We lost contact with the image service. If the picture was made it is posted here by {until};"
    " {amount} stay reserved until then. Asking again makes another: both are charged"
    " if both come."
)

AI_MADE = "AI-made"
"""What every message with results says of them (EU AI Act, article 50)."""
REENCODED = "Re-encoded to fit Discord’s upload limit"
MARKS_LOST = "the maker’s signed record (C2PA); these say that they are AI-made."
WITHDRAWN = "Whose image or words this used has withdrawn them: it cannot be done again."
FOR_YOU_ALONE = "My message in the channel was deleted, so this came to you alone."
NEXT_PAUSES = "It was the second refusal within ten minutes: a third pauses you."


def build_card(view: CardView) -> ui.LayoutView:
    """Return the card as discord.py sends it; fresh for every edit, with persistent buttons only."""
    layout = ui.LayoutView(timeout=None)
    container: ui.Container[ui.LayoutView] = ui.Container(
        accent_colour=ACCENTS[view.job.status], id=mark_of(view.job.id)
    )
    if view.mention:
        container.add_item(ui.TextDisplay(f"<@{view.job.member_id}>"))
    _add_head(container, view)
    if pictures := gallery(view):
        container.add_item(pictures)
    if notes := notes_of(view):
        container.add_item(ui.TextDisplay(notes))
    container.add_item(ui.TextDisplay(foot(view)))
    layout.add_item(container)
    if (row := buttons_of(view)) is not None:
        layout.add_item(row)
    return layout


def mark_of(job_id: str) -> int:
    """Return the component id by which a card is found again whose message was not noted.

    Discord keeps the ids that components are sent with (32 bits); it numbers the others from 1.
    """
    return int.from_bytes(hashlib.sha256(job_id.encode()).digest()[:4]) % (2**31 - 1000) + 1000


def build_part(view: CardView, part: int) -> ui.LayoutView:
    """Return a further message with results that did not fit on the card."""
    layout = ui.LayoutView(timeout=None)
    container: ui.Container[ui.LayoutView] = ui.Container(accent_colour=ACCENTS[Status.DONE])
    container.add_item(ui.TextDisplay(f"-# Results, continued ({part} of {view.continued + 1}) · {AI_MADE}"))
    if pictures := gallery(view):
        container.add_item(pictures)
    layout.add_item(container)
    return layout


def _add_head(container: "ui.Container[ui.LayoutView]", view: CardView) -> None:
    head = ui.TextDisplay[ui.LayoutView](f"### {title(view)}\n{words_of(view.job)}")
    if view.sheet is None:
        container.add_item(head)
        return
    count = len(view.sources)
    description = "The source image" if count == 1 else f"The {count} source images, numbered"
    description += ", and where it may change" if view.masked else ""
    thumbnail = ui.Thumbnail[ui.LayoutView](
        f"attachment://{view.sheet}", description=description, spoiler=view.job.spoiler is Spoiler.ALL
    )
    container.add_item(ui.Section(head, accessory=thumbnail))


def title(view: CardView) -> str:
    """Say in one line where the job is, and what it cost."""
    job, expected = view.job, view.expectation
    match job.status:
        case Status.QUEUED:
            return f"Queued · {_waits_for(expected)}"
        case Status.RUNNING:
            return _running(expected)
        case Status.DONE:
            return done_title(view)
        case _:
            return TITLES[job.status]


def _running(expected: Expectation) -> str:
    if expected.late:
        return "Running late"
    if expected.slow:
        return "Running · taking longer than usual"
    return f"Running · ready {moment(expected.ends_at) if expected.ends_at else 'any moment'}"


def _waits_for(expected: Expectation) -> str:
    """Say what a queued job waits for. A moment is only said while it lies ahead."""
    if expected.away:
        return "the image service cannot be reached, trying again"
    if expected.own:
        own = "your running job" if expected.own == 1 else f"one of your {expected.own} running jobs"
        return f"starts when {own} is done"
    starts = f"starts {moment(expected.starts_at) if expected.starts_at else 'any moment'}"
    return f"{expected.ahead} ahead, {starts}" if expected.ahead else starts


def gallery(view: CardView) -> "ui.MediaGallery[ui.LayoutView] | None":
    """Return the results, or the sources while there are none."""
    if view.shown and view.job.status not in {Status.FAILED, Status.CANCELLED}:
        places = [f"attachment://{name}" for name in view.shown]
        described, covered = "Result", view.job.spoiler is not Spoiler.NONE
    else:
        places = [*(f"attachment://{name}" for name in view.published), *view.source_urls]
        described, covered = "Source", view.job.spoiler is Spoiler.ALL
    if not places or view.elsewhere:
        return None
    items = [
        discord.MediaGalleryItem(
            place, description="Mask" if place == MASK_PLACE else f"{described} {number}", spoiler=covered
        )
        for number, place in enumerate(places[:10], 1)
    ]
    return ui.MediaGallery(*items)


def notes_of(view: CardView) -> str:
    """Say what a member should know besides: how it ended, what is late, what was done to fit."""
    job = view.job
    notes: list[str] = []
    if job.status is Status.FAILED and job.failure is not None:
        notes.extend(_failure_notes(view, job.failure))
    elif job.status is Status.CANCELLED:
        notes.append(FREE)
    elif job.status is Status.UNKNOWN:
        until = moment((job.submitted_at or job.created_at) + DAY, "f")
        notes.append(CONTACT_LOST.format(until=until, amount=credits_text(job.held)))
    elif view.expectation.late:
        notes.append(
            "The image service takes much longer than usual. The result is posted when it comes;"
            " you pay only if it does."
        )
    elif job.status is Status.DONE:
        notes.extend(_result_notes(view))
    notes.extend(_besides(view))
    return "\n".join(notes)


def _besides(view: CardView) -> list[str]:
    """Say what is to be known whatever the job's state is: its price, its sources, its model, its place."""
    job, notes = view.job, list[str]()
    if job.raised and job.status in HELD:
        held, expected = credits_text(job.held), credits_text(job.reserved)
        notes.append(f"The image service asks for {held} instead of the {expected} expected.")
    if job.status not in {Status.FAILED, Status.CANCELLED}:
        notes.extend(_source_notes(view))
    return [*notes, *_replacement_notes(view), *_history_notes(view)]


def _replacement_notes(view: CardView) -> list[str]:
    """Say what could not be had of what a member prefers."""
    job = view.job
    if not job.left_out or job.status is Status.CANCELLED:
        return []
    return [left_out_text(job.left_out, job.model)]


def _history_notes(view: CardView) -> list[str]:
    """Say what others, or the image service, changed about a job."""
    # Of one that ended by it that is what is said first.
    says_so = view.job.withdrawn and view.job.failure is not Reason.SOURCE_WITHDRAWN
    notes = [WITHDRAWN] if says_so else []
    if view.job.hidden:
        notes.append(FOR_YOU_ALONE)
    if view.left_out and view.job.status not in {Status.FAILED, Status.CANCELLED}:
        notes.append(not_taken_text(view.left_out, view.job.model))
    if view.instead_of is not None:
        notes.append(
            f"The image service no longer offers {_name(view.instead_of)}: {_name(view.job.model)} took over."
            " The first try cost nothing."
        )
    if view.direct and not view.job.hidden:
        notes.append(why_here(view.job))
    return notes


def _source_notes(view: CardView) -> list[str]:
    """Say what was done to a source that a person would notice, a line for each."""
    return [
        f"{'The image' if len(view.sources) == 1 else f'Image {image.position}'} was {done}."
        for image in view.sources
        if (done := _done_to(image)) and not view.job.withdrawn
    ]


def _done_to(image: Image) -> str:
    done = [f"converted from {image.converted}"] if image.converted else []
    if many := image.megapixels:
        done.append(f"scaled down from {many} megapixel{'s' if many > 1 else ''}")
    return _and(done)


def _failure_notes(view: CardView, reason: Reason) -> list[str]:
    """Say why a job failed, and what that leads to."""
    job = view.job
    again = {} if job.again_at is None else {"again": job.again_at}
    notes = [say(Refusal(reason, model=job.model, credits=job.held, **again))]
    if reason is Reason.MODEL_GONE:
        notes.append(_offer(view.successor))
    if view.after_refusal is not None:
        notes.extend(_warnings(view.after_refusal))
    return notes


def _warnings(after: AfterRefusal) -> list[str]:
    if after.paused_until is not None:
        return [f"It refused several of your requests: you can ask again {moment(after.paused_until)}."]
    return [NEXT_PAUSES] if after.next_pauses else []


def _offer(successor: Successor | None) -> str:
    """Say which model can take over, and what would be left out."""
    if successor is None:
        return "No other model on offer takes this request. Try again later."
    offer = f"{_name(successor.model)} can do it for {credits_text(successor.cost)}."
    if not successor.lacking:
        return offer
    return f"{offer} It does not take your {_and(successor.lacking)}: left out, the rest stays."


def _name(model: str) -> str:
    return plain(model_name(model), 60)


def _and(names: Sequence[str]) -> str:
    return " and ".join(names) if len(names) < 3 else f"{', '.join(names[:-1])} and {names[-1]}"


def _result_notes(view: CardView) -> list[str]:
    job, notes = view.job, list[str]()
    if view.elsewhere:
        return [where(view)]
    given, asked = len(view.results), job.options.images
    if given < asked:
        notes.append(f"{given} of {asked} images came; only they were charged.")
    if given > 1:
        notes.append("-# Results are numbered from the left, row by row.")
    if (job.charged or 0) > job.reserved:
        notes.append(f"The image service asked for more than the {credits_text(job.reserved)} expected.")
    if view.continued:
        notes.append("The results did not fit one message; the others are below.")
    if view.reencoded:
        notes.append(f"{REENCODED}; the originals wait under /jobs.")
    if view.marks_lost:
        notes.append(f"Only those still carry {MARKS_LOST}")
    notes.extend(_link_note(number, link) for number, link in enumerate(view.links, 1))
    return notes


def collected(*, reencoded: bool, marks_lost: bool) -> str:
    """Say beside results that are handed out privately what they are, and what was done to fit."""
    notes = [f"{REENCODED}."] if reencoded else []
    notes += [f"They no longer carry {MARKS_LOST}"] if marks_lost else []
    return "\n".join([*notes, f"-# {AI_MADE}"])


def _link_note(number: int, link: Link) -> str:
    if len(link.url) > LINK_CHARACTERS:
        return f"Too large for Discord: image {number}, kept under /jobs."
    url = link.url.replace("(", "%28").replace(")", "%29")
    until = f" until {moment(link.expires_at, 'f')}" if link.expires_at else ""
    return f"Too large for Discord: [image {number}]({url}){until}, kept under /jobs as well."


def foot(view: CardView) -> str:
    """Say what was asked for, who pays, and where it came from."""
    job = view.job
    made = [AI_MADE] if view.shown or view.links else []
    masked = ["with a mask"] if view.masked else []
    parts = [*made, *options_of(job), *masked, model_name(job.model), *_price(job)]
    if view.reply_to is not None:
        channel_id, message_id = view.reply_to
        link = link_to(None if view.reply_is_direct else job.guild_id, channel_id, message_id)
        relation = RELATIONS.get(job.origin, "edit of")
        parts.append(f"{relation} [this one]({link})")
    return "-# " + " · ".join(parts)


def _price(job: Job) -> list[str]:
    """Say what a job is to cost, and who pays or, where nothing was paid, who asked."""
    if job.status in HELD:
        return [f"about {credits_text(job.held)}", f"asked by <@{job.member_id}>"]
    return [f"{'paid' if job.charged else 'asked'} by <@{job.member_id}>"]


def options_of(job: Job) -> list[str]:
    """Return the options that are not the provider's default, in words."""
    words = [] if job.kind is Kind.EDIT else ["generated"]
    words += [] if job.style is None else [plain(job.style.label, STYLE_CHARACTERS)]
    return [*words, *(option_words(name, value) for name, value in job.options.chosen().items())]
