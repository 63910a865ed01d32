"""The images of a message: attachments, and embeds' images that lie on Discord's CDN."""

from collections.abc import Callable, Iterator

import discord

from cogs.requests import source_of
from domain.images import SHEET_NAME
from domain.request import NewSource


def images_of(message: discord.Message, *, from_cdn: Callable[[str], bool], is_card: bool) -> list[NewSource]:
    """Return a message's images in order, each once; ``from_cdn`` judges addresses.

    Of a card of ours (``is_card``) the results count, not the contact sheet beside them.
    """
    found: dict[str, NewSource] = {}
    for attachment in message.attachments:
        if is_card and attachment.filename.startswith(f"{SHEET_NAME}."):
            continue
        if (attachment.content_type or "").startswith("image/"):
            found.setdefault(attachment.url, source_of(attachment))
    for number, url in enumerate(_embedded(message), 1):
        if from_cdn(url):
            found.setdefault(url, NewSource(name=f"image {number}", url=url))
    return list(found.values())


def _embedded(message: discord.Message) -> Iterator[str]:
    for embed in message.embeds:
        for media in (embed.image, embed.thumbnail):
            for url in (media.url, media.proxy_url):
                if url:
                    yield url
                    break
