"""How providers say that a model has ended: seen at upstreams and resellers in earlier retirements.

A model that is taken for dead is dead for everybody, so words count only where they are about it: other
things are deprecated, not found and unavailable too, for a moment or for good.
"""

import re
from typing import Final

_CODES: Final = frozenset(
    {"modelnotfound", "modelretired", "modeldeprecated", "modeldiscontinued", "modelnotavailable"}
    | {"unknownmodel", "invalidmodel", "unsupportedmodel", "endpointdeprecated"}
)
"""Without what is between their words: ``model_not_found`` and ``ModelNotFound`` are one."""
_ENDED = re.compile(
    r"\b(deprecated|retired|discontinued|decommissioned|sunset|shut down|removed|end of (its|the) life)\b"
    r"|no longer (being )?(supported|accessible|available|offered|served|exists?)|turned off"
    r"|(does not|doesn't) exist|not found|is unknown|is not (supported|available|valid|a valid)"
)
_REFUSED = re.compile(r"\b(unsupported|unknown|invalid|deprecated|retired) (value: )?(model|endpoint)\b")
_MODEL = re.compile(r"(?<![a-z-])(models?|endpoints?|engines?)(?![a-z-])")
_OTHER = re.compile(
    r"(?<![a-z-])(images?|urls?|links?|files?|parameters?|options?|fields?|arguments?|propert(y|ies)|sizes?"
    r"|formats?|prompts?|keys?|values?|backgrounds?|quality|fidelity|resolution|sources?|masks?|accounts?|features?"
    r"|workers?|nodes?|sessions?|jobs?|organi[sz]ations?)(?![a-z-])"
)
_PASSING = re.compile(
    r"retry|try again|temporar|loading|cache|\bmoment|\btier|\bplan\b|region|upgrade|overload|busy|capacity"
)
"""What passes: no end of a model."""
_YET_TO_COME = re.compile(r"\b(will|going to|scheduled to|about to) be \w+")
_NOTICE = re.compile(r"\b(is|are) (now )?deprecated\b|^\W*deprecated\W*$")
"""Said of a model that may still run: counts only where nothing else explains the failure."""
_ALONE = re.compile(
    r"\W*((this|it) )?((has|have) been |is |was )?(now )?"
    r"(deprecated|retired|discontinued|no longer (supported|accessible|available|offered))\W*"
)
"""A statement without any subject is about what was asked for: the model."""


def is_ending_code(code: str) -> bool:
    """Tell whether a code, in lower case, says that there is no such model (any more)."""
    return code.replace("_", "") in _CODES


def naming(model: str) -> re.Pattern[str] | None:
    """Return what names a model in a text: its id, or its upstream's spelling, quoted or not."""
    parts = [part for part in re.split(r"[^a-z0-9]+", model.lower()) if part and part != "edit"]
    if not parts:
        return None
    name = r"[-_. ]?".join(parts)
    return re.compile(rf"[\"'`“«]?(?<![a-z0-9]){name}([-_. ]?edit)?(?![a-z0-9])[\"'`”»]?")


def ends_model(sentence: str) -> bool:
    """Tell whether a sentence, in lower case, says that the model has ended, or that there is none."""
    return _is_about_the_model(sentence) and _NOTICE.search(sentence) is None


def may_end_model(sentence: str) -> bool:
    """Tell the same of less: a notice, or a statement without a subject."""
    return _is_about_the_model(sentence) or _ALONE.fullmatch(sentence) is not None


def _is_about_the_model(sentence: str) -> bool:
    sentence = _YET_TO_COME.sub(" ", sentence)
    if _PASSING.search(sentence) is not None:
        return False
    if _REFUSED.search(sentence) is not None:
        return True
    return any(_subject(sentence[: ended.start()]) is _MODEL for ended in _ENDED.finditer(sentence))


def _subject(before: str) -> re.Pattern[str] | None:
    """Return what a statement is about: the last thing that is named before it."""
    found = [(match.start(), kind) for kind in (_MODEL, _OTHER) for match in kind.finditer(before)]
    return max(found, key=lambda each: each[0])[1] if found else None
