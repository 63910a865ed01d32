"""What moderators and those whom it concerns read about results that are hidden."""

HIDDEN = "Hidden: it goes from this channel, and what it shows reaches only whoever asked for it."


def told_hidden(channel_id: int) -> str:
    """Tell a member that a moderator hid their result in a channel."""
    return f"A moderator hid your result in <#{channel_id}>. It waits for you alone under /jobs."
