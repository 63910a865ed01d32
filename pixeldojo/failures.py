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
    r"invalid|unsupported|(not|no longer) supported|bad[ _]request|validation|unprocessable|corrupt"
    r"|user_error|must (be|have|contain|not)|required|exceeds|not an image|too (large|big|small|long|short)"
    r"|too many"
    r"|(could not|cannot|can't|unable to|failed to|error while) (download|fetch|load|read|decode|open)"
)
_NO_CREDITS = re.compile(
    r"insufficient[ _-](credits?|balance|funds)|(not enough|out of) credits|quota_exceeded|payment_required"
)
_NO_MODEL: Final = frozenset(
    {"model_not_found", "model_not_available", "model_unavailable", "model_retired", "model_deprecated"}
    | {"unknown_model", "invalid_model", "endpoint_deprecated", "endpointdeprecated", "endpoint_not_found"}
    | {"deprecated", "retired", "discontinued", "model_discontinued", "deployment_not_found"}
)
# How upstreams say that a model has ended. Each is looked for in one sentence together with what ended.
_ENDED = re.compile(
    r"deprecated|retired|discontinued|decommissioned|sunset"
    r"|no longer (being )?(supported|accessible|available|offered|served|exists?)"
)
_ABSENT = re.compile(r"does not exist|doesn't exist|not found|is unknown")
# "Will be deprecated" is a warning beside an answer, not an end.
_YET_TO_COME = re.compile(r"(will|going to|scheduled to|about to) be \w+")
_MODEL_WORD = re.compile(r"(?<![\w-])(models?|endpoints?|engines?|deployments?|apis?)(?![\w-])")
_OTHER_WORD = re.compile(
    r"(?<![\w-])(images?|urls?|links?|files?|parameters?|options?|fields?|arguments?|propert(y|ies)|sizes?|formats?"
    r"|prompts?|keys?|values?|backgrounds?|quality|sources?|masks?|accounts?|plans?)(?![\w-])"
)
_BAD_KEY: Final = frozenset(
    {"invalid_api_key", "missing_api_key", "unauthorized", "invalid_key", "api_key_revoked"}
)
# An error may quote the prompt: what stands in quotation marks is no evidence.
_QUOTED = re.compile(r"\"[^\"]*\"|`[^`]*`|“[^”]*”|«[^»]*»")

_CLASSES: Final = frozenset({"invalid_request_error", "invalidrequesterror"})
_ECHO: Final = 24
"""Characters by which the echo of a prompt is known."""
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
        """Whether the model does not exist, or has ended: by a code, or by a sentence about a model."""
        return not self.codes.isdisjoint(_NO_MODEL) or any(map(_ends_a_model, self.words.split("\n")))

    @property
    def bad_key(self) -> bool:
        """Whether the key is not accepted."""
        return not self.codes.isdisjoint(_BAD_KEY)


def clues(error: Json, *, prompt: str = "") -> Clues:
    """Collect what an error says, be it a string, an object, a list of either, or nothing.

    Parameters
    ----------
    prompt
        What the request asked for, where that is known: errors echo it, and its words are no evidence.
    """
    told = [word for _, word in zip(range(_MAX_WORDS), _words(error, _MAX_DEPTH), strict=False)]
    found = [_without(word, prompt.lower()) for word in told]
    codes = frozenset(_code(word) for word in found if len(word) <= 64)
    # "invalid_request_error" is the name of a class of errors: not a word about anybody's input.
    spoken = [_QUOTED.sub(" ", word) for word in found if _code(word) not in _CLASSES]
    return Clues(codes=codes, words="\n".join([*spoken, *sorted(codes - _CLASSES)]))


def _without(word: str, prompt: str) -> str:
    """Return a text in lower case without the prompt that it echoes, whole or cut off."""
    word = word.lower()
    place = word.find(prompt[:_ECHO]) if prompt.strip() else -1
    if place < 0:
        return word
    rest = word[place:]
    same = next((at for at, pair in enumerate(zip(rest, prompt, strict=False)) if pair[0] != pair[1]), None)
    return word[:place] + rest[min(len(rest), len(prompt)) if same is None else same :]


def _ends_a_model(sentence: str) -> bool:
    sentence = _YET_TO_COME.sub(" ", sentence.replace("_", " "))
    if (ended := _ENDED.search(sentence)) is not None:
        # Without any subject it is what was asked for: the model.
        return _subject(sentence[: ended.start()], sentence[ended.end() :]) is not _OTHER_WORD
    absent = _ABSENT.search(sentence)
    return absent is not None and _subject(sentence[: absent.start()], "") is _MODEL_WORD


def _subject(before: str, after: str) -> re.Pattern[str] | None:
    """Return what a statement is about: the last thing named before it, else the first one after it."""
    for text, last in ((before, True), (after, False)):
        found = [
            (match.start(), kind) for kind in (_MODEL_WORD, _OTHER_WORD) for match in kind.finditer(text)
        ]
        if found:
            place = max if last else min
            return place(found, key=lambda each: each[0])[1]
    return None


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


def classify_failure(error: Json, *, prompt: str = "") -> Failure:
    """Sort a failed job's ``error`` into a `Failure`; ``prompt`` as `clues` has it."""
    found = clues(error, prompt=prompt)
    if found.moderation:
        return Failure.MODERATION
    if found.no_model:
        return Failure.MODEL_GONE
    return Failure.BAD_INPUT if found.bad_input else Failure.PROVIDER


def classify_refusal(found: Clues, *, otherwise: Reason = Reason.UNKNOWN) -> Reason:
    """Sort a refusal into a `Reason`; ``otherwise`` if it says nothing that is understood."""
    if found.moderation:
        return Reason.MODERATION
    return Reason.BAD_INPUT if found.bad_input else otherwise
