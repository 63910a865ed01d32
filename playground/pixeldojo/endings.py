"""How a provider says that a model has ended, in the wordings of OpenAI and of resellers."""

from __future__ import annotations

from collections.abc import Callable

from playground.pixeldojo.catalogue import Json, Model
from playground.pixeldojo.jobs import Failure
from playground.pixeldojo.replies import ApiError

_CODE = "model_not_found"


def _deprecated(model: str) -> Json:
    """Return the upstream's error object, as it comes before and after an end."""
    link = "https://platform.openai.com/docs/deprecations"
    message = f"The model `{model}` has been deprecated, learn more here: {link}"
    return {"message": message, "type": "invalid_request_error", "param": None, "code": _CODE}


def _retired(model: str) -> str:
    """Return one sentence, as of a client's exception that was passed on."""
    return f"Error code: 404 - invalid_request_error: {model} was retired and is no longer accessible."


def _missing(model: str) -> list[Json]:
    """Return a list of one error: the upstream's sentence about a name that it never knew."""
    message = f"The model `{model}` does not exist or you do not have access to it."
    return [{"message": message, "type": "invalid_request_error", "param": "model", "code": _CODE}]


def _unsupported(_model: str) -> Json:
    """Return what a reseller says of an endpoint, one level deeper."""
    message = "This endpoint is no longer supported. Please choose another model."
    return {"detail": {"error": "EndpointDeprecated", "message": message}}


WORDINGS: dict[str, Callable[[str], object]] = {
    "object": _deprecated,
    "string": _retired,
    "list": _missing,
    "nested": _unsupported,
}


def job_failure(model: Model, wording: str) -> Failure:
    """Return why a job of an ended model failed."""
    return Failure(_CODE, f"{model.upstream} has ended.", told=WORDINGS[wording](model.upstream))


def run_refusal(model: Model, wording: str, status: int) -> ApiError:
    """Return the refusal of a run of an ended model that is still listed."""
    told = WORDINGS[wording](model.upstream)
    body = told if wording == "nested" else {"error": told}
    return ApiError(status, _CODE, f"{model.upstream} has ended.", body=body)
