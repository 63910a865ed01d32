"""What an error body says, sorted into the few kinds that matter to a member.

Nothing of the provider's own words leaves this module: they echo prompts.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from pixeldojo.kinds import Failure, Reason
from pixeldojo.wire import Json

_MODERATION = re.compile(
    r"moderat|content[ _-](polic|filter)|policy[ _-]violation|usage[ _-]polic|safety|nsfw|flagged|prohibited"
    r"|public[ _-]figure|disallowed|inappropriate|(explicit|sensitive|sexual)[ _-]content"
    r"|violat[a-z]* [^.]{0,40}(polic|guideline|terms)"
)
_BAD_INPUT = re.compile(
    r"invalid|unsupported|not supported|bad[ _]request|validation|unprocessable|corrupt|user_error"
    r"|must (be|have|contain|not)|required|exceeds|not an image|too (large|big|small|long|short|many)"
    r"|(could not|cannot|can't|unable to|failed to|error while) (download|fetch|load|read|decode|open)"
)
_NO_CREDITS = re.compile(
    r"insufficient[ _-](credits?|balance|funds)|(not enough|out of) credits|quota_exceeded|payment_required"
)
_NO_MODEL: Final = frozenset(
    {"model_not_found", "model_not_available", "model_unavailable", "model_retired", "model_deprecated"}
    | {"unknown_model", "invalid_model"}
)
_BAD_KEY: Final = frozenset(
    {"invalid_api_key", "missing_api_key", "unauthorized", "invalid_key", "api_key_revoked"}
)
# An error may quote the prompt: what stands in quotation marks is no evidence.
_QUOTED = re.compile(r"\"[^\"]*\"|`[^`]*`|“[^”]*”|«[^»]*»")

_CODE_FIELDS: Final = frozenset({"code", "type", "name", "reason", "status"})
_TEXT_FIELDS: Final = frozenset(
    {"message", "error", "errors", "detail", "details", "description", "error_description", "title", "msg"}
    | {"failure", "failurereason", "cause", "data"}
)
_MAX_DEPTH: Final = 6
_MAX_WORDS: Final = 60
_MAX_LENGTH: Final = 2000


@dataclass(frozen=True, slots=True)
class Clues:
    """The codes and words of an error, lower case, without what is quoted."""

    codes: frozenset[str] = field(repr=False)
    words: str = field(repr=False)

    @property
    def moderation(self) -> bool:
        """Whether something was screened out."""
        return _MODERATION.search(self.words) is not None

    @property
    def bad_input(self) -> bool:
        """Whether the provider could not use what it was given."""
        return not self.bad_key and _BAD_INPUT.search(self.words) is not None

    @property
    def no_credits(self) -> bool:
        """Whether the balance is too low."""
        return _NO_CREDITS.search(self.words) is not None

    @property
    def no_model(self) -> bool:
        """Whether the model does not exist; only codes say so, since words name models freely."""
        return not self.codes.isdisjoint(_NO_MODEL)

    @property
    def bad_key(self) -> bool:
        """Whether the key is not accepted."""
        return not self.codes.isdisjoint(_BAD_KEY)


def clues(error: Json) -> Clues:
    """Collect what an error says, be it a string, an object, a list of either, or nothing."""
    found = [word for _, word in zip(range(_MAX_WORDS), _words(error, _MAX_DEPTH), strict=False)]
    codes = frozenset(_code(word) for word in found if len(word) <= 64)
    spoken = " \n".join(_QUOTED.sub(" ", word.lower()) for word in found)
    return Clues(codes=codes, words=f"{spoken}\n{' '.join(sorted(codes))}")


def _code(word: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", _QUOTED.sub(" ", word.lower())).strip("_")


def _words(error: Json, depth: int) -> Iterator[str]:
    if isinstance(error, str):
        yield error[:_MAX_LENGTH]
    elif depth and isinstance(error, list):
        for element in error:
            yield from _words(element, depth - 1)
    elif depth and isinstance(error, Mapping):
        for name, value in error.items():
            if name.lower() in _TEXT_FIELDS or (name.lower() in _CODE_FIELDS and isinstance(value, str)):
                yield from _words(value, depth - 1)


def classify_failure(error: Json) -> Failure:
    """Sort a failed job's ``error`` into a `Failure`."""
    found = clues(error)
    if found.moderation:
        return Failure.MODERATION
    return Failure.BAD_INPUT if found.bad_input else Failure.PROVIDER


def classify_refusal(found: Clues, *, otherwise: Reason = Reason.UNKNOWN) -> Reason:
    """Sort a refusal into a `Reason`; ``otherwise`` if it says nothing that is understood."""
    if found.moderation:
        return Reason.MODERATION
    return Reason.BAD_INPUT if found.bad_input else otherwise
