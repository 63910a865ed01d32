"""What an error body says, sorted into the few kinds that matter to a member.

Nothing of the provider's own words leaves this module: they echo prompts.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from pixeldojo.echoes import Asked, without_echo
from pixeldojo.endings import ends_model, is_ending_code, may_end_model, naming
from pixeldojo.errors import UnreadableReply
from pixeldojo.kinds import Failure
from pixeldojo.wire import Json, read_json

_MODERATION = re.compile(
    r"moderat|content[ _-](polic|filter)|policy[ _-]violation|usage[ _-]polic|safety|nsfw|flagged|prohibited"
    r"|public[ _-]figure|disallowed|inappropriate|(explicit|sensitive|sexual)[ _-]content"
    r"|violat[a-z]* [^.]{0,40}(polic|guideline|terms)"
)
_BAD_INPUT = re.compile(
    r"invalid|unsupported|(not|no longer) supported|bad[ _]request|validation|unprocessable|corrupt"
    r"|user_error|must (be|have|contain|not)|required|exceeds|not an image|too (large|big|small|long|short)"
    r"|too many"
    r"|(could not|cannot|can't|unable to|failed to|error while) (download|fetch|load|read|decode|open)"
)
_NO_CREDITS = re.compile(
    r"insufficient[ _-](credits?|balance|funds)|(not enough|out of) credits|quota_exceeded|payment_required"
)
_BAD_KEY: Final = frozenset(
    {"invalid_api_key", "missing_api_key", "unauthorized", "invalid_key", "api_key_revoked"}
)
# An error may quote the prompt: what stands in quotation marks is no evidence.
_QUOTED = re.compile(r"\"[^\"]*\"|`[^`]*`|“[^”]*”|«[^»]*»")

_SENTENCES = re.compile(r"(?<=[.!?;])\s+|\n")
NOTHING: Final = Asked()
_CLASSES: Final = frozenset({"invalid_request_error", "invalidrequesterror"})
_CODE_FIELDS: Final = frozenset({"code", "type", "name", "reason", "status", "param"})
_TEXT_FIELDS: Final = frozenset(
    {"message", "error", "errors", "detail", "details", "description", "error_description", "title", "msg"}
    | {"failure", "failurereason", "cause", "data"}
)
_REQUEST_FIELDS: Final = frozenset(
    {"prompt", "negative_prompt", "input", "inputs", "request", "params", "parameters", "payload", "body"}
    | {"images", "image_urls", "image", "headers"}
)
"""What may hold the request itself: nothing in it is said by the provider."""
_MAX_DEPTH: Final = 6
_MAX_WORDS: Final = 60
_MAX_LENGTH: Final = 2000


@dataclass(frozen=True, slots=True)
class Clues:
    """The codes and words of an error, lower case, without what is quoted or echoed.

    In ``sentences`` the model's own name is the word "model". ``params`` names what was found at fault.
    """

    codes: frozenset[str] = field(repr=False)
    words: str = field(repr=False)
    sentences: tuple[str, ...] = field(default=(), repr=False)
    params: frozenset[str] = field(default=frozenset(), repr=False)

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
    def no_model_by_code(self) -> bool:
        """Whether a code says that the model does not exist (any more)."""
        by_param = "model" in self.params and self.bad_input
        return by_param or any(map(is_ending_code, self.codes))

    @property
    def no_model(self) -> bool:
        """Whether a sentence says so of the model."""
        return any(map(ends_model, self.sentences))

    @property
    def perhaps_no_model(self) -> bool:
        """Whether something is said of an end that counts only where nothing else explains the failure."""
        return any(map(may_end_model, self.sentences))

    @property
    def bad_key(self) -> bool:
        """Whether the key is not accepted."""
        return not self.codes.isdisjoint(_BAD_KEY)


def clues(error: Json, *, asked: Asked = NOTHING) -> Clues:
    """Collect what an error says, be it a string, an object, a list of either, or nothing.

    Parameters
    ----------
    asked
        What the request asked for, where that is known: errors echo it, and its words are no evidence.
    """
    told = [each for _, each in zip(range(_MAX_WORDS), _told(error, _MAX_DEPTH), strict=False)]
    found = [(name, without_echo(_unquoted(word), asked)) for name, word in told]
    codes = frozenset(_code(word) for name, word in found if len(word) <= 64 and name != "param")
    # "invalid_request_error" is the name of a class of errors: not a word about anybody's input.
    said = [word for name, word in found if _code(word) not in _CLASSES and name != "param"]
    name = naming(asked.model)
    named = [word if name is None else name.sub(" model ", word) for word in said]
    sentences = [_QUOTED.sub(" ", each) for word in named for each in _SENTENCES.split(word)]
    spoken = [_QUOTED.sub(" ", word) for word in said]
    return Clues(
        codes=codes,
        words="\n".join([*spoken, *sorted(codes - _CLASSES)]),
        sentences=tuple(sentences),
        params=frozenset(word.strip() for name, word in found if name == "param"),
    )


def _unquoted(word: str) -> str:
    """Take the marks from a text that is quoted as a whole."""
    bare = word.strip()
    return bare[1:-1] if len(bare) > 1 and bare[0] == bare[-1] and bare[0] in "\"'" else word


def _code(word: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", _QUOTED.sub(" ", word.lower())).strip("_")


def _told(error: Json, depth: int, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield what is said, with the name of its field; JSON within a text is read like the rest."""
    if isinstance(error, str):
        inner = _json_within(error) if depth else None
        if inner is None:
            yield name, error[:_MAX_LENGTH]
        else:
            yield from _told(inner, depth - 1, name)
    elif depth and isinstance(error, list):
        for element in error:
            yield from _told(element, depth - 1, name)
    elif depth and isinstance(error, Mapping):
        for key, value in error.items():
            if _is_told(key.lower(), value):
                yield from _told(value, depth - 1, key.lower())


def _is_told(name: str, value: Json) -> bool:
    if name in _REQUEST_FIELDS:
        return False
    return not isinstance(value, str) or name in _TEXT_FIELDS | _CODE_FIELDS


def _json_within(text: str) -> Json:
    """Return an object that is forwarded as text, as in ``Upstream 404: {…}``."""
    place = text.find("{")
    if place < 0 or len(text) > _MAX_LENGTH:
        return None
    try:
        return read_json(text[place:].encode("utf-8", "replace"))
    except UnreadableReply:
        return None


def classify_failure(error: Json, *, asked: Asked = NOTHING) -> Failure:
    """Sort a failed job's ``error`` into a `Failure`; ``asked`` as `clues` has it."""
    found = clues(error, asked=asked)
    if found.no_model_by_code:
        return Failure.MODEL_GONE
    if found.moderation:
        return Failure.MODERATION
    if found.no_model:
        return Failure.MODEL_GONE
    if found.bad_input:
        return Failure.BAD_INPUT
    return Failure.MODEL_GONE if found.perhaps_no_model else Failure.PROVIDER


def classify_refusal(found: Clues, *, otherwise: Failure = Failure.PROVIDER) -> Failure:
    """Sort a refusal into a `Failure`; ``otherwise`` if it says nothing that is understood."""
    if found.moderation:
        return Failure.MODERATION
    return Failure.BAD_INPUT if found.bad_input else otherwise
