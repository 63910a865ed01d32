"""What Discord's client checks of a command's options before it sends anything."""

from collections.abc import Callable

from playground.discord.jsons import JsonObject, as_object, as_text, objects
from playground.discord.page_socket import PageError
from playground.discord.resolving import Resolver
from playground.discord.validate_commands import (
    ATTACHMENT,
    BOOLEAN,
    GROUP,
    INTEGER,
    NUMBER,
    STRING,
    SUBCOMMAND,
)

MOST_TEXT = 6_000


def checked_options(definition: JsonObject, given: list[JsonObject], resolver: Resolver) -> list[JsonObject]:
    """Check and resolve the options of a command or subcommand, in the order of its definition.

    Raises
    ------
    PageError
        If one is missing, unknown, or not as its definition wants it.
    """
    defined = objects(definition.get("options"))
    if any(option["type"] in (SUBCOMMAND, GROUP) for option in defined):
        return [_checked_branch(defined, given, resolver)]
    known = {option["name"] for option in defined}
    for option in given:
        if option.get("name") not in known:
            raise PageError(f"{option.get('name')}: There is no such option.")
    values = {option["name"]: option for option in given}
    found: list[JsonObject] = []
    for option in defined:
        if option["name"] in values:
            value = checked_value(option, values[option["name"]].get("value"), resolver)
            found.append({"name": option["name"], "type": option["type"], "value": value})
        elif option.get("required"):
            raise PageError(f"{option['name']}: This option is required. Specify a value.")
    return found


def _checked_branch(defined: list[JsonObject], given: list[JsonObject], resolver: Resolver) -> JsonObject:
    chosen = given[0] if len(given) == 1 else {}
    branch = next((option for option in defined if option["name"] == chosen.get("name")), None)
    if branch is None:
        raise PageError("Choose a subcommand.")
    options = checked_options(branch, objects(chosen.get("options")), resolver)
    return {"name": branch["name"], "type": branch["type"], "options": options}


def checked_value(option: JsonObject, value: object, resolver: Resolver) -> object:
    """Check one option's value; ids are resolved.

    Raises
    ------
    PageError
        If it is not of the option's type, or outside its limits or choices.
    """
    resolvers: dict[int, Callable[[object], str]] = {
        6: resolver.user,
        7: resolver.channel,
        8: resolver.role,
        9: resolver.mentionable,
        ATTACHMENT: resolver.upload,
    }
    kind = option["type"]
    if kind in resolvers:
        return resolvers[kind](value)
    _check_plain(option, value)
    choices = objects(option.get("choices"))
    if choices and value not in [choice["value"] for choice in choices]:
        raise PageError(f"{option['name']}: Choose one of the list.")
    return value


def _check_plain(option: JsonObject, value: object) -> None:
    name, kind = option["name"], option["type"]
    if kind == STRING:
        _check_text(option, value)
    elif kind == BOOLEAN and not isinstance(value, bool):
        raise PageError(f"{name}: Choose true or false.")
    elif kind in (INTEGER, NUMBER):
        _check_number(option, value)


def _check_text(option: JsonObject, value: object) -> None:
    low, high = option.get("min_length") or 0, option.get("max_length") or MOST_TEXT
    if not isinstance(value, str) or not value or not low <= len(value) <= high:
        raise PageError(f"{option['name']}: Must be between {max(low, 1)} and {high} characters.")


def _check_number(option: JsonObject, value: object) -> None:
    name = option["name"]
    numbers = (int,) if option["type"] == INTEGER else (int, float)
    if isinstance(value, bool) or not isinstance(value, numbers):
        raise PageError(f"{name}: That is not a number.")
    low, high = option.get("min_value"), option.get("max_value")
    if (low is not None and value < low) or (high is not None and value > high):
        raise PageError(f"{name}: Must be between {low} and {high}.")


def partial_options(definition: JsonObject, given: list[JsonObject]) -> list[JsonObject]:
    """Copy options as they stand while a member is still typing: what an autocomplete carries."""
    defined = {option["name"]: option for option in objects(definition.get("options"))}
    found: list[JsonObject] = []
    for option in given:
        known = as_object(defined.get(as_text(option.get("name"))))
        if not known:
            continue
        copy: JsonObject = {"name": known["name"], "type": known["type"]}
        if known["type"] in (SUBCOMMAND, GROUP):
            copy["options"] = partial_options(known, objects(option.get("options")))
        elif known["type"] == ATTACHMENT:
            continue
        else:
            copy["value"] = option.get("value", "")
        if option.get("focused"):
            copy["focused"] = True
        found.append(copy)
    return found
