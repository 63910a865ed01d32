"""What the stand-in remembers of people, places and interactions: plain records."""

from collections import deque
from dataclasses import dataclass, field

from playground.discord.jsons import JsonList, JsonObject
from playground.discord.posts import Timeline

TEXT_CHANNEL = 0
DIRECT_CHANNEL = 1


@dataclass(slots=True)
class User:
    """A Discord account."""

    id: int
    name: str
    title: str
    color: str
    bot: bool = False


@dataclass(slots=True)
class Role:
    """A server's role; the one with the server's own id is @everyone."""

    id: int
    name: str
    permissions: int
    position: int = 0
    color: int = 0
    managed: bool = False


@dataclass(slots=True)
class Overwrite:
    """What a channel grants or denies a role (kind 0) or a member (kind 1)."""

    id: int
    kind: int
    allow: int = 0
    deny: int = 0


@dataclass(slots=True)
class Member:
    """An account inside the server. A hidden one is not offered to the page."""

    user: User
    roles: list[int]
    joined: int
    hidden: bool = False


@dataclass(slots=True)
class Channel:
    """A text channel of the server, or the direct messages of one account with the bot."""

    id: int
    kind: int
    name: str
    guild_id: int | None = None
    position: int = 0
    overwrites: dict[int, Overwrite] = field(default_factory=dict[int, Overwrite])
    recipient_id: int | None = None
    nsfw: bool = False
    timeline: Timeline = field(default_factory=Timeline)


@dataclass(slots=True)
class Guild:
    """The one server."""

    id: int
    name: str
    owner_id: int
    premium_tier: int = 0
    roles: dict[int, Role] = field(default_factory=dict[int, Role])
    members: dict[int, Member] = field(default_factory=dict[int, Member])
    channels: list[Channel] = field(default_factory=list[Channel])


@dataclass(slots=True)
class Interaction:
    """One use of a command, component or modal, from its making to its last follow-up.

    Attributes
    ----------
    kind
        2 command, 3 component, 4 autocomplete, 5 modal.
    data
        Discord's ``data`` object as it was sent to the bot.
    answer
        The callback's type, once there was one.
    original_id
        The message that ``@original`` names.
    source_id
        The message whose component was used (or under which the modal was opened).
    trigger
        For a modal: the interaction that opened it.
    nonce
        The page's own name for it.
    """

    id: int
    token: str
    kind: int
    user_id: int
    channel_id: int
    created: int
    data: JsonObject
    answer: int | None = None
    failed: bool = False
    original_id: int | None = None
    source_id: int | None = None
    trigger: "Interaction | None" = None
    modal: JsonObject | None = None
    nonce: object = None
    followups: set[int] = field(default_factory=set[int])


@dataclass(slots=True)
class Application:
    """The bot's application."""

    id: int
    name: str
    bot: User
    owner_id: int
    token: str
    flags: int = 0
    commands: dict[int, JsonObject] = field(default_factory=dict[int, JsonObject])
    command_rules: dict[int, JsonList] = field(default_factory=dict[int, JsonList])
    creations: deque[int] = field(default_factory=deque[int])
