"""Which words end a model for everybody, and which are about something else, somebody's own, or passing."""

from typing import Any

import pytest

from pixeldojo.echoes import Asked
from pixeldojo.failures import classify_failure
from pixeldojo.kinds import Failure

MODEL = "gpt-image-1-5-edit"
GONE: dict[str, Any] = {
    "nested": {"detail": {"error": "EndpointDeprecated", "message": "This endpoint is no longer supported."}},
    "deep": {"error": {"response": {"upstream": {"code": "model_not_found"}}}},
    "JSON as text": '{"error":{"code":"model_not_found","message":"gone"}}',
    "JSON behind words": 'Upstream error 404: {"error":{"message":"The model `x` has been deprecated"}}',
    "quoted whole": '"The model gpt-image-1.5 has been deprecated"',
    "as Python prints it": "404 - {'error': {'message': 'The model `gpt-image-1.5` does not exist'}}",
    "image model": "The image model gpt-image-1.5 has been retired",
    "named only": "Image generation with gpt-image-1.5 is no longer supported",
    "shut down": "The model gpt-image-1.5 has been shut down",
    "end of life": "This model version has reached the end of its life",
    "turned off": "gpt-image-1.5 was turned off",
    "unsupported": "Unsupported model: gpt-image-1.5",
    "not supported": "Model gpt-image-1.5 is not supported",
    "by its id": "gpt-image-1-5-edit is not a valid model ID",
    "in capitals": {"code": "ModelNotFound", "message": "gpt-image-1.5"},
    "by parameter": {
        "message": "Invalid value: 'gpt-image-1.5'. Supported values are: 'gpt-image-2'.",
        "type": "invalid_request_error",
        "param": "model",
        "code": "invalid_value",
    },
    "a code beside a policy": {
        "code": "model_not_found",
        "message": "The model has been deprecated. See our usage policies.",
    },
    "a notice alone": "gpt-image-1.5 is deprecated. Use gpt-image-2 instead",
}
NOT_GONE: dict[str, Any] = {
    "a parameter": "input_fidelity is deprecated for this model",
    "a parameter first": "For this model, input_fidelity is no longer supported",
    "a value": "transparent is no longer supported",
    "a resolution": "resolution 1024x1024 is no longer supported",
    "an address": "https://cdn.example/1/cat.png?ex=6 is no longer accessible",
    "an address that speaks": "Invalid image file: https://cdn.example/1/this_model_is_deprecated.png",
    "a file that speaks": "Could not download the model is retired.png",
    "a feature": "This feature is no longer available on your tier",
    "a worker": "Worker is no longer available, please retry",
    "a session": "Session no longer exists",
    "a region": "The model is not available in this region",
    "a load": "The model is overloaded",
    "for a moment": {"code": "model_unavailable", "message": "The model is temporarily unavailable, retry"},
    "being loaded": "Model not found in cache, loading; retry in 30s",
    "a host": "The deployment could not be found on a host.\n\nDEPLOYMENT_NOT_FOUND\n\nsin1::abc-123",
    "what will be": "The model will be retired on 1 December. Your image is invalid.",
    "a notice beside a fault": ["Invalid image: cannot decode", "Note: model gpt-image-1.5 is deprecated"],
    "a warning beside a fault": {
        "message": "Could not decode the image",
        "detail": "Deprecated: gpt-image-1.5",
    },
    "the screening's own model": {
        "code": "moderation_blocked",
        "message": "Rejected by model omni (deprecated)",
    },
    "a plan": "The model is no longer available for your plan",
    "a job": "Job not found",
    "the request in the error": {"message": "Failed", "request": {"prompt": "the model has been retired"}},
}
PROMPT = "the model has been retired, a man on a beach: photo, golden hour"
ECHOES = {
    "whole": (PROMPT, f"Generation failed for: {PROMPT}"),
    "cut": (PROMPT, f"Generation failed for: {PROMPT[:26]}..."),
    "cut in a word": (PROMPT, f"Generation failed for: {PROMPT[:21]}"),
    "twice": (PROMPT, f"Generation of {PROMPT} failed. Input was: {PROMPT}"),
    "escaped": ("Don't: the model has been retired", "Failed for: Don&#x27;t: the model has been retired"),
    "collapsed": (
        "A  photo\nof how the  model has been retired",
        "Failed: A photo of how the model has been retired",
    ),
    "its end": ("Paint the sky, the model has been retired", "Failed: Paint…model has been retired"),
    "another form": (
        "Café where the model has been retired",
        "Failed: Cafe\u0301 where the model has been retired",
    ),
    "short": ("retired model", "Could not do it: retired model"),
}


@pytest.mark.parametrize("kind", GONE)
def test_what_is_said_of_the_model_ends_it(kind: str) -> None:
    assert classify_failure(GONE[kind], asked=Asked("a cat", MODEL)) is Failure.MODEL_GONE


@pytest.mark.parametrize("kind", NOT_GONE)
def test_what_is_said_of_anything_else_does_not(kind: str) -> None:
    assert classify_failure(NOT_GONE[kind], asked=Asked("a cat", MODEL)) is not Failure.MODEL_GONE


@pytest.mark.parametrize("kind", ECHOES)
def test_no_member_ends_a_model_by_what_they_ask_for(kind: str) -> None:
    prompt, error = ECHOES[kind]
    assert classify_failure(error, asked=Asked(prompt, MODEL)) is Failure.PROVIDER
    if kind != "cut in a word":
        assert classify_failure(error, asked=Asked("a cat", MODEL)) is Failure.MODEL_GONE, (
            "it says nothing at all"
        )
