"""Component trees as they are stored: numbered, with media by name."""

from collections.abc import Iterator
from typing import cast

from playground.discord.files import clean_name
from playground.discord.jsons import JsonObject, as_list, as_object, as_text, objects

SCHEME = "attachment://"
PICTURE: JsonObject = {"description": None, "spoiler": False}
DEFAULTS: dict[int, JsonObject] = {
    11: PICTURE,
    13: {"name": None, "size": None, "spoiler": False},
    14: {"divider": True, "spacing": 1},
    17: {"accent_color": None, "spoiler": False},
}
"""What Discord fills in by component type: thumbnail, file, separator, container."""
SNOWFLAKES = frozenset({"id", "sku_id"})
"""Keys of ids within a component: of an emoji, of what is chosen by default, of what is sold."""


def file_named(url: str) -> str:
    """Return the stored name of the file that an ``attachment://`` URL means."""
    return clean_name(url.removeprefix(SCHEME))


def walk(components: list[JsonObject]) -> list[JsonObject]:
    """List components and everything nested in them, outer ones first."""
    found: list[JsonObject] = []
    for item in components:
        found.append(item)
        found += walk(objects(item.get("components")))
        found += walk([as_object(item[key]) for key in ("accessory", "component") if item.get(key)])
    return found


def numbered(components: list[JsonObject]) -> list[JsonObject]:
    """Copy components as Discord stores them: each with an ``id``, files by their stored names."""
    taken = {item["id"] for item in walk(components) if item.get("id")}
    free = (number for number in range(1, 1_000) if number not in taken)
    return [_stored(item, free) for item in components]


def _stored(item: JsonObject, free: Iterator[int]) -> JsonObject:
    defaults = DEFAULTS.get(item["type"], {})
    copy: JsonObject = {**defaults, **as_object(_spelt(item)), "id": item.get("id") or next(free)}
    if "components" in item:
        copy["components"] = [_stored(child, free) for child in objects(item["components"])]
    for key in ("accessory", "component"):
        if item.get(key):
            copy[key] = _stored(as_object(item[key]), free)
    for key in ("media", "file"):
        if key in item:
            copy[key] = stored_media(as_object(item[key]))
    if "items" in item:
        copy["items"] = [
            {**PICTURE, **entry, "media": stored_media(as_object(entry.get("media")))}
            for entry in objects(item["items"])
        ]
    return copy


def _spelt(value: object) -> object:
    """Copy a value, its snowflakes as texts as Discord hands them out: JavaScript rounds such numbers."""
    if isinstance(value, list):
        return [_spelt(each) for each in as_list(cast("object", value))]
    if not isinstance(value, dict):
        return value
    return {
        key: str(each) if key in SNOWFLAKES and isinstance(each, int) else _spelt(each)
        for key, each in as_object(cast("object", value)).items()
    }


def stored_media(item: JsonObject) -> JsonObject:
    """Keep of a media item what it names; what is known of the file is added on every reading."""
    url = as_text(item.get("url"))
    if url.startswith(SCHEME):
        return {"url": SCHEME + file_named(url)}
    unknown: JsonObject = {"width": None, "height": None, "content_type": None, "flags": 0}
    return {"id": "0", "url": url, "proxy_url": url, **unknown}
