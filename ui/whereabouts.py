"""What a card says of results that went elsewhere, and why a message is a direct one."""

from domain.credits import credits_text
from domain.job import Job, Rung
from domain.views import CardView


def link_to(guild_id: int | None, channel_id: int, message_id: int) -> str:
    """Return the address of a message; ``None`` is the reader's own direct messages."""
    return f"{_channel(guild_id, channel_id)}/{message_id}"


def _channel(guild_id: int | None, channel_id: int) -> str:
    return f"https://discord.com/channels/{'@me' if guild_id is None else guild_id}/{channel_id}"


def done_title(view: CardView) -> str:
    """Say that a job is done, where its results are if not on this card, and what it cost."""
    cost = credits_text(view.job.charged or 0)
    return f"Done, {_went(view)} · {cost}" if view.elsewhere else f"Done · {cost}"


def _went(view: CardView) -> str:
    if view.moved_to is not None:
        return "sent to you by direct message" if _is_direct(view.job) else "in another message"
    return "collected" if view.job.collected else "waits in /jobs"


def where(view: CardView) -> str:
    """Say what to do about results that this card does not show, and why it does not."""
    job, one = view.job, len(view.results) < 2
    if view.moved_to is not None and _is_direct(job):
        return "I could not post here when it was ready."
    if view.moved_to is not None:
        return f"The result is in [another message]({link_to(job.guild_id, *view.moved_to)})."
    if job.collected:
        return f"The {'image was' if one else 'images were'} handed to you privately."
    waits = "image waits" if one else f"{len(view.results)} images wait"
    return f"I could not reach you when it was ready: the {waits} for you in /jobs."


def why_here(job: Job) -> str:
    """Say on a direct message why it is one, and that it does all that it would do in its channel."""
    return (
        f"You asked for this in [a channel]({_channel(job.guild_id, job.channel_id)}) where I could not post"
        " it: so it came here. The buttons work here too, on your account in that server."
    )


def _is_direct(job: Job) -> bool:
    return job.card.rung is Rung.DIRECT
