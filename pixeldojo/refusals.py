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

_REFUSING: Final = frozenset({400, 401, 402, 403, 404, 405, 406, 410, 411, 413, 414, 415, 422, 429, 431, 451})
"""What says plainly that a submission was not taken. Nothing else does: a redirect commonly follows a POST
that was, 409 may mean that it is there already, 408, 425 and 499 are of whoever stands in between."""
_OF_A_GATEWAY: Final = frozenset({403, 404, 405, 406, 410})
"""What a gateway says by itself of a path that it does not know just now, with a page of its own."""
_MALFORMED: Final = frozenset({411, 413, 414, 415, 422, 431})


def submission_error(reply: Reply, *, asked: Asked = NOTHING) -> PixelDojoError:
    """Return the error of a submission's reply that names no job; ``asked`` is what it asked for."""
    status = reply.status
    if status < 300:
        return Unanswered(f"HTTP {status} without a job id")
    if status not in _REFUSING or (status in _OF_A_GATEWAY and _is_page(reply)):
        return Unanswered(f"HTTP {status}")
    return _client_error(reply, gone=ModelGone(), asked=asked)


def read_asked(reply: Reply, *, gone: PixelDojoError) -> Json:
    """Return the JSON of an answered GET; ``gone`` is what a 404 means here.

    Raises
    ------
    UnreadableReply
        It is a redirect, no JSON, or too long (then ``skim`` may tell something of it).
    Unavailable
        It is cut off, or the provider is in trouble.
    PixelDojoError
        Every other status but 2xx.
    """
    if not 200 <= reply.status < 300:
        raise _asking_error(reply, gone=gone)
    if reply.flaw is Flaw.TOO_LONG:
        raise UnreadableReply("it is too long")
    try:
        # Of one that was cut off all may be there but the last chunk's end.
        return read_json(reply.body)
    except UnreadableReply:
        if reply.flaw is None:
            raise
    raise Unavailable("the reply was cut off")


def _asking_error(reply: Reply, *, gone: PixelDojoError) -> PixelDojoError:
    status = reply.status
    if status >= 500 or status in {408, 499}:
        return Unavailable(f"HTTP {status}")
    if status < 400:
        return UnreadableReply(f"it is HTTP {status}")
    if status in _OF_A_GATEWAY and not _is_json(reply):
        return Unavailable(f"HTTP {status} without a word of the API")
    return _client_error(reply, gone=gone)


def _is_json(reply: Reply) -> bool:
    try:
        return isinstance(read_json(reply.body), dict | list)
    except UnreadableReply:
        return False


def _is_page(reply: Reply) -> bool:
    return reply.body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


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
