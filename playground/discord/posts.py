"""What the stand-in remembers of messages and files, and the order of a channel's messages."""

from bisect import bisect_left, bisect_right
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from playground.discord.jsons import JsonObject


@dataclass(frozen=True, slots=True)
class StoredFile:
    """Bytes on disk: one uploaded part of a request.

    Attributes
    ----------
    size
        Bytes.
    width, height
        Pixels, if the header is one of a picture.
    """

    name: str
    path: Path
    size: int
    sha256: str
    content_type: str
    width: int | None = None
    height: int | None = None


@dataclass(slots=True)
class Attachment:
    """A file as a message or an interaction shows it.

    Attributes
    ----------
    owner_id
        The account that uploaded it.
    ephemeral
        Whether it lies under ``/ephemeral-attachments`` and goes away by itself.
    gone
        Whether its message was deleted or it was taken off it.
    """

    id: int
    channel_id: int
    owner_id: int
    file: StoredFile
    filename: str
    uploaded: int
    ephemeral: bool = False
    description: str | None = None
    spoiler: bool = False
    gone: bool = False


@dataclass(slots=True)
class Message:
    """A message. ``only_for`` names the one account that sees an ephemeral one."""

    id: int
    channel_id: int
    author_id: int
    created: int
    kind: int = 0
    content: str = ""
    flags: int = 0
    edited: int | None = None
    components: list[JsonObject] = field(default_factory=list[JsonObject])
    embeds: list[JsonObject] = field(default_factory=list[JsonObject])
    snapshots: list[JsonObject] = field(default_factory=list[JsonObject])
    attachments: list[Attachment] = field(default_factory=list[Attachment])
    mentions: list[int] = field(default_factory=list[int])
    mentions_everyone: bool = False
    reactions: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    reply_to: int | None = None
    metadata: JsonObject | None = None
    nonce: str | int | None = None
    only_for: int | None = None
    webhook_id: int | None = None
    tts: bool = False
    late_edits: deque[int] = field(default_factory=deque[int])


class Timeline:
    """A channel's messages in the order of their ids."""

    def __init__(self) -> None:
        self._by_id: dict[int, Message] = {}
        self._ids: list[int] = []

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, message: Message) -> None:
        """Append a message; its id is greater than all before."""
        self._by_id[message.id] = message
        self._ids.append(message.id)

    def get(self, message_id: int) -> Message | None:
        """Find a message."""
        return self._by_id.get(message_id)

    def remove(self, message_id: int) -> None:
        """Forget a message that is there."""
        del self._by_id[message_id]
        del self._ids[bisect_left(self._ids, message_id)]

    def newest(self, count: int) -> list[Message]:
        """Return up to so many of the newest, oldest first."""
        return [self._by_id[key] for key in self._ids[-count:]]

    def before(self, message_id: int, count: int) -> list[Message]:
        """Return up to so many just before an id, oldest first."""
        end = bisect_left(self._ids, message_id)
        return [self._by_id[key] for key in self._ids[max(0, end - count) : end]]

    def after(self, message_id: int, count: int) -> list[Message]:
        """Return up to so many just after an id, oldest first."""
        start = bisect_right(self._ids, message_id)
        return [self._by_id[key] for key in self._ids[start : start + count]]
