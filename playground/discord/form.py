"""Checking a body field by field, and telling all that is wrong with it in Discord's shape.

The shape: https://discord.com/developers/docs/reference#error-messages
"""

from collections.abc import Collection
from typing import cast

from playground.discord.errors import bad_form
from playground.discord.jsons import JsonList, JsonObject

REQUIRED = ("BASE_TYPE_REQUIRED", "This field is required")


class Form:
    """A place in a body, and the problems found there and below.

    All places of one body share one tree of problems, so that a whole body is judged at once.
    """

    def __init__(self, value: object, *, path: tuple[str, ...] = (), found: JsonObject | None = None) -> None:
        self.value = value
        self._path = path
        self._found: JsonObject = {} if found is None else found

    def fail(self, code: str, message: str) -> None:
        """Note a problem with this place."""
        node = self._found
        for step in self._path:
            node = node.setdefault(step, {})
        node.setdefault("_errors", []).append({"code": code, "message": message})

    def finish(self) -> None:
        """Judge the body.

        Raises
        ------
        ApiError
            50035, if anything was wrong.
        """
        if self._found:
            raise bad_form(self._found)

    def at(self, key: str | int, value: object) -> "Form":
        """Step to a place below, whose value is known."""
        return Form(value, path=(*self._path, str(key)), found=self._found)

    def child(self, key: str) -> "Form":
        """Step to a field of this object; a field that is not there has the value None."""
        held = cast("JsonObject", self.value).get(key) if isinstance(self.value, dict) else None
        return self.at(key, held)

    def object(self) -> JsonObject | None:
        """Return the value if it is an object, or note that it is not."""
        if isinstance(self.value, dict):
            return cast("JsonObject", self.value)
        self.fail("MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
        return None

    def items(self, *, low: int = 0, high: int) -> "list[Form]":
        """Step into a list of a permitted length; null counts as an empty one."""
        if self.value is None and low == 0:
            return []
        if not isinstance(self.value, list):
            self.fail(
                *(
                    REQUIRED
                    if self.value is None
                    else ("LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
                )
            )
            return []
        held = cast("JsonList", self.value)
        if not low <= len(held) <= high:
            self.fail("BASE_TYPE_BAD_LENGTH", f"Must be between {low} and {high} in length.")
        return [self.at(index, item) for index, item in enumerate(held)]

    def text(self, *, low: int = 0, high: int, required: bool = False) -> str | None:
        """Return a string of a permitted length."""
        if self.value is None:
            if required:
                self.fail(*REQUIRED)
            return None
        if not isinstance(self.value, str):
            self.fail("STRING_TYPE_CONVERT", f"Could not interpret {self.value!r} as string.")
            return None
        self._check_length(self.value, low, high)
        return self.value

    def _check_length(self, value: str, low: int, high: int) -> None:
        if low <= len(value) <= high:
            return
        if low == 1 and not value:
            self.fail(*REQUIRED)
        elif low:
            self.fail("BASE_TYPE_BAD_LENGTH", f"Must be between {low} and {high} in length.")
        else:
            self.fail("BASE_TYPE_MAX_LENGTH", f"Must be {high} or fewer in length.")

    def number(self, *, low: int, high: int, required: bool = False) -> int | None:
        """Return an integer of a permitted size."""
        if self.value is None:
            if required:
                self.fail(*REQUIRED)
            return None
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            self.fail("NUMBER_TYPE_COERCE", f'Value "{self.value}" is not int.')
            return None
        if self.value < low:
            self.fail("NUMBER_TYPE_MIN", f"int value should be greater than or equal to {low}.")
        elif self.value > high:
            self.fail("NUMBER_TYPE_MAX", f"int value should be less than or equal to {high}.")
        return self.value

    def flag(self) -> bool:
        """Return a boolean; null counts as false."""
        if self.value is not None and not isinstance(self.value, bool):
            self.fail("BOOLEAN_TYPE_CONVERT", "Must be either true or false.")
        return self.value is True

    def choice(self, allowed: Collection[int], *, required: bool = True) -> int | None:
        """Return one of some integers."""
        if self.value is None and not required:
            return None
        if isinstance(self.value, bool) or self.value not in allowed:
            listed = ", ".join(str(item) for item in sorted(allowed))
            code, text = ("BASE_TYPE_CHOICES", f"Value must be one of {{{listed}}}.")
            self.fail(*(REQUIRED if self.value is None else (code, text)))
            return None
        return cast("int", self.value)
