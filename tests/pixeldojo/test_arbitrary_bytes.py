"""Whatever arrives, the parsers return a value or raise one of our errors."""

import json
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pixeldojo.bodies import build_body
from pixeldojo.errors import PixelDojoError, Unmapped
from pixeldojo.failures import classify_failure, clues
from pixeldojo.kinds import Failure, State
from pixeldojo.limits import LONGEST_PAUSE, read_limit
from pixeldojo.parameters import Parameters, read_parameters
from pixeldojo.replies import JobReply, Submitted
from pixeldojo.wire import MAX_CREDITS, Flaw, Json, Reply, moment, read_json, thousandths
from tests.pixeldojo.readers import JOB, READERS, STATUSES

# fmt: off
NAMES = st.sampled_from([
    "jobId", "id", "job", "data", "jobs", "models", "model", "status", "state", "output", "images",
    "image", "assets", "url", "error", "errors", "message", "code", "detail", "creditCost",
    "creditsRemaining", "expiresAt", "statusUrl", "apiId", "name", "capabilities", "default", "amount",
    "requestSchema", "properties", "enum", "anyOf", "$ref", "type", "minimum", "maximum", "required",
    "prompt", "input",
])
# fmt: on
# fmt: off
WORDS = st.sampled_from([
    "completed", "failed", "pending", JOB, "gpt-image-1-5-edit", "https://temp.pixeldojo.ai/a.png",
    "4.5", "moderation", "insufficient_credits", "2025-01-23T12:00:00Z", "..", "\ud800",
    "#/properties/prompt",
])
# fmt: on
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | WORDS
JSON = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(NAMES | st.text(max_size=4), inner, max_size=6)
    ),
    max_leaves=25,
)
OBJECTS = st.dictionaries(NAMES, JSON, max_size=8)
FLAWS = st.none() | st.sampled_from(list(Flaw))
HEADERS = st.dictionaries(
    st.sampled_from(
        ["retry-after", "date", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"]
    ),
    st.text(max_size=30)
    | st.sampled_from(["Thu, 23 Jan 2025 12:00:00 GMT", "nan", "-1", "1e9", "1737633600"]),
)
URL = "https://cdn.example/a.png"
SEVERAL = settings(max_examples=100, deadline=None)


def outcome(call: Callable[..., Any], *args: Any, **more: Any) -> Any:
    """What a call returns, or the error of ours that it raises; no other error passes."""
    try:
        return call(*args, **more)
    except PixelDojoError as error:
        return error


def check(value: Any) -> None:
    """What a parser returns holds to its own description."""
    if isinstance(value, PixelDojoError):
        assert value.__context__ is None
    if isinstance(value, Submitted | JobReply):
        assert 1 <= len(value.job_id) <= 200
        for amount in (value.credit_cost, value.credits_remaining):
            assert amount is None or 0 <= amount <= MAX_CREDITS * 1000
    if isinstance(value, JobReply):
        assert (value.failure is not None) == (value.state is State.FAILED)
        assert value.images or value.state is not State.COMPLETED


def read_all(reply: Reply) -> None:
    for reader in READERS.values():
        value = outcome(reader, reply)
        for each in value if isinstance(value, list) else [value]:
            check(each)


@SEVERAL
@given(st.sampled_from(STATUSES), HEADERS, st.binary(max_size=300), FLAWS)
def test_arbitrary_bytes_are_a_value_or_a_clear_error(
    status: int, headers: dict[str, str], body: bytes, flaw: Flaw | None
) -> None:
    read_all(Reply(status=status, headers=headers, body=body, flaw=flaw))


@SEVERAL
@given(st.sampled_from(STATUSES), HEADERS, OBJECTS | JSON)
def test_arbitrary_json_is_a_value_or_a_clear_error(status: int, headers: dict[str, str], told: Json) -> None:
    read_all(Reply(status=status, headers=headers, body=json.dumps(told).encode()))


@SEVERAL
@given(st.text(max_size=200) | st.recursive(st.just("1"), lambda inner: inner.map(lambda text: f"[{text}]")))
def test_arbitrary_text_reads_as_json_or_not(text: str) -> None:
    value = outcome(read_json, text.encode("utf-8", "surrogatepass"))
    assert isinstance(value, PixelDojoError) or json.dumps(value)


@SEVERAL
@given(JSON)
def test_arbitrary_amounts_and_moments_are_whole_or_absent(told: Json) -> None:
    for found in (thousandths(told), moment(told)):
        assert found is None or (type(found) is int and found >= 0)


@SEVERAL
@given(JSON)
def test_arbitrary_errors_have_a_kind_and_show_no_word(told: Json) -> None:
    assert classify_failure(told) in set(Failure)
    assert repr(clues(told)) == "Clues()"


@SEVERAL
@given(st.sampled_from(STATUSES), HEADERS)
def test_arbitrary_headers_make_a_sane_limit(status: int, headers: dict[str, str]) -> None:
    limit = read_limit(status, headers)
    assert limit.retry_after is None or 0 <= limit.retry_after <= LONGEST_PAUSE
    assert limit.refused == (status == 429)


@settings(max_examples=80, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["properties", "required"]) | NAMES, OBJECTS | JSON, max_size=3),
    st.dictionaries(NAMES, JSON),
)
def test_an_arbitrary_schema_builds_a_body_or_names_an_option(
    schema: dict[str, Json], options: dict[str, Any]
) -> None:
    chosen = {name: value for name, value in options.items() if type(value) in (str, int)}
    takes = outcome(read_parameters, schema)
    if not isinstance(takes, Parameters):
        assert takes is None or isinstance(takes, Unmapped)
        return
    built = outcome(build_body, prompt="a prompt", sources=[URL], options=chosen, takes=takes)
    assert isinstance(built, dict) or built.name in {"prompt", "sources", *chosen}
