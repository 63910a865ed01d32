"""Spreading files over messages, within Discord's limits. Nothing here touches a file."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.limits import FILES_PER_MESSAGE, REQUEST_BYTES

ENVELOPE_BYTES = 64 * 1024
"""What a request holds besides its files: the payload and the form's boundaries."""


@dataclass(frozen=True, slots=True)
class UploadPlan:
    """Positions (from 0) of files by message, the card first, and of those that no message takes."""

    messages: tuple[tuple[int, ...], ...]
    too_large: tuple[int, ...]


def plan_uploads(
    sizes: Sequence[int],
    *,
    per_file: int,
    per_request: int = REQUEST_BYTES,
    files_per_message: int = FILES_PER_MESSAGE,
    card_files: int = 0,
    card_bytes: int = 0,
) -> UploadPlan:
    """Spread files of these ``sizes`` (bytes) over messages, keeping their order.

    The first message is the card: it is there even if it gets none of them, and carries ``card_files``
    others (the contact sheet) of ``card_bytes`` already. ``per_file`` and ``per_request`` are bytes.
    """
    room = per_request - ENVELOPE_BYTES
    messages: list[list[int]] = [[]]
    too_large: list[int] = []
    files, used = card_files, card_bytes
    for position, size in enumerate(sizes):
        if size > min(per_file, room):
            too_large.append(position)
            continue
        if files == files_per_message or used + size > room:
            messages.append([])
            files, used = 0, 0
        messages[-1].append(position)
        files, used = files + 1, used + size
    return UploadPlan(tuple(map(tuple, messages)), tuple(too_large))
