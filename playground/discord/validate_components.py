"""Rules for a message's components, of both generations.

https://discord.com/developers/docs/components/reference
"""

from collections.abc import Callable, Collection

from playground.discord.components import file_named
from playground.discord.form import Form
from playground.discord.jsons import as_object
from playground.discord.validate_controls import BUTTON, SELECTS, check_button, check_select

ROW, SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER = 1, 9, 10, 11, 12, 13, 14, 17
TOP = frozenset({ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR, CONTAINER})
INSIDE = TOP - {CONTAINER}
MOST_COMPONENTS = 40
MOST_TEXT = 4_000


class ComponentCheck:
    """Walks one message's components and notes every problem.

    Parameters
    ----------
    files
        Names of the files that the message will have; ``attachment://`` must name one of them.
    """

    def __init__(self, *, files: Collection[str]) -> None:
        self._files = files
        self._custom_ids: set[str] = set()
        self._ids: set[int] = set()
        self._rules: dict[int, Callable[[Form], None]] = {
            ROW: self._row,
            BUTTON: self._button,
            SECTION: self._section,
            TEXT: self._text,
            THUMBNAIL: self._thumbnail,
            GALLERY: self._gallery,
            FILE: self._file,
            SEPARATOR: self._separator,
            CONTAINER: self._container,
            **dict.fromkeys(SELECTS, self._select),
        }
        self.count = 0
        self.text = 0

    def components(self, form: Form, *, modern: bool) -> None:
        """Check the ``components`` of a message; modern means Components V2."""
        if not modern:
            for row in form.items(high=5):
                self.one(row, {ROW})
            return
        for item in form.items(high=MOST_COMPONENTS):
            self.one(item, TOP)
        if self.count > MOST_COMPONENTS:
            text = f"The total number of components cannot exceed {MOST_COMPONENTS}"
            form.fail("COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", text)
        if self.text > MOST_TEXT:
            text = f"The total displayable text size cannot exceed {MOST_TEXT}"
            form.fail("COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", text)

    def one(self, form: Form, allowed: Collection[int]) -> None:
        """Check one component whose type must be one of some."""
        body = form.object()
        if body is None:
            return
        kind: object = body.get("type")
        if not isinstance(kind, int) or isinstance(kind, bool) or kind not in allowed:
            listed = ", ".join(str(item) for item in sorted(allowed))
            form.fail("UNION_TYPE_CHOICES", f'Value of field "type" must be one of ({listed},).')
            return
        self.count += 1
        self._check_id(form)
        self._rules[kind](form)

    def _check_id(self, form: Form) -> None:
        place = form.child("id")
        number = place.number(low=0, high=2**31 - 1)
        if number and number in self._ids:
            place.fail("COMPONENT_ID_DUPLICATED", "Component id cannot be duplicated")
        self._ids.add(number or 0)

    def _row(self, form: Form) -> None:
        items = form.child("components").items(low=1, high=5)
        for item in items:
            self.one(item, {BUTTON, *SELECTS})
        if len(items) > 1 and any(as_object(item.value).get("type") in SELECTS for item in items):
            form.fail("COMPONENT_LAYOUT_WIDTH_EXCEEDED", "The specified component exceeds the maximum width")

    def _button(self, form: Form) -> None:
        check_button(form, self._custom_ids)

    def _select(self, form: Form) -> None:
        check_select(form, self._custom_ids)

    def _section(self, form: Form) -> None:
        for item in form.child("components").items(low=1, high=3):
            self.one(item, {TEXT})
        self.one(form.child("accessory"), {BUTTON, THUMBNAIL})

    def _text(self, form: Form) -> None:
        content = form.child("content").text(low=1, high=MOST_TEXT, required=True)
        self.text += len(content or "")

    def _thumbnail(self, form: Form) -> None:
        self._media(form.child("media"))
        form.child("description").text(high=1024)
        form.child("spoiler").flag()

    def _gallery(self, form: Form) -> None:
        for item in form.child("items").items(low=1, high=10):
            if item.object() is not None:
                self._thumbnail(item)

    def _file(self, form: Form) -> None:
        self._media(form.child("file"), schemes=("attachment://",))
        form.child("spoiler").flag()

    def _separator(self, form: Form) -> None:
        form.child("divider").flag()
        form.child("spacing").choice((1, 2), required=False)

    def _container(self, form: Form) -> None:
        for item in form.child("components").items(low=1, high=MOST_COMPONENTS):
            self.one(item, INSIDE)
        form.child("accent_color").number(low=0, high=0xFFFFFF)
        form.child("spoiler").flag()

    def _media(self, form: Form, schemes: tuple[str, ...] = ("attachment://", "http://", "https://")) -> None:
        if form.object() is None:
            return
        place = form.child("url")
        url = place.text(low=1, high=2048, required=True)
        if not url:
            return
        if not url.startswith(schemes):
            names = ", ".join(f"'{scheme.removesuffix('://')}'" for scheme in schemes)
            place.fail("URL_TYPE_INVALID_SCHEME", f'Scheme "{url.split(":")[0]}" must be one of ({names}).')
        elif url.startswith("attachment://") and file_named(url) not in self._files:
            text = "The referenced attachment was not found in the message"
            place.fail("UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND", text)
