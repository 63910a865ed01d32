"""Rules for a modal: https://discord.com/developers/docs/interactions/receiving-and-responding."""

from collections.abc import Callable

from playground.discord.form import Form
from playground.discord.jsons import JsonObject, as_object
from playground.discord.validate_controls import SELECTS, check_custom_id, check_options, check_select

ROW, TEXT_INPUT, TEXT, LABEL, UPLOAD, RADIO, CHECKBOXES, CHECKBOX = 1, 4, 10, 18, 19, 21, 22, 23
MOST_TEXT = 4_000


def check_modal(form: Form) -> None:
    """Check the ``data`` of a type-9 callback and note every problem."""
    if form.object() is None:
        return
    form.child("custom_id").text(low=1, high=100, required=True)
    form.child("title").text(low=1, high=45, required=True)
    check = _ModalCheck()
    for item in form.child("components").items(low=1, high=5):
        check.top(item)


class _ModalCheck:
    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._fields: dict[int, Callable[[Form], None]] = {
            TEXT_INPUT: self._text_input,
            UPLOAD: self._upload,
            RADIO: self._radio,
            CHECKBOXES: self._checkboxes,
            CHECKBOX: self._checkbox,
            **dict.fromkeys(SELECTS, self._select),
        }

    def top(self, form: Form) -> None:
        body = form.object()
        if body is None:
            return
        kind = form.child("type").choice((ROW, TEXT, LABEL))
        if kind == LABEL:
            form.child("label").text(low=1, high=45, required=True)
            form.child("description").text(high=100)
            self._field(form.child("component"), body)
        elif kind == TEXT:
            form.child("content").text(low=1, high=MOST_TEXT, required=True)
        elif kind == ROW:
            self._old_row(form)

    def _old_row(self, form: Form) -> None:
        for item in form.child("components").items(low=1, high=1):
            if item.object() is not None and item.child("type").choice((TEXT_INPUT,)):
                item.child("label").text(low=1, high=45, required=True)
                self._text_input(item)

    def _field(self, form: Form, label: JsonObject) -> None:
        if label.get("component") is None:
            form.fail("BASE_TYPE_REQUIRED", "This field is required")
        elif form.object() is not None:
            kind = form.child("type").choice(self._fields)
            if kind is not None:
                self._fields[kind](form)

    def _text_input(self, form: Form) -> None:
        check_custom_id(form, self._seen)
        form.child("style").choice((1, 2))
        form.child("placeholder").text(high=100)
        form.child("required")
        low = form.child("min_length").number(low=0, high=MOST_TEXT) or 0
        high = form.child("max_length").number(low=1, high=MOST_TEXT) or MOST_TEXT
        form.child("value").text(high=high)
        if low > high:
            form.child("min_length").fail("TEXT_INPUT_MIN_ABOVE_MAX", "min_length is greater than max_length")

    def _upload(self, form: Form) -> None:
        check_custom_id(form, self._seen)
        form.child("file_types").items(high=10)
        self._range(form, most=10)

    def _radio(self, form: Form) -> None:
        check_custom_id(form, self._seen)
        check_options(form, low=2, high=10)

    def _checkboxes(self, form: Form) -> None:
        check_custom_id(form, self._seen)
        check_options(form, low=1, high=10)
        self._range(form, most=10)

    def _checkbox(self, form: Form) -> None:
        check_custom_id(form, self._seen)

    def _select(self, form: Form) -> None:
        check_select(form, self._seen)
        if as_object(form.value).get("disabled"):
            form.child("disabled").fail(
                "SELECT_COMPONENT_DISABLED_IN_MODAL", "A select in a modal cannot be disabled"
            )

    def _range(self, form: Form, *, most: int) -> None:
        low = form.child("min_values").number(low=0, high=most)
        high = form.child("max_values").number(low=1, high=most)
        if (1 if low is None else low) > (1 if high is None else high):
            form.child("min_values").fail("COMPONENT_MIN_ABOVE_MAX", "min_values is greater than max_values")
