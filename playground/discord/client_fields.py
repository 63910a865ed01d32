"""What Discord's client checks of a modal's fields, and of a menu's choices, before it sends anything."""

from playground.discord.components import walk
from playground.discord.jsons import JsonList, JsonObject, as_list, as_object, objects
from playground.discord.page_socket import PageError
from playground.discord.resolving import Resolver
from playground.discord.validate_controls import STRING_SELECT
from playground.discord.validate_modals import (
    CHECKBOX,
    CHECKBOXES,
    LABEL,
    MOST_TEXT,
    RADIO,
    ROW,
    TEXT_INPUT,
    UPLOAD,
)


def checked_fields(modal: JsonObject, given: list[JsonObject], resolver: Resolver) -> list[JsonObject]:
    """Check what a member filled into a modal, and write it the way Discord sends it.

    Raises
    ------
    PageError
        If a field is missing or not as its definition wants it.
    """
    filled = {item["custom_id"]: item for item in walk(given) if "custom_id" in item}
    found: list[JsonObject] = []
    for item in objects(modal.get("components")):
        copy: JsonObject = {"type": item["type"], "id": item.get("id")}
        if item["type"] == LABEL:
            copy["component"] = _field(as_object(item["component"]), filled, resolver, item["label"])
        elif item["type"] == ROW:
            inner = objects(item["components"])[0]
            copy["components"] = [_field(inner, filled, resolver, inner.get("label"))]
        found.append(copy)
    return found


def _field(field: JsonObject, filled: dict[str, JsonObject], resolver: Resolver, label: object) -> JsonObject:
    entry = as_object(filled.get(field["custom_id"]))
    copy: JsonObject = {"type": field["type"], "id": field.get("id"), "custom_id": field["custom_id"]}
    kind = field["type"]
    if kind == TEXT_INPUT:
        return {**copy, "value": _text(field, entry.get("value"), label)}
    if kind == CHECKBOX:
        return {**copy, "value": entry.get("value") is True}
    if kind == RADIO:
        return {**copy, "value": _radio(field, entry.get("value"), label)}
    values = as_list(entry.get("values"))
    required = field.get("required") is not False
    _check_count(field, values, required=required, label=label)
    if kind == UPLOAD:
        return {**copy, "values": [resolver.upload(item) for item in values]}
    return {**copy, "values": checked_choices(field, values, resolver)}


def _text(field: JsonObject, value: object, label: object) -> str:
    text = value if isinstance(value, str) else ""
    if not text and field.get("required") is not False:
        raise PageError(f"{label}: This field is required.")
    low, high = field.get("min_length") or 0, field.get("max_length") or MOST_TEXT
    if text and not low <= len(text) <= high:
        raise PageError(f"{label}: Must be between {low} and {high} characters.")
    return text


def _radio(field: JsonObject, value: object, label: object) -> object:
    if value is None and field.get("required") is False:
        return None
    if value not in [option["value"] for option in objects(field.get("options"))]:
        raise PageError(f"{label}: Choose one of the list.")
    return value


def _check_count(field: JsonObject, values: JsonList, *, required: bool, label: object) -> None:
    low = field.get("min_values")
    low = 1 if low is None else low
    most = len(objects(field.get("options"))) if field["type"] == CHECKBOXES else 1
    high = field.get("max_values") or most
    if not values and not required:
        return
    if not low <= len(values) <= high:
        raise PageError(f"{label}: Choose between {low} and {high}.")


def checked_choices(menu: JsonObject, values: JsonList, resolver: Resolver) -> list[str]:
    """Check the values chosen in a select menu or checkbox group; ids are resolved.

    Raises
    ------
    PageError
        If one is not offered.
    """
    if menu["type"] in (STRING_SELECT, CHECKBOXES):
        offered = [option["value"] for option in objects(menu.get("options"))]
        if any(value not in offered for value in values) or len(set(values)) != len(values):
            raise PageError("That choice is not offered.")
        return values
    resolve = {5: resolver.user, 6: resolver.role, 7: resolver.mentionable, 8: resolver.channel}[menu["type"]]
    return [resolve(value) for value in values]


def check_menu_count(menu: JsonObject, values: JsonList) -> None:
    """Check how many values were chosen in a message's select menu.

    Raises
    ------
    PageError
        If there are too few or too many.
    """
    _check_count(menu, values, required=True, label=menu.get("placeholder") or "Menu")
