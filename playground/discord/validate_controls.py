"""Rules for what a member can press or choose: buttons and selects.

https://discord.com/developers/docs/components/reference
"""

from playground.discord.form import Form
from playground.discord.jsons import as_object

BUTTON = 2
STRING_SELECT = 3
SELECTS = frozenset({3, 5, 6, 7, 8})
LINK, PREMIUM = 5, 6


def check_custom_id(form: Form, seen: set[str]) -> None:
    """Check one component's custom id: there, 1 to 100 characters, not used before in this message."""
    place = form.child("custom_id")
    custom_id = place.text(low=1, high=100, required=True)
    if custom_id is None:
        return
    if custom_id in seen:
        place.fail("COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
    seen.add(custom_id)


def check_button(form: Form, seen: set[str]) -> None:
    """Check a button: its style decides between a custom id and a URL."""
    style = form.child("style").choice(range(1, 7))
    body = as_object(form.value)
    form.child("label").text(high=80)
    form.child("disabled").flag()
    if style == LINK:
        _check_link(form)
    elif style == PREMIUM:
        form.child("sku_id").text(low=1, high=20, required=True)
    elif style is not None:
        check_custom_id(form, seen)
        if body.get("url") is not None:
            form.child("url").fail("BUTTON_COMPONENT_URL_INVALID", "A url is only for link buttons")
    if style != PREMIUM and not body.get("label") and not body.get("emoji"):
        form.fail("BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED", "A button needs a label or an emoji")


def _check_link(form: Form) -> None:
    place = form.child("url")
    url = place.text(low=1, high=512, required=True)
    if url and not url.startswith(("http://", "https://", "discord://")):
        place.fail("URL_TYPE_INVALID_SCHEME", "Scheme must be one of ('http', 'https', 'discord').")
    if as_object(form.value).get("custom_id") is not None:
        form.child("custom_id").fail("BUTTON_COMPONENT_CUSTOM_ID_INVALID", "A link button has no custom id")


def check_select(form: Form, seen: set[str]) -> None:
    """Check a select menu of any kind."""
    check_custom_id(form, seen)
    form.child("placeholder").text(high=150)
    form.child("disabled").flag()
    low = form.child("min_values").number(low=0, high=25)
    high = form.child("max_values").number(low=1, high=25)
    if (1 if low is None else low) > (1 if high is None else high):
        form.child("min_values").fail(
            "SELECT_COMPONENT_MIN_ABOVE_MAX", "min_values is greater than max_values"
        )
    if as_object(form.value).get("type") == STRING_SELECT:
        count = check_options(form, low=1, high=25)
        if high is not None and high > count > 0:
            form.child("max_values").fail(
                "SELECT_COMPONENT_MAX_ABOVE_OPTIONS", "There are not that many options"
            )


def check_options(form: Form, *, low: int, high: int) -> int:
    """Check the options of a string select, radio group or checkbox group; return how many there are."""
    options = form.child("options").items(low=low, high=high)
    seen: set[str] = set()
    for option in options:
        if option.object() is None:
            continue
        option.child("label").text(low=1, high=100, required=True)
        option.child("description").text(high=100)
        place = option.child("value")
        value = place.text(low=1, high=100, required=True)
        if value in seen:
            place.fail(
                "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "The specified option value is already used"
            )
        seen.add(value or "")
    return len(options)
