"""What Discord's errors mean for the ladder, and what keeps a message from being sent twice."""

from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import pytest

from adapters.known_again import nonce_of, shows
from adapters.trouble import classify
from domain.job import Rung
from jobs.delivery.ports import CardGone, MessengerError, MessengerTrouble, Oversize, RungBroken
from pixeldojo.transport import Withheld
from tests.storage.rows import a_job
from ui.cards import mark_of

BY_STATUS = {401: discord.HTTPException, 403: discord.Forbidden, 404: discord.NotFound}


def http_error(status: int, code: int = 0, **headers: str) -> discord.HTTPException:
    kind = BY_STATUS.get(status, discord.DiscordServerError if status >= 500 else discord.HTTPException)
    reply = SimpleNamespace(status=status, reason="no", headers=headers)
    return kind(reply, {"code": code, "message": "no"})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (401, 50027),
        (404, 10015),
        (404, 10003),
        (403, 50001),
        (403, 50013),
        (403, 50007),
        (403, 40009),
        (400, 40009),
        (403, 160009),
        (404, 10062),
        (400, 50035),
        (400, 0),
    ],
)
def test_a_way_that_leads_nowhere_leaves_the_next(status: int, code: int) -> None:
    assert type(classify(http_error(status, code))) is RungBroken


def test_a_card_that_somebody_deleted_is_told_from_a_way_that_is_closed() -> None:
    assert type(classify(http_error(404, 10008))) is CardGone


@pytest.mark.parametrize(("status", "code"), [(413, 0), (413, 40005), (400, 40005)])
def test_what_is_too_large_is_packed_smaller(status: int, code: int) -> None:
    assert type(classify(http_error(status, code))) is Oversize


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_discords_own_trouble_may_end(status: int) -> None:
    assert type(classify(http_error(status))) is MessengerTrouble


@pytest.mark.parametrize(
    "error",
    [
        aiohttp.ClientError(),
        aiohttp.ServerDisconnectedError(),
        TimeoutError(),
        OSError(),
        discord.RateLimited(60.0),
        discord.DiscordException(),
        # Whoever works by now brings it: no way is closed.
        Withheld(),
    ],
)
def test_trouble_on_the_way_there_may_end(error: BaseException) -> None:
    assert type(classify(error)) is MessengerTrouble


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("12", 12.0),
        ("0.2", 1.0),
        ("9999", 300.0),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 5.0),
        ("", 5.0),
        ("nan", 1.0),
        ("inf", 300.0),
    ],
)
def test_a_pause_that_discord_asks_for_is_kept_within_reason(header: str, seconds: float) -> None:
    error = classify(http_error(429, **{"Retry-After": header}))
    assert isinstance(error, MessengerTrouble)
    assert error.retry_after == seconds


def test_without_a_word_about_it_the_pause_is_five_seconds() -> None:
    error = classify(http_error(503))
    assert isinstance(error, MessengerTrouble)
    assert error.retry_after == 5.0


@pytest.mark.parametrize("error", [RungBroken(), Oversize(), MessengerTrouble(7.0)])
def test_what_is_understood_already_stays(error: MessengerError) -> None:
    assert classify(error) is error


def test_a_card_that_discord_calls_a_bad_request_is_told_without_its_contents(
    caplog: pytest.LogCaptureFixture,
) -> None:
    classify(http_error(400, 50035))
    assert "50035" in caplog.text


LONGEST = f"r{'9' * 20}-{'9' * 20}-{'9' * 9}"
PURPOSES = [*Rung, "reminder", "part 2", "part 3", "channel done", "channel queued"]


@pytest.mark.parametrize("job_id", ["i1", LONGEST])
def test_a_nonce_fits_and_is_the_same_for_the_same_message_alone(job_id: str) -> None:
    job = a_job(job_id)
    nonces = [nonce_of(job.id, purpose) for purpose in PURPOSES]
    assert all(1 <= len(nonce) <= 25 for nonce in nonces)
    assert len(set(nonces)) == len(PURPOSES)
    assert nonces == [nonce_of(a_job(job_id, prompt="another").id, purpose) for purpose in PURPOSES]
    assert nonce_of(a_job("i2").id, Rung.CHANNEL) not in nonces


def part(component_id: int, *children: Any, custom_id: str | None = None) -> Any:
    return SimpleNamespace(id=component_id, custom_id=custom_id, children=list(children))


def test_a_card_is_recognised_by_its_mark() -> None:
    assert shows([part(mark_of("i1"), part(2)), part(3)], "i1")
    assert not shows([part(mark_of("i1"), part(2)), part(3)], "i2")


def test_a_card_is_recognised_by_a_button_however_deep_it_is() -> None:
    row = part(3, part(4, custom_id="dr:reroll:i1"), part(5, custom_id="dr:delete:i1"))
    assert shows([part(1, part(2, row))], "i1")
    assert not shows([part(1, part(2, row))], "i11")


def test_a_reminder_is_not_taken_for_the_card_that_it_replies_to() -> None:
    assert not shows([part(1), part(2, part(3, custom_id="dr:hush:i1"))], "i1")
