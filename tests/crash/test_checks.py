"""The checks themselves: each thing that must not be is made, and found."""

from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from storage.sqlite import FILE_NAME, open_writer, snapshot
from tests.crash.checks import CHECKS, look
from tests.crash.modes import FIRST, MODES
from tests.crash.scene import Seen
from tests.crash.touches import Order

RESULT = "d" * 64


def card(text: str, *, message_id: str = "77", files: tuple[tuple[str, str], ...] = ()) -> dict[str, Any]:
    return {
        "id": message_id,
        "content": "",
        "components": [{"type": 17, "components": [{"type": 10, "content": f"### {text}\n> what"}]}],
        "files": [{"filename": name, "sha256": sha} for name, sha in files],
    }


@pytest.fixture
def seen(tmp_path: Path) -> Seen:
    """A job that was done and delivered as it should be."""
    open_writer(tmp_path / FILE_NAME).close()
    job = {
        "id": "i1",
        "status": "done",
        "prompt": FIRST,
        "submitted_at": 5,
        "provider_job_id": "p1",
        "card_id": 77,
        "collected": 1,
        "reminded": 1,
        "note": None,
        "failure": None,
    }
    return Seen(
        mode=MODES["webhooks"],
        data=tmp_path,
        jobs=[job],
        images=[],
        entries=[
            {"id": 1, "job_id": "i1", "kind": "reserve", "spent": 0},
            {"id": 2, "job_id": "i1", "kind": "charge", "spent": 4000},
        ],
        notes=[],
        messages=[card("Done · 4 credits")],
        answered=frozenset({"i1"}),
        names=frozenset({"i1"}),
        posts=[{"body": {"prompt": FIRST, "webhook_url": "http://here/secret"}}],
        at_provider=[{"id": "p1", "prompt": FIRST}],
        books=[{"job": "p1", "cost": 4, "refunded": 0}],
        balances=[{"remaining": 96_000, "last_entry": 1, "committed": 4000}],
        drifts=[],
        refused=frozenset(),
        late=[],
        snapshots=partial(snapshot, tmp_path / FILE_NAME),
    )


def found(seen: Seen) -> dict[str, int]:
    tally = look(seen)
    return {name: getattr(tally, name) for name in CHECKS if getattr(tally, name)}


def with_result(seen: Seen, *, shown: str | None, kept: bytes | None) -> None:
    """Give the job a result: what is on its card, and what is on the disk."""
    name = "darkroom-i1-1.png"
    seen.images = [{"job_id": "i1", "role": "result", "position": 1, "name": name, "sha256": RESULT}]
    seen.messages = [card("Done · 4 credits", files=((name, shown),) if shown else ())]
    if kept is not None:
        folder = seen.data / "files" / RESULT[:2]
        folder.mkdir(parents=True)
        (folder / RESULT).write_bytes(kept)


def test_a_job_that_went_well_is_not_complained_of(seen: Seen) -> None:
    tally = look(seen)
    assert tally.findings == 0
    assert (tally.charged, tally.difference, tally.notes) == (4000, 0, [])


def test_a_second_request_is_found(seen: Seen) -> None:
    seen.posts *= 2
    assert found(seen)["double_submissions"] == 3, "too many for its prompt, too many in all, the same secret"


def test_a_second_job_at_the_provider_is_found(seen: Seen) -> None:
    seen.at_provider.append({"id": "p2", "prompt": FIRST})
    seen.books.append({"job": "p2", "cost": 4, "refunded": 0})
    tally = look(seen)
    assert tally.double_submissions == 1
    assert (tally.difference, tally.explained) == (4000, 0)


def test_a_hold_that_ended_twice_is_found(seen: Seen) -> None:
    seen.entries.append({"id": 3, "job_id": "i1", "kind": "release", "spent": 0})
    assert found(seen) == {"double_charges": 1}


def test_one_job_of_the_provider_for_two_of_ours_is_found(seen: Seen) -> None:
    seen.jobs.append({**seen.jobs[0], "id": "i2", "card_id": 78})
    seen.messages.append(card("Done · 4 credits", message_id="78"))
    assert found(seen) == {"double_charges": 1, "mismatched": 1}


def test_another_price_than_the_providers_is_found(seen: Seen) -> None:
    seen.books[0]["cost"] = 5
    tally = look(seen)
    assert (tally.mismatched, tally.difference, tally.explained) == (1, 1000, 0)


