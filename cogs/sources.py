"""The pictures of a message: attached, embedded, forwarded, or shown by another bot's components."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePath

import discord
from discord.components import (
    Component,
    Container,
    FileComponent,
    MediaGalleryComponent,
    SectionComponent,
    ThumbnailComponent,
    UnfurledMediaItem,
)

from cogs.requests import source_of
from domain.errors import Reason, Refusal
from domain.images import SHEET_NAME
from domain.request import NewSource

PICTURES = (
    *(".png", ".apng", ".jpg", ".jpeg", ".jfif", ".pjpeg", ".jpg_large", ".webp", ".gif", ".heic", ".heif"),
    *(".hif", ".avif", ".tif", ".tiff", ".bmp", ".ico", ".jp2", ".jxl", ".dng", ".cr2", ".cr3", ".nef"),
    *(".arw", ".raf", ".orf", ".rw2"),
)
"""Suffixes of files that are or could be pictures: what one really is its bytes say, as with /edit."""
UNTOLD = frozenset({"", "application/octet-stream", "binary/octet-stream"})
"""Types that say nothing."""

_COVERED_LINK = re.compile(r"\|\|(?:(?!\|\|).)*https?://", re.DOTALL)

Looked = discord.Message | discord.MessageSnapshot


@dataclass(frozen=True, slots=True)
class Found:
    """A message's pictures in order, each once, and why others of its files are none or cannot be used."""

    usable: list[NewSource]
    refused: list[Refusal]


def images_of(
    message: discord.Message,
    *,
    judge: Callable[[NewSource], Refusal | None],
    from_cdn: Callable[[str], bool],
    is_card: bool,
) -> Found:
    """Look for the pictures of a message; ``judge`` refuses by what is said of one, ``from_cdn`` addresses.

    Of a card of ours (``is_card``) the results count, not the contact sheet beside them.
    """
    found: dict[str, NewSource] = {}
    refused: dict[str, Refusal] = {}
    for looked in (message, *message.message_snapshots):
        for attachment in looked.attachments:
            if is_card and _is_sheet(attachment):
                continue
            source = source_of(attachment)
            refusal = _no_picture(attachment) or judge(source)
            if refusal is None:
                found.setdefault(attachment.url, source)
            else:
                refused.setdefault(attachment.url, refusal)
        shown = () if is_card else _shown(looked, from_cdn)
        for url, spoiler in shown:
            if not any(url.partition("?")[0] == known.partition("?")[0] for known in (*found, *refused)):
                found[url] = NewSource(
                    name=_name_in(url) or f"image {len(found) + 1}", url=url, spoiler=spoiler
                )
    return Found(list(found.values()), list(refused.values()))


def _no_picture(attachment: discord.Attachment) -> Refusal | None:
    if _may_be_picture(attachment):
        return None
    is_video = (attachment.content_type or "").startswith("video/")
    return Refusal(Reason.VIDEO if is_video else Reason.NOT_AN_IMAGE, name=attachment.filename)


def _is_sheet(attachment: discord.Attachment) -> bool:
    return attachment.filename.startswith(f"{SHEET_NAME}.")


def _may_be_picture(attachment: discord.Attachment) -> bool:
    claimed = (attachment.content_type or "").partition(";")[0].strip().lower()
    suffix = PurePath(attachment.filename).suffix.lower()
    return claimed.startswith("image/") or claimed in UNTOLD or suffix in PICTURES


def _shown(looked: Looked, from_cdn: Callable[[str], bool]) -> Iterator[tuple[str, bool]]:
    """Yield the addresses on Discord's CDN of what a message shows otherwise, and whether as spoilers."""
    # What Discord shows of a link between bars is covered.
    covered = _COVERED_LINK.search(looked.content) is not None
    for embed in looked.embeds:
        for media in (embed.image, embed.thumbnail):
            url = media.url or media.proxy_url
            if url and from_cdn(url):
                yield url, covered
    for media, spoiler in _media(looked.components):
        if url := next((each for each in (media.url, media.proxy_url) if each and from_cdn(each)), None):
            yield url, spoiler


def _media(
    components: Iterable[Component], *, covered: bool = False
) -> Iterator[tuple[UnfurledMediaItem, bool]]:
    for component in components:
        match component:
            case MediaGalleryComponent():
                yield from ((item.media, covered or item.spoiler) for item in component.items)
            case ThumbnailComponent() | FileComponent():
                yield component.media, covered or component.spoiler
            case SectionComponent():
                yield from _media([component.accessory], covered=covered)
            case Container():
                yield from _media(component.children, covered=covered or component.spoiler)
            case _:
                pass


def _name_in(url: str) -> str:
    return PurePath(url.partition("?")[0]).name
