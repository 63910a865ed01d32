"""Reading messages as the page gets them."""

from typing import Any

GALLERY, BUTTON, THUMBNAIL = 12, 2, 11


def components(message: dict[str, Any]) -> list[dict[str, Any]]:
    """Return all components of a message, outermost first."""
    found: list[dict[str, Any]] = []
    waiting = list(message.get("components", []))
    while waiting:
        component = waiting.pop(0)
        found.append(component)
        waiting.extend(component.get("components", []))
        waiting.extend(component[key] for key in ("accessory", "component") if component.get(key))
    return found


def text_of(message: dict[str, Any]) -> str:
    """Return all text of a message, in the order of reading."""
    parts = [str(message.get("content") or ""), *_texts(message.get("components", []))]
    return "\n".join(part for part in parts if part)


def _texts(listed: list[dict[str, Any]]) -> list[str]:
    found: list[str] = []
    for component in listed:
        if component.get("content"):
            found.append(str(component["content"]))
        found += _texts(component.get("components", []))
    return found


def title_of(text: str) -> str:
    """Return the line of a card's text that says where its job is, without what changes by itself."""
    head = next((line for line in text.split("\n") if line.startswith("### ")), "")
    return head.removeprefix("### ").split(" · ")[0]


def labels_of(message: dict[str, Any]) -> list[str]:
    """Return the labels of a message's buttons."""
    return [str(each.get("label", "")) for each in components(message) if each["type"] == BUTTON]


def custom_ids_of(message: dict[str, Any]) -> list[str]:
    """Return the custom ids of a message's components."""
    return [str(each["custom_id"]) for each in components(message) if each.get("custom_id")]


def pictures_of(message: dict[str, Any]) -> list[str]:
    """Return the addresses of a message's galleries."""
    galleries = [each for each in components(message) if each["type"] == GALLERY]
    return [item["media"]["url"] for gallery in galleries for item in gallery["items"]]


def thumbnails_of(message: dict[str, Any]) -> list[str]:
    """Return the addresses of a message's thumbnails."""
    return [each["media"]["url"] for each in components(message) if each["type"] == THUMBNAIL]


def reactions_of(message: dict[str, Any]) -> dict[str, int]:
    """Return how often each emoji was put on a message."""
    return {each["emoji"]["name"]: each["count"] for each in message.get("reactions", [])}


def fields_of(modal: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return a modal's fields with their labels."""
    return [(str(each["label"]), each["component"]) for each in modal["components"] if "component" in each]
