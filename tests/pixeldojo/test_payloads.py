"""Each sample payload parses to the value, or raises the error, that ``expectations.json`` names."""

import json
from pathlib import Path
from typing import Any

import pytest

from pixeldojo import errors
from pixeldojo.wire import Reply
from tests.pixeldojo.readers import READERS, STATUSES, differences, plain

PAYLOADS = Path(__file__).parent / "payloads"
EXPECTED: dict[str, dict[str, Any]] = json.loads((PAYLOADS / "expectations.json").read_text())
FILES = sorted(str(path.relative_to(PAYLOADS)) for path in PAYLOADS.glob("*/*"))


def reply_of(name: str, *, status: int) -> Reply:
    headers = EXPECTED[name].get("headers", {})
    return Reply(status=status, headers=headers, body=(PAYLOADS / name).read_bytes())


def test_every_file_has_an_expectation_and_every_expectation_a_file() -> None:
    assert sorted(EXPECTED) == FILES


def test_at_least_twenty_payloads_are_malformed() -> None:
    assert sum(name.startswith("malformed/") for name in FILES) >= 20


@pytest.mark.parametrize("name", [name for name in FILES if "value" in EXPECTED[name]])
def test_a_payload_parses_to_what_is_expected_of_it(name: str) -> None:
    expected = EXPECTED[name]
    value = READERS[expected["reader"]](reply_of(name, status=expected["status"]))
    assert differences(expected["value"], plain(value)) == []


@pytest.mark.parametrize("name", [name for name in FILES if "error" in EXPECTED[name]])
def test_a_payload_raises_what_is_expected_of_it(name: str) -> None:
    expected = EXPECTED[name]
    with pytest.raises(errors.PixelDojoError) as caught:
        READERS[expected["reader"]](reply_of(name, status=expected["status"]))
    assert type(caught.value).__name__ == expected["error"]
    for attribute, value in expected.get("attributes", {}).items():
        assert getattr(caught.value, attribute) == value


@pytest.mark.parametrize("name", FILES)
def test_a_payload_in_the_wrong_place_is_a_value_or_a_clear_error(name: str) -> None:
    outcomes: list[str] = []
    for reader in READERS.values():
        for status in STATUSES:
            try:
                outcomes.append(repr(reader(reply_of(name, status=status))))
            except errors.PixelDojoError as error:
                outcomes.append(str(error))
    assert len(outcomes) == len(READERS) * len(STATUSES)
    assert all(outcomes)
