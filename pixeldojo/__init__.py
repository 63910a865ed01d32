"""A client of the PixelDojo image API, usable on its own.

Three layers: ``wire`` and what builds on it (``failures``, ``limits``, ``refusals``, ``replies``,
``catalogue``, ``parameters``, ``bodies``) turn bytes into values without any I/O; ``transport`` and
``download`` move bytes; ``client`` joins them. Every error is in ``errors``.
"""

from pixeldojo.addresses import guarded_session
from pixeldojo.bodies import build_body
from pixeldojo.builtin import BUILTIN_MODELS, builtin_cost, builtin_schema
from pixeldojo.catalogue import Catalogue, ModelDescription, ModelEntry
from pixeldojo.client import PixelDojo
from pixeldojo.download import Fetched, download
from pixeldojo.errors import (
    FetchError,
    FetchFailed,
    FetchRefused,
    FetchTooLarge,
    InvalidKey,
    InvalidOption,
    JobDenied,
    ModelGone,
    OptionError,
    OutOfCredits,
    PixelDojoError,
    RateLimited,
    Refused,
    ResultGone,
    Unanswered,
    Unavailable,
    UnknownOption,
    Unmapped,
    UnreadableReply,
)
from pixeldojo.files import PART_SUFFIX
from pixeldojo.kinds import Failure, State
from pixeldojo.limits import RateLimit
from pixeldojo.parameters import Parameter, Parameters, read_parameters
from pixeldojo.replies import Echo, JobReply, Submitted
from pixeldojo.urls import UrlRule
from pixeldojo.wire import Json

__all__ = [
    "BUILTIN_MODELS",
    "PART_SUFFIX",
    "Catalogue",
    "Echo",
    "Failure",
    "FetchError",
    "FetchFailed",
    "FetchRefused",
    "FetchTooLarge",
    "Fetched",
    "InvalidKey",
    "InvalidOption",
    "JobDenied",
    "JobReply",
    "Json",
    "ModelDescription",
    "ModelEntry",
    "ModelGone",
    "OptionError",
    "OutOfCredits",
    "Parameter",
    "Parameters",
    "PixelDojo",
    "PixelDojoError",
    "RateLimit",
    "RateLimited",
    "Refused",
    "ResultGone",
    "State",
    "Submitted",
    "Unanswered",
    "Unavailable",
    "UnknownOption",
    "Unmapped",
    "UnreadableReply",
    "UrlRule",
    "build_body",
    "builtin_cost",
    "builtin_schema",
    "download",
    "guarded_session",
    "read_parameters",
]
