"""What can go wrong between us and the provider.

::

    PixelDojoError
    ├── OptionError          the body cannot be built; nothing was sent
    │   ├── UnknownOption        the model has no such option
    │   ├── InvalidOption        the value is outside what the model takes
    │   └── Unmapped             the model asks for something that no request has
    ├── Unavailable          submitting: nothing was sent; asking: no usable answer. Try again later
    ├── Unanswered           submitting: sent, outcome unknown. Never submit again by itself
    ├── RateLimited          429 without a job id: not accepted, may be sent again later
    ├── Refused              the provider will not run this request; ``failure`` says why
    ├── OutOfCredits         the key has too few credits
    ├── InvalidKey           the provider does not accept the key
    ├── ModelGone            the provider has no such model (any more)
    ├── JobDenied            the provider's own error about a job, which does not name it: weak evidence
    ├── UnreadableReply      asking: an answer of a shape that nobody knows
    └── FetchError           a file could not be fetched
        ├── FetchRefused         the address, scheme or redirect is not allowed
        ├── FetchTooLarge        more bytes than allowed
        ├── FetchFailed          cut, timed out, or answered with another status
        └── ResultGone           403, 404 or 410: expired or deleted

After any of them but ``Unanswered`` a submitted request is known not to have been accepted. The text,
``repr`` and ``args`` of all of them are written here: they never hold the key, a prompt, a URL or a
word that the provider sent, because error bodies echo prompts. For the same reason they are raised
outside ``except`` blocks: no ``__context__`` leads to an aiohttp error that holds a URL.
"""

from pixeldojo.kinds import Failure


class PixelDojoError(Exception):
    """The root of all errors of this package."""


class OptionError(PixelDojoError):
    """A body cannot be built from these options; nothing was sent. ``name`` is a role or an option."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.name = name


class UnknownOption(OptionError):
    """The model has no option of this ``name``."""

    def __init__(self, name: str) -> None:
        super().__init__(name, f"the model has no option {name!r}")


class InvalidOption(OptionError):
    """The ``value`` of the option ``name`` is outside what the model takes.

    For ``prompt`` and ``sources`` the value is a length, never the text itself.
    """

    def __init__(self, name: str, value: str | int) -> None:
        shown = value if isinstance(value, int) else value[:40]
        super().__init__(name, f"the model does not take {shown!r} as {name!r}")
        self.value = value


class Unmapped(OptionError):
    """The model's schema asks for a property of this ``name``, which nothing fills."""

    def __init__(self, name: str) -> None:
        super().__init__(name, f"nothing fills the field {name[:60]!r} that the model asks for")


class Unavailable(PixelDojoError):
    """Submitting: the request never left. Asking: there was no usable answer."""

    def __init__(self, cause: str) -> None:
        super().__init__(f"the provider cannot be used right now ({cause})")
        self.cause = cause


class Unanswered(PixelDojoError):
    """The submission was sent, but nobody knows whether the provider took it."""

    def __init__(self, cause: str) -> None:
        super().__init__(f"the submission was sent, but its outcome is unknown ({cause})")
        self.cause = cause


class RateLimited(PixelDojoError):
    """Too many requests; the provider asked for a pause of ``retry_after`` seconds, or said nothing."""

    def __init__(self, retry_after: float | None) -> None:
        pause = "" if retry_after is None else f"; it asks for {retry_after:g} s of silence"
        super().__init__(f"the provider's request limit was reached{pause}")
        self.retry_after = retry_after


class Refused(PixelDojoError):
    """The provider will not run this request."""

    def __init__(self, failure: Failure, *, status: int) -> None:
        super().__init__(f"the provider refused the request ({failure.value}, HTTP {status})")
        self.failure = failure
        self.status = status


class OutOfCredits(PixelDojoError):
    """The key has too few credits for this request."""

    def __init__(self) -> None:
        super().__init__("the provider's balance is too low for this request")


class InvalidKey(PixelDojoError):
    """The provider does not accept the key."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the provider does not accept the API key (HTTP {status})")
        self.status = status


class ModelGone(PixelDojoError):
    """The provider has no such model; not ``proven`` by a 404 that says nothing of models."""

    def __init__(self, *, proven: bool = True) -> None:
        super().__init__("the provider does not offer this model")
        self.proven = proven


class JobDenied(PixelDojoError):
    """The provider's API says, in JSON of its own, that there is no such job, or something is wrong with it.

    It does not say so of the job by its name: a job may show only in a while, and a part of the API may be
    away. So it counts only when it is said again and again.
    """

    def __init__(self) -> None:
        super().__init__("the provider denies this job, without naming it")


class UnreadableReply(PixelDojoError):
    """The provider answered, but not in a shape that can be read."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"the provider's reply cannot be read: {problem}")
        self.problem = problem


class FetchError(PixelDojoError):
    """A file could not be fetched."""


class FetchRefused(FetchError):
    """The address, the scheme or a redirect is not allowed."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"this address is not fetched: {problem}")
        self.problem = problem


class FetchTooLarge(FetchError):
    """The file has more bytes than allowed."""

    def __init__(self, max_bytes: int) -> None:
        super().__init__(f"the file is larger than {max_bytes} bytes")
        self.max_bytes = max_bytes


class FetchFailed(FetchError):
    """The file did not arrive whole: cut, too slow, or another HTTP ``status`` than 200."""

    def __init__(self, cause: str, *, status: int | None = None) -> None:
        super().__init__(f"the file could not be fetched ({cause})")
        self.cause = cause
        self.status = status


class ResultGone(FetchError):
    """The file is not there any more."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the file is gone (HTTP {status})")
        self.status = status