@pytest.mark.parametrize("status", ["queued", "submitting", "running", "delivering"])
def test_a_job_that_does_not_end_is_found(seen: Seen, status: str) -> None:
    seen.jobs[0]["status"] = status
    assert found(seen)["lost"] == 1


def test_a_card_without_a_row_is_found(seen: Seen) -> None:
    seen.answered |= {"i2"}
    assert found(seen) == {"lost": 1}


def test_a_job_that_failed_for_nothing_is_found(seen: Seen) -> None:
    seen.jobs[0] |= {"status": "failed", "failure": "internal"}
    assert found(seen)["lost"] == 1


def test_an_unknown_job_is_found_only_where_the_provider_could_name_it(seen: Seen) -> None:
    seen.jobs[0] |= {"status": "unknown", "provider_job_id": None}
    seen.entries.pop()
    seen.messages = [card("Contact lost")]
    assert found(seen) == {"lost": 1}
    seen.mode = MODES["silent"]
    tally = look(seen)
    assert tally.findings == 0
    assert (tally.unknown, tally.difference, tally.explained) == (1, 4000, 4000)


def test_a_result_on_two_messages_is_found(seen: Seen) -> None:
    with_result(seen, shown=RESULT, kept=None)
    seen.messages.append({**deepcopy(seen.messages[0]), "id": "78"})
    seen.notes.append({"message_id": 78})
    assert found(seen)["twice"] == 1


def test_a_result_that_is_nowhere_is_found_unless_it_waits_under_jobs(seen: Seen) -> None:
    with_result(seen, shown=None, kept=None)
    assert found(seen)["never"] == 2, "neither shown nor kept"
    seen.jobs[0]["collected"] = 0
    assert found(seen)["never"] == 1, "not kept"


def test_other_bytes_than_the_providers_are_found_unless_they_are_re_encoded(seen: Seen) -> None:
    with_result(seen, shown="e" * 64, kept=b"something else")
    assert found(seen) == {"never": 2}
    seen.jobs[0]["note"] = "reencoded"
    assert found(seen) == {"never": 1}


def test_a_ledger_that_cannot_be_read_is_found(seen: Seen) -> None:
    (seen.data / FILE_NAME).unlink()
    assert found(seen) == {"ledger": 1}


@pytest.mark.parametrize("text", ["Running", "Queued · 0 ahead", "Failed"])
def test_a_card_that_says_something_else_is_found(seen: Seen, text: str) -> None:
    seen.messages = [card(text)]
    assert found(seen) == {"cards": 1}


def test_a_missing_card_and_a_stray_one_are_found(seen: Seen) -> None:
    seen.messages = [card("Done · 4 credits", message_id="78")]
    assert found(seen) == {"cards": 2}


def test_a_drift_that_the_ledger_does_not_bear_out_is_found(seen: Seen) -> None:
    seen.balances.append({"remaining": 92_000, "last_entry": 2, "committed": 4000})
    assert found(seen) == {}
    seen.balances[1]["last_entry"] = 1
    assert found(seen) == {"drift": 1}
    seen.drifts = [{"amount": 4000}]
    assert found(seen) == {}


def test_a_request_of_a_process_that_was_not_to_send_any_more_is_found(seen: Seen) -> None:
    seen.late = ["process 7 sent it"]
    assert found(seen) == {"late": 1}


def test_a_refusal_of_what_became_a_job_all_the_same_is_found(seen: Seen) -> None:
    seen.refused = frozenset({"i1", "i2"})
    seen.answered |= {"i2"}
    assert found(seen) == {"cards": 1}, "i2 was told that there is no job, and there is none"


def test_an_order_reads_what_it_writes() -> None:
    for text in (
        "after sending POST /api/v1/models/~/run#3",
        "#17",
        "reading PATCH /a/#/b/##2",
        "stop@#3",
        "cut@before x#1",
    ):
        assert str(Order.read(text)) == text
    mine = "before sending GET /api/v10/users/@me#1"
    assert Order.read(mine) == Order(1, mine.removesuffix("#1")), "an address may have an @, too"
    assert Order.read(f"stop@{mine}") == Order(1, mine.removesuffix("#1"), "stop")
    for text in ("nothing", "#", "x#0", "x#y"):
        with pytest.raises(ValueError, match="is not label#number"):
            Order.read(text)
