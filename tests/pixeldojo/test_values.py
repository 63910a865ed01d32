"""Credits, moments, names and links: read exactly, or left out."""

from typing import Any

import pytest

from pixeldojo.failures import classify_failure
from pixeldojo.kinds import Failure
from pixeldojo.replies import named_in
from pixeldojo.wire import link, moment, text, thousandths, token


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (4, 4000),
        (0, 0),
        (4.0, 4000),
        (0.1, 100),
        (2.675, 2675),
        (1e3, 1_000_000),
        ("4", 4000),
        (" 4.25 ", 4250),
        ("0.0004", 0),
        (1_000_000_000, 1_000_000_000_000),
        (1_000_000_001, None),
        (10**30, None),
        (1e300, None),
        (-1, None),
        (-0.5, None),
        ("-4", None),
        ("1e3", None),
        ("4,5", None),
        ("٤", None),
        ("1_000", None),
        ("", None),
        ("many", None),
        (float("nan"), None),
        (float("inf"), None),
        (True, None),
        (None, None),
        ([4], None),
        ({"amount": 4}, None),
    ],
)
def test_credits_are_thousandths_or_absent(told: Any, expected: int | None) -> None:
    assert thousandths(told) == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("2025-01-23T12:00:00Z", 1737633600000),
        ("2025-01-23T12:00:00.5Z", 1737633600500),
        ("2025-01-23T12:00:00", 1737633600000),
        ("2025-01-23T14:00:00+02:00", 1737633600000),
        (1737633600, 1737633600000),
        (1737633600.5, 1737633600500),
        (1737633600000, 1737633600000),
        ("9999-12-31T23:59:59-23:59", 253402387139000),
        ("0001-01-01T00:00:00+23:59", None),
        ("1969-12-31T23:59:59Z", None),
        ("tomorrow", None),
        (0, None),
        (-5, None),
        (1e30, None),
        (True, None),
        (None, None),
    ],
)
def test_moments_are_unix_milliseconds_or_absent(told: Any, expected: int | None) -> None:
    assert moment(told) == expected


@pytest.mark.parametrize("told", ["job_1", "a", "x" * 200, "a.b-c:d~e/f", "...a", 7])
def test_a_name_is_kept(told: Any) -> None:
    assert token(told) == str(told)


@pytest.mark.parametrize(
    "told", ["", ".", "..", "...", "a b", "a\n", "ü", "x" * 201, True, 1.5, None, ["a"], {}]
)
def test_what_is_no_name_is_left_out(told: Any) -> None:
    assert token(told) is None


@pytest.mark.parametrize(
    "told", ["ftp://x/a", "//x/a", "x", "https://", "https://a b", "https://a\\b", 5, None]
)
def test_what_is_no_link_is_left_out(told: Any) -> None:
    assert link(told) is None


def test_text_loses_what_cannot_be_stored_or_shown() -> None:
    assert text("a\x00b\ud800c\u202ed\ne") == "abcde"
    assert text("x" * 50, longest=10) == "x" * 10
    assert text(["x"]) == ""


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        ("Your request was rejected as a result of our safety system", Failure.MODERATION),
        ("This content may violate our policies", Failure.MODERATION),
        ({"code": "moderation_blocked"}, Failure.MODERATION),
        ({"message": "NSFW content detected"}, Failure.MODERATION),
        ([{"type": "x"}, {"reason": "public figure"}], Failure.MODERATION),
        ("Failed to download image 2", Failure.BAD_INPUT),
        ({"code": "image_parse_error", "message": "unsupported image"}, Failure.BAD_INPUT),
        ("image too large", Failure.BAD_INPUT),
        ({"type": "invalid_request_error", "message": "Something broke"}, Failure.PROVIDER),
        ("The model `gpt-image-1.5` has been deprecated, learn more here: https://x/y", Failure.MODEL_GONE),
        ("The model gpt-image-1.5 does not exist or you do not have access to it.", Failure.MODEL_GONE),
        ("`gpt-image-1.5` has been retired", Failure.MODEL_GONE),
        ("This endpoint is no longer supported. Use another.", Failure.MODEL_GONE),
        ("Upstream: this model is no longer accessible", Failure.MODEL_GONE),
        ("deprecated", Failure.MODEL_GONE),
        ("Deprecated model", Failure.MODEL_GONE),
        (["Model not found"], Failure.MODEL_GONE),
        (
            {
                "message": "The model `X` has been deprecated",
                "type": "invalid_request_error",
                "param": None,
                "code": "model_not_found",
            },
            Failure.MODEL_GONE,
        ),
        ({"detail": {"error": "EndpointDeprecated", "message": "Invalid request"}}, Failure.MODEL_GONE),
        ([{"errors": [{"data": {"code": "model_not_found"}}]}], Failure.MODEL_GONE),
        ("The value is no longer supported", Failure.BAD_INPUT),
        ("The image url is no longer accessible", Failure.PROVIDER),
        ("Invalid parameter: quality is deprecated for this model", Failure.BAD_INPUT),
        ("The model could not use the image: not found", Failure.PROVIDER),
        ("Worker lost. This model will be deprecated on 1 December", Failure.PROVIDER),
        ("Blocked by the safety system: a retired model", Failure.MODERATION),
        ("unique constraint violation on jobs_pkey", Failure.PROVIDER),
        ("timeout", Failure.PROVIDER),
        ({"code": "invalid_api_key"}, Failure.PROVIDER),
        ('could not run prompt "an nsfw safety moderator"', Failure.PROVIDER),
        (None, Failure.PROVIDER),
        ({}, Failure.PROVIDER),
        (7, Failure.PROVIDER),
        ({"prompt": "nsfw"}, Failure.PROVIDER),
    ],
)
def test_an_error_is_sorted_by_what_it_says_and_not_by_what_it_quotes(error: Any, failure: Failure) -> None:
    assert classify_failure(error) is failure


@pytest.mark.parametrize("name", ["jobId", "job_id", "id"])
def test_a_webhook_names_its_job(name: str) -> None:
    assert named_in(b'{"%s": "p1", "status": "completed"}' % name.encode()) == "p1"


NAMELESS = [b"", b"null", b"[]", b"not json", b"\xff\xfe", b'{"jobId": true}', b'{"jobId": "a b"}']
NAMELESS += [b'{"jobId": "' + b"x" * 5_000 + b'"}', b"[" * 30_000, b'{"jobId": {"id": 1}}']


@pytest.mark.parametrize("body", NAMELESS, ids=lambda body: repr(body[:20]))
def test_a_webhook_that_names_nothing_that_can_be_a_job_names_none(body: bytes) -> None:
    assert named_in(body) is None
