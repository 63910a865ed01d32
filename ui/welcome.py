"""What the bot says when it comes into a server."""

from collections.abc import Mapping, Sequence

from ui.commands import linked
from ui.plain import plain

STEPS = (
    "**Hello. I edit pictures: {edit} with an image and a few words, and the result is posted here.**",
    "1. **Set up** says in which channels I answer: everywhere until you choose.",
    "2. {allowance set} says how many credits a member, a role or the server may spend.",
    "3. {style list} has looks that members can choose, ten of them ready.",
    "Then anybody can begin: {help} says the rest, and what an image costs.",
)
STRANGER = (
    "This server is not on the list of servers that may use this Darkroom, so I make no images here: ask"
    " whoever runs it to add the server’s id, {guild_id}{contact}."
)
ELSEWHERE = (
    "I lack permissions in other channels, unless their own settings give them. Give my role, in all of the"
    " server:"
)
WHY: Mapping[str, tuple[str, str]] = {
    "view_channel": ("View Channels", "I can do nothing there"),
    "send_messages": ("Send Messages", "I cannot post what I made once 15 minutes have passed"),
    "send_messages_in_threads": (
        "Send Messages in Threads",
        "I cannot post in a thread what I made once 15 minutes have passed",
    ),
    "attach_files": ("Attach Files", "I cannot post any image"),
    "read_message_history": ("Read Message History", "I cannot find my own messages again"),
    "add_reactions": ("Add Reactions", "there is no 🔁 below a result"),
}
"""By discord.py's name of a permission: Discord's, and what is amiss without it."""


def welcome_text(ids: Mapping[str, int], *, here: Sequence[str], at_large: Sequence[str]) -> str:
    """Say how to begin, and which permissions (by discord.py's names) are lacking.

    ``here``: in the channel of the greeting, which may give less than the server ``at_large``, or more.
    """
    # What the channel alone denies, the server cannot give.
    where = "here or in all of the server" if {*here} <= {*at_large} else "in this channel’s settings"
    beyond = [name for name in at_large if name not in here]
    asked = [
        *_asked(f"I lack permissions in this channel. Give my role, {where}:", here),
        *_asked(ELSEWHERE, beyond),
    ]
    return linked("\n".join([*STEPS, *asked]), ids)


def _asked(sentence: str, names: Sequence[str]) -> list[str]:
    missing = [f"- **{WHY[name][0]}**: without it {WHY[name][1]}." for name in names]
    return ["", sentence, *missing] if missing else []


def stranger_text(guild_id: int, *, contact: str | None) -> str:
    """Say that the server may not use the bot, and how to reach whoever runs it, if they say that."""
    return STRANGER.format(guild_id=guild_id, contact=f" ({plain(contact, 200)})" if contact else "")
