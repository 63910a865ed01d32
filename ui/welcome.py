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
WHY: Mapping[str, tuple[str, str]] = {
    "view_channel": ("View Channels", "I see no channel to post in"),
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


def welcome_text(lacking: Sequence[str], ids: Mapping[str, int]) -> str:
    """Say how to begin, and which permissions (by discord.py's names) are lacking."""
    missing = [f"- **{WHY[name][0]}**: without it {WHY[name][1]}." for name in lacking]
    asked = (
        ["", "I lack permissions in this channel. Give my role, here or in all of the server:", *missing]
        if missing
        else []
    )
    return linked("\n".join([*STEPS, *asked]), ids)


def stranger_text(guild_id: int, *, contact: str | None) -> str:
    """Say that the server may not use the bot, and how to reach whoever runs it, if they say that."""
    return STRANGER.format(guild_id=guild_id, contact=f" ({plain(contact, 200)})" if contact else "")
