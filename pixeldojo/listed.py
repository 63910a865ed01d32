"""What a list of jobs says besides where they are: whose each is, and where the list goes on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from pixeldojo.parameters import NOT_OPTIONS, SOURCES, TABLE, played_by
from pixeldojo.wire import Json, items, link, member, moment, token

_REQUEST: Final = ("input", "request", "params", "parameters", "payload", "body")
_RESULTS: Final = frozenset({"images", "image", "size", "format", "resolution"})
"""Names that speak of the results where they stand beside a job's status."""
_CURSORS: Final = {
    "nextCursor": "cursor",
    "next_cursor": "cursor",
    "nextPageToken": "pageToken",
    "next_page_token": "page_token",
    "nextPage": "page",
    "next_page": "page",
}
"""Fields that name the next page, and the parameter that takes each."""
_COMPARED: Final = [line.role for line in TABLE if line.role not in NOT_OPTIONS | {"count"}]
"""The options of a run that are compared."""


@dataclass(frozen=True, slots=True)
class Echo:
    """What a job says of the request that made it: evidence of whose it is, where it is given.

    ``created_at`` is in Unix milliseconds, ``sources`` are addresses, ``options`` by role.
    """

    model: str | None = None
    created_at: int | None = None
    prompt: str | None = field(default=None, repr=False)
    webhook_url: str | None = field(default=None, repr=False)
    sources: tuple[str, ...] = field(default=(), repr=False)
    options: Mapping[str, str] = field(default_factory=dict[str, str])
    count: int | None = None


def read_echo(told: Json) -> Echo:
    """Read what a job says of its request, be it beside its status or in an object of its own."""
    request = member(told, *_REQUEST)
    prompt = member(told, "prompt") or member(request, "prompt")
    count = _played("count", request, told)
    options = {role: _played(role, request, told) for role in _COMPARED}
    return Echo(
        model=token(member(told, "apiId", "model", "modelId")),
        created_at=moment(member(told, "createdAt", "created_at")),
        prompt=prompt if isinstance(prompt, str) else None,
        webhook_url=link(member(told, "webhook_url", "webhookUrl") or member(request, "webhook_url")),
        sources=_links(_played(SOURCES, request, told)),
        options={name: value for name, value in options.items() if isinstance(value, str)},
        count=count if isinstance(count, int) and not isinstance(count, bool) else None,
    )


def _played(role: str, request: Json, told: Json) -> Json:
    """Return what plays a role in a request, or else beside the job's status."""
    found = played_by(role, request) if isinstance(request, Mapping) else None
    if found is None and isinstance(told, Mapping):
        found = played_by(role, told, but=_RESULTS)
    return found


def _links(value: Json) -> tuple[str, ...]:
    entries = items(value) or [value]
    links = (link(entry) or link(member(entry, "url")) for entry in entries)
    return tuple(address for address in links if address is not None)


def next_page(told: Json) -> str | None:
    """Return the query that asks for the next page of a list; ``None`` if it names none."""
    places = [told, *(member(told, name) for name in ("pagination", "meta", "paging", "links", "page_info"))]
    for place in places:
        for name, parameter in _CURSORS.items():
            cursor = token(member(place, name))
            if cursor is not None:
                return urlencode({parameter: cursor})
        following = _following(place)
        if following is not None:
            return following
    return None


def _following(place: Json) -> str | None:
    """Read ``next``, an address or a cursor, or ``hasMore`` beside the number of a page."""
    named = member(place, "next")
    if isinstance(named, str) and ("?" in named or "/" in named):
        # Only its query: the key goes to no other address than the list's own.
        return urlencode(parse_qsl(urlsplit(named[:2000]).query)) or None
    cursor = token(named)
    if cursor is not None:
        return urlencode({"cursor": cursor})
    page = member(place, "page")
    if member(place, "hasMore", "has_more") is True and isinstance(page, int) and not isinstance(page, bool):
        return urlencode({"page": page + 1})
    return None
