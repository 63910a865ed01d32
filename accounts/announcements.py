"""What is still to be said of what happened to members, their moderators and the key."""

from domain.announcements import Announcement
from storage import announcements
from storage.tx import Tx

AT_ONCE = 20
"""Lines of one server that are said in one go: whom nobody can tell keeps nobody else waiting."""


def waiting(tx: Tx) -> list[Announcement]:
    """Return what was not said yet, oldest first."""
    return announcements.waiting(tx, limit=AT_ONCE)


def said(tx: Tx, announcement: Announcement) -> None:
    """Note that something was said, or that nobody can be told."""
    announcements.remove(tx, announcement.id)
