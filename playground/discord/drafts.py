"""From a request's body to a message that may be stored: checked, files sorted out, mentions found."""

import re
from dataclasses import dataclass, field

from playground.discord.bodies import Body
from playground.discord.components import numbered, walk
from playground.discord.errors import empty_message, too_large
from playground.discord.files import clean_name
from playground.discord.form import Form
from playground.discord.jsons import JsonObject, as_id, as_list, as_object, as_text, objects
from playground.discord.posts import Attachment, Message, StoredFile
from playground.discord.validate_message import (
    EPHEMERAL,
    LOADING,
    MODERN,
    MOST_FILES,
    SILENT,
    SUPPRESS_EMBEDS,
    check_message,
)

_MENTION = re.compile(r"<@!?(\d{15,20})>")
SETTABLE = SUPPRESS_EMBEDS | SILENT | MODERN
"""Flags that a bot may set on any message."""


@dataclass(frozen=True, slots=True)
class NewFile:
    """An uploaded file on its way to becoming an attachment."""

    file: StoredFile
    filename: str
    description: str | None


@dataclass(slots=True)
class Draft:
    """A message's contents as they will be.

    Attributes
    ----------
    files
        In the order of the message: files that stay, and new ones.
    """

    content: str
    flags: int
    components: list[JsonObject]
    embeds: list[JsonObject]
    files: list[Attachment | NewFile] = field(default_factory=list["Attachment | NewFile"])
    mentions: list[int] = field(default_factory=list[int])
    mentions_everyone: bool = False


def draft_of(
    body: Body,
    payload: JsonObject,
    *,
    limit: int,
    old: Message | None = None,
    settable: int = SETTABLE,
    place: str = "",
) -> Draft:
    """Check a body and make a draft of it.

    Parameters
    ----------
    body
        The request's body, whose files are used.
    payload
        The message's part of it.
    limit
        Bytes per new file.
    old
        The message that is edited: what the payload does not name stays.
    settable
        Flags that the request may set.
    place
        Name of the field that holds the payload, for the error's path.

    Raises
    ------
    ApiError
        40005 for a file over the limit, 50035 for anything against the rules, 50006 for nothing at all.
    """
    if any(file.size > limit for file in body.files.values()):
        raise too_large()
    files = _files(body, payload, old)
    merged = _merged(payload, old)
    flags = _flags(payload, old, settable)
    _check(merged, files, modern=bool(flags & MODERN), place=place)
    components, embeds = numbered(objects(merged["components"])), objects(merged["embeds"])
    draft = Draft(merged["content"] or "", flags, components, embeds, files)
    if not (draft.content.strip() or components or embeds or files or payload.get("poll")):
        raise empty_message()
    _find_mentions(draft, payload)
    return draft


def _check(merged: JsonObject, files: list[Attachment | NewFile], *, modern: bool, place: str) -> None:
    form = Form({place: merged}).child(place) if place else Form(merged)
    check_message(form, files={item.filename for item in files}, modern=modern)
    if len(files) > MOST_FILES:
        form.child("attachments").fail("BASE_TYPE_MAX_LENGTH", f"Must be {MOST_FILES} or fewer in length.")
    form.finish()


def _flags(payload: JsonObject, old: Message | None, settable: int) -> int:
    wanted = payload.get("flags")
    flags = (old.flags if old else 0) & ~LOADING
    if isinstance(wanted, int):
        # Components V2 cannot be taken back; hiding embeds can.
        flags = (flags & ~SUPPRESS_EMBEDS) | (wanted & settable)
    return flags


def _merged(payload: JsonObject, old: Message | None) -> JsonObject:
    before: JsonObject = {"content": "", "components": [], "embeds": [], "flags": 0}
    if old is not None:
        before |= {"content": old.content, "embeds": old.embeds, "components": old.components}
    return {**before, **payload, "flags": payload.get("flags") or 0}


def _files(body: Body, payload: JsonObject, old: Message | None) -> list[Attachment | NewFile]:
    kept = {item.id: item for item in (old.attachments if old else [])}
    if old is not None and "attachments" in payload:
        return _listed(body, objects(payload["attachments"]), kept)
    named = {as_id(item.get("id")): item for item in objects(payload.get("attachments"))}
    new = [_new(file, as_object(named.get(number))) for number, file in sorted(body.files.items())]
    return [*kept.values(), *new]


def _listed(body: Body, listed: list[JsonObject], kept: dict[int, Attachment]) -> list[Attachment | NewFile]:
    files: list[Attachment | NewFile] = []
    for item in listed:
        number = as_id(item.get("id"))
        if number in body.files:
            files.append(_new(body.files[number], item))
        elif number in kept:
            files.append(kept[number])
    return files


def _new(file: StoredFile, listed: JsonObject) -> NewFile:
    description = listed.get("description")
    name = clean_name(as_text(listed.get("filename")) or file.name)
    return NewFile(file, name, description if isinstance(description, str) else None)


def _find_mentions(draft: Draft, payload: JsonObject) -> None:
    text = draft.content + "\n".join(as_text(item.get("content")) for item in walk(draft.components))
    found = list(dict.fromkeys(int(match) for match in _MENTION.findall(text)))
    everyone = "@everyone" in text or "@here" in text
    rules = payload.get("allowed_mentions")
    if rules is None:
        draft.mentions, draft.mentions_everyone = found, everyone
        return
    parse = as_list(as_object(rules).get("parse"))
    listed = {as_id(user) for user in as_list(as_object(rules).get("users"))}
    draft.mentions = [user for user in found if "users" in parse or user in listed]
    draft.mentions_everyone = everyone and "everyone" in parse


def ephemeral(flags: object) -> bool:
    """Say whether a payload's flags ask for a message that one person sees."""
    return isinstance(flags, int) and bool(flags & EPHEMERAL)
