"""A job's life as values: moves, sets of statuses, and what a repr may say."""

import pytest

from domain.errors import Reason, Refusal
from domain.images import Image, Role
from domain.job import HELD, MOVES, OPEN, Card, Job, Kind, Origin, Status
from domain.options import Options

ENDS = {Status.DONE, Status.FAILED, Status.CANCELLED}


def test_the_moves_are_those_of_the_design() -> None:
    assert {
        status.value: sorted(move.value for move in moves) for status, moves in MOVES.items() if moves
    } == {
        "queued": ["cancelled", "failed", "submitting"],
        "submitting": ["failed", "queued", "running", "unknown"],
        "unknown": ["failed", "queued", "running"],
        "running": ["delivering", "failed"],
        "delivering": ["done", "failed"],
    }


def test_every_status_has_its_moves_and_only_an_end_has_none() -> None:
    assert MOVES.keys() == set(Status)
    assert {status for status, moves in MOVES.items() if not moves} == ENDS
    assert set(Status) - ENDS == OPEN


def test_every_job_can_reach_an_end() -> None:
    for status in Status:
        seen, waiting = {status}, [status]
        while waiting:
            further = MOVES[waiting.pop()] - seen
            seen |= further
            waiting.extend(further)
        assert seen & ENDS


def test_a_reserve_is_held_until_the_images_are_on_disk() -> None:
    assert OPEN - {Status.DELIVERING} == HELD


@pytest.mark.parametrize("status", Status)
def test_money_moves_only_once_on_any_way_through_a_life(status: Status) -> None:
    """Whatever leaves HELD never comes back to it."""
    if status not in HELD:
        assert not MOVES[status] & HELD


def test_a_repr_names_the_job_and_nothing_private() -> None:
    job = Job(
        id="i1",
        kind=Kind.EDIT,
        origin=Origin.COMMAND,
        guild_id=1,
        channel_id=2,
        member_id=3,
        model="m",
        prompt="my private wish",
        options=Options(),
        status=Status.QUEUED,
        reserved=4_000,
        created_at=0,
        card=Card(token="interaction-token"),
        secret="webhook-secret",
    )
    assert repr(job) == "<Job i1 queued>"
    assert "interaction-token" not in repr(job.card)


def test_the_repr_of_an_image_has_no_signed_address() -> None:
    image = Image(job_id="i1", role=Role.SOURCE, position=1, name="a.png", url="https://cdn/x?hm=signature")
    assert repr(image) == "<Image i1 source 1>"


def test_a_refusal_carries_its_reason_and_values() -> None:
    refusal = Refusal(Reason.TOO_LARGE, name="a.png", limit_mb=50)
    assert (refusal.reason, dict(refusal.values)) == (Reason.TOO_LARGE, {"name": "a.png", "limit_mb": 50})
    assert str(refusal) == "too_large"
