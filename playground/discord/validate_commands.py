"""Rules for application commands.

https://discord.com/developers/docs/interactions/application-commands#application-command-object
"""

import re

from playground.discord.form import Form
from playground.discord.jsons import JsonObject, as_id, as_object, objects

CHAT, USER, MESSAGE = 1, 2, 3
SUBCOMMAND, GROUP, STRING, INTEGER, BOOLEAN, NUMBER, ATTACHMENT = 1, 2, 3, 4, 5, 10, 11
NAME = re.compile(r"[-_'\w]{1,32}")
MOST = {CHAT: 100, USER: 15, MESSAGE: 15}
"""How many commands of each type an application may have in one place."""
MOST_LETTERS = 8_000
"""Names, descriptions and values of one command taken together."""


def check_command(form: Form) -> None:
    """Check a command of any type and note every problem."""
    if form.object() is None:
        return
    kind = form.child("type").choice((CHAT, USER, MESSAGE), required=False) or CHAT
    wanted = form.child("default_member_permissions")
    if wanted.value is not None and as_id(wanted.value) is None:
        wanted.fail("NUMBER_TYPE_COERCE", f'Value "{wanted.value}" is not a bit field.')
    for name in ("contexts", "integration_types"):
        for item in form.child(name).items(high=3):
            item.choice((0, 1, 2))
    if kind == CHAT:
        _check_name(form.child("name"))
        form.child("description").text(low=1, high=100, required=True)
        _check_options(form, depth=0)
    else:
        _check_menu(form)
    if letters(as_object(form.value)) > MOST_LETTERS:
        form.fail("APPLICATION_COMMAND_TOO_LARGE", f"Command exceeds maximum size ({MOST_LETTERS})")


def _check_menu(form: Form) -> None:
    form.child("name").text(low=1, high=32, required=True)
    for name in ("description", "options"):
        if as_object(form.value).get(name):
            text = f"Context menu commands cannot have {name}"
            form.child(name).fail("APPLICATION_COMMAND_INVALID_FOR_TYPE", text)


def _check_name(form: Form) -> None:
    name = form.text(low=1, high=32, required=True)
    if name and (not NAME.fullmatch(name) or name != name.lower()):
        form.fail("APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def _check_options(form: Form, *, depth: int) -> None:
    options = form.child("options").items(high=25)
    names: set[str] = set()
    optional_seen = False
    kinds = {as_object(option.value).get("type") for option in options}
    if kinds & {SUBCOMMAND, GROUP} and kinds - {SUBCOMMAND, GROUP}:
        text = "Sub-command and sub-command group option types are mutually exclusive to all other types"
        form.child("options").fail("APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", text)
    for option in options:
        if option.object() is None:
            continue
        required = option.child("required").flag()
        if required and optional_seen:
            text = "Required options must be placed before non-required options"
            option.fail("APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", text)
        optional_seen = optional_seen or not required
        _check_option(option, names, depth)


def _check_option(form: Form, names: set[str], depth: int) -> None:
    body = as_object(form.value)
    kind = form.child("type").choice(range(1, 12))
    _check_name(form.child("name"))
    form.child("description").text(low=1, high=100, required=True)
    if str(body.get("name")) in names:
        text = "Option name is already used"
        form.child("name").fail("APPLICATION_COMMAND_OPTIONS_NAME_INVALID", text)
    names.add(str(body.get("name")))
    if kind in (SUBCOMMAND, GROUP):
        if depth > (1 if kind == SUBCOMMAND else 0):
            form.fail("APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Subcommands are nested too deep")
        _check_options(form, depth=depth + 1 if kind == GROUP else 2)
        return
    _check_limits(form, kind)
    _check_choices(form, kind)
    if form.child("file_types").items(high=10) and kind != ATTACHMENT:
        form.fail("APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Only attachments have file types")


def _check_limits(form: Form, kind: int | None) -> None:
    body = as_object(form.value)
    form.child("min_length").number(low=0, high=6000)
    form.child("max_length").number(low=1, high=6000)
    wrong = [name for name in ("min_length", "max_length") if kind != STRING and body.get(name) is not None]
    wrong += [
        name
        for name in ("min_value", "max_value")
        if kind not in (INTEGER, NUMBER) and body.get(name) is not None
    ]
    for name in wrong:
        form.child(name).fail(
            "APPLICATION_COMMAND_OPTIONS_LIMIT_INVALID", f"{name} does not fit the option's type"
        )


def _check_choices(form: Form, kind: int | None) -> None:
    choices = form.child("choices").items(high=25)
    autocomplete = form.child("autocomplete").flag()
    if (choices or autocomplete) and kind not in (STRING, INTEGER, NUMBER):
        form.fail("APPLICATION_COMMAND_OPTIONS_CHOICES_INVALID", "Options of this type cannot have choices")
    if choices and autocomplete:
        text = "Autocomplete and choices are mutually exclusive"
        form.fail("APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_INVALID", text)
    check_choices(choices, kind)


def check_choices(choices: list[Form], kind: int | None) -> None:
    """Check a list of choices, of an option or of an autocomplete reply."""
    names: set[str] = set()
    for choice in choices:
        if choice.object() is None:
            continue
        place = choice.child("name")
        name = place.text(low=1, high=100, required=True)
        if name in names:
            place.fail("APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_EXISTS", "Choice name already exists")
        names.add(name or "")
        if kind == STRING:
            choice.child("value").text(low=1, high=100, required=True)
        elif kind == INTEGER:
            choice.child("value").number(low=-(2**53), high=2**53, required=True)


def letters(command: JsonObject) -> int:
    """Count the letters that Discord's limit for a whole command is about."""
    total = len(str(command.get("name", ""))) + len(str(command.get("description", "")))
    total += sum(letters(option) for option in objects(command.get("options")))
    for choice in objects(command.get("choices")):
        total += len(str(choice.get("name", "")))
        total += len(choice["value"]) if isinstance(choice.get("value"), str) else 0
    return total
