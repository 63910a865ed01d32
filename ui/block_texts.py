"""The texts of ``/operator`` and ``/allowance block``: who is blocked, and what is open."""

from collections.abc import Sequence

from discord.app_commands import Choice

from domain.blocks import EVERYBODY, SOMEBODY_ERASED, Block, Cause
from domain.credits import credits_text
from domain.limits import DAY, HOUR
from domain.overview import Overview
from domain.text import counted
from ui.account_texts import until_text
from ui.plain import plain

FOR_GOOD = 0
MOST_CHARACTERS = 1_200
LASTS = {"an hour": HOUR, "a day": DAY, "a week": 7 * DAY, "30 days": 30 * DAY, "until lifted": FOR_GOOD}
"""How long a block may be said to last, in milliseconds."""
LASTS_CHOICES = [Choice(name=name, value=name) for name in LASTS]

_CAUSES = {
    Cause.OPERATOR: "by whoever runs the bot",
    Cause.MANAGER: "by a manager",
    Cause.SAFETY: "by the image service’s safety check",
}

NOTHING_BLOCKED = "Nobody was blocked there; nothing was changed."
NAME_ONE = "Name one member, by id or mention, or one server, by id. Nothing was changed."


def end_of(lasts: str, *, now: int) -> int | None:
    """Return when a block ends that begins now, ``None``: when it is lifted."""
    span = LASTS.get(lasts, FOR_GOOD)
    return now + span if span else None


def _whose(block: Block) -> str:
    if block.member_id == SOMEBODY_ERASED:
        return "somebody whose data was erased"
    if block.member_id != EVERYBODY:
        return f"<@{block.member_id}>"
    return "All new work" if block.of_all else f"Server `{block.guild_id}`"


def block_text(block: Block) -> str:
    """Write one block; mentions show names and ping nobody."""
    why = f": {plain(block.reason, 200)}" if block.reason else ""
    return f"{_whose(block)}: {_did(block)} {until_text(block.until or 0)} {_CAUSES[block.cause]}{why}"


def _did(block: Block) -> str:
    return "paused" if block.of_all or block.cause is Cause.SAFETY else "blocked"


def blocked_text(block: Block) -> str:
    """Say what was blocked just now."""
    return f"{block_text(block)}. Jobs that the image service has already taken go on."


def lifted_text(gone: Sequence[Block]) -> str:
    """Say which blocks were lifted."""
    if not gone:
        return NOTHING_BLOCKED
    return "\n".join(map(_lifted, gone))


def _lifted(block: Block) -> str:
    if block.of_all:
        return "New work is taken again."
    return f"{_whose(block)}: no longer {_did(block)} {_CAUSES[block.cause]}."


def blocks_text(blocks: Sequence[Block]) -> str:
    """List blocks, as many as fit beside what else a message says."""
    lines = list(map(block_text, blocks)) or ["Nobody is blocked."]
    while len("\n".join(lines)) > MOST_CHARACTERS:
        lines = [*lines[:-2], "…"]
    return "\n".join(lines)


def overview_text(found: Overview) -> str:
    """Write what is open."""
    count = sum(found.statuses.values())
    states = ", ".join(f"{number:,} {status}" for status, number in sorted(found.statuses.items()))
    jobs = f"{counted(count, 'open job')} of {counted(found.members, 'member')}"
    limit = "no limit" if found.limit is None else credits_text(found.limit)
    lines = [
        "### What is open",
        f"{jobs}{f': {states}' if states else ''}; {credits_text(found.held)} held",
        f"Used within 24 hours: {credits_text(found.used)} of {limit}",
        *(f"Server `{guild_id}`: {number:,}" for guild_id, number in found.servers.items()),
        blocks_text(found.blocks),
    ]
    return "\n".join(lines)[:2_000]
