"""From an HTTP status, and only then from the body, to the error it stands for."""

from typing import Final

from pixeldojo.echoes import Asked
from pixeldojo.errors import (
    InvalidKey,
    ModelGone,
    OutOfCredits,
    PixelDojoError,
    RateLimited,
    Refused,
    Unanswered,
    Unavailable,
    UnreadableReply,
)
from pixeldojo.failures import NOTHING, Clues, classify_refusal, clues
from pixeldojo.kinds import Failure
from pixeldojo.limits import read_limit
from pixeldojo.wire import Flaw, Json, Reply, read_json

# The request may have been taken although the status says otherwise: timeouts of whoever stands in
# between (408, 499), and a redirect after a POST (302, 303), which commonly follows one that was taken.
_OUTCOME_UNKNOWN: Final = frozenset({302, 303, 408, 499})
_MALFORMED: Final = frozenset({411, 413, 414, 415, 422, 431})


def submission_error(reply: Reply, *, asked: Asked = NOTHING) -> PixelDojoError:
    """Return the error of a submission's reply that names no job; ``asked`` is what it asked for."""
    status = reply.status
    if status < 300:
        return Unanswered(f"HTTP {status} without a job id")
    if status >= 500 or status in _OUTCOME_UNKNOWN:
        return Unanswered(f"HTTP {status}")
    return _client_error(reply, gone=ModelGone(), asked=asked)


def read_asked(reply: Reply, *, gone: PixelDojoError) -> Json:
    """Return the JSON of an answered GET; ``gone`` is what a 404 means here.

    Raises
    ------
    UnreadableReply
        It is a redirect, no JSON, or too long.
    Unavailable
        It is cut off, or the provider is in trouble.
    PixelDojoError
        Every other status but 2xx.
    """
    if not 200 <= reply.status < 300:
        raise _asking_error(reply, gone=gone)
    if reply.flaw is Flaw.CUT:
        raise Unavailable("the reply was cut off")
    if reply.flaw is Flaw.TOO_LONG:
        raise UnreadableReply("it is too long")
    return read_json(reply.body)


def _asking_error(reply: Reply, *, gone: PixelDojoError) -> PixelDojoError:
    status = reply.status
    if status >= 500 or status in {408, 499}:
        return Unavailable(f"HTTP {status}")
    if status < 400:
        return UnreadableReply(f"it is HTTP {status}")
    return _client_error(reply, gone=gone)


def error_clues(reply: Reply, *, asked: Asked = NOTHING) -> Clues:
    """Collect what an error body says; a page of HTML says nothing. ``asked`` as `clues` has it."""
    try:
        return clues(read_json(reply.body), asked=asked)
    except UnreadableReply:
        plain = reply.body[:2000].decode("utf-8", "replace").strip()
    return clues(None if plain.startswith("<") else plain, asked=asked)


def _client_error(reply: Reply, *, gone: PixelDojoError, asked: Asked = NOTHING) -> PixelDojoError:
    status = reply.status
    if status == 429:
        return RateLimited(read_limit(status, reply.headers).retry_after)
    if status == 402:
        return OutOfCredits()
    if status == 401:
        return InvalidKey(status)
    found = error_clues(reply, asked=asked)
    if found.no_credits:
        return OutOfCredits()
    if found.bad_key:
        return InvalidKey(status)
    if isinstance(gone, ModelGone) and _says_no_model(found):
        return gone
    return _by_words(status, found, gone=ModelGone(proven=False) if isinstance(gone, ModelGone) else gone)


def _says_no_model(found: Clues) -> bool:
    if found.no_model_by_code:
        return True
    return not found.moderation and (found.no_model or (found.perhaps_no_model and not found.bad_input))


def _by_words(status: int, found: Clues, *, gone: PixelDojoError) -> PixelDojoError:
    if found.moderation or status == 451:
        return Refused(Failure.MODERATION, status=status)
    if status == 403:
        return InvalidKey(status)
    if status in {404, 410}:
        # Words such as "invalid" also describe a missing model; only a code makes it the request's fault.
        at_fault = not found.codes.isdisjoint({"invalid_request", "bad_request", "validation_error"})
        return Refused(Failure.BAD_INPUT, status=status) if at_fault else gone
    otherwise = Failure.BAD_INPUT if status in _MALFORMED else Failure.PROVIDER
    return Refused(classify_refusal(found, otherwise=otherwise), status=status)
