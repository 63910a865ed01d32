"""The acceptance: what can be refused without a download is refused at once, and leaves no trace."""

import time
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.allowances import Ceilings
from domain.errors import Reason, Refusal
from domain.job import Job, Kind, Origin, Status
from domain.limits import MAX_PROMPT, MAX_SOURCE_BYTES, MIB, MIN_PROMPT
from domain.options import Options
from domain.request import NewSource, Request
from domain.text import BLANK, is_blank
from jobs.accept import Acceptance, Accepted, checked_prompt
from storage import images
from storage.errors import Late, Unusable
from storage.in_time import LATE, SINCE_ASKED
from tests.jobs.process import CDN
from tests.jobs.simulation import ANN, BEN, GUILD, Simulation

SOURCE = NewSource(name="cat.png", url=f"{CDN}/a/cat.png?ex=70000000", media_type="image/png", size=100)


def a_request(event: str = "i1", **values: Any) -> Request:
    given: dict[str, Any] = {
        "kind": Kind.EDIT,
        "origin": Origin.COMMAND,
        "guild_id": GUILD,
        "channel_id": 5,
        "member_id": ANN,
        "role_ids": (),
        "prompt": "Make it blue",
        "options": Options(),
        "sources": (SOURCE,),
        "attachment_limit": 10 * MIB,
    }
    return Request(event=event, **(given | values))


def accept(sim: Simulation, acceptance: Acceptance | None = None, **values: Any) -> Accepted:
    accepted = sim.run((acceptance or sim.bot.parts.acceptance).accept(a_request(**values)))
    assert accepted is not None
    return accepted


def refusal_of(sim: Simulation, acceptance: Acceptance | None = None, **values: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        accept(sim, acceptance, **values)
    assert sim.jobs() == []
    assert sim.bot.database.tx.execute("SELECT COUNT(*) FROM entries").fetchone() == (0,)
    assert sim.bot.database.tx.execute("SELECT COUNT(*) FROM images").fetchone() == (0,)
    return caught.value


def test_what_was_asked_too_long_ago_is_not_accepted_any_more(sim: Simulation) -> None:
    """Its member was told that the bot did not respond, and asks again."""
    now = time.monotonic()
    assert refusal_of(sim, arrived=now - SINCE_ASKED - 0.1).reason is Reason.TOO_SLOW
    assert accept(sim, arrived=now).new


def test_a_database_that_had_no_time_left_is_not_called_unusable(
    sim: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def late(*_: object, **__: object) -> None:
        raise Late(LATE)

    monkeypatch.setattr("jobs.accept.run_in_time", late)
    for ago, reason in ((2.0, Reason.TOO_SLOW), (0.0, Reason.STORAGE_FULL), (None, Reason.STORAGE_FULL)):
        arrived = None if ago is None else time.monotonic() - ago
        assert refusal_of(sim, arrived=arrived).reason is reason


def a_desk(sim: Simulation, **values: Any) -> Acceptance:
    given: dict[str, Any] = {
        "database": sim.bot.database,
        "clock": sim.clock,
        "models": sim.bot.parts.models,
        "ceilings": Ceilings(),
        "cdn_origins": [CDN],
        "engine": sim.bot.parts.engine,
        "storing": sim.bot.parts.storing,
    }
    return Acceptance(**(given | values))


def test_what_is_accepted_is_a_queued_job_with_its_reserve_and_sources(sim: Simulation) -> None:
    accepted = accept(sim, options=Options(count=3), token="t", token_expires_at=7, parent_id="i0")
    job: Job = sim.job("i1")
    assert accepted.new
    assert accepted.job == job
    assert (job.status, job.reserved, job.card.token, job.parent_id) == (Status.QUEUED, 12_000, "t", "i0")
    assert not job.sources_ready
    assert sim.held(ANN) == 12_000
    assert tuple(sim.look(images.of_job, job.id)) == accepted.sources
    assert job.id != "i1"
    assert accepted.sources[0].url_expires_at == 0x70000000 * 1000


def test_an_event_that_repeats_is_accepted_once(sim: Simulation) -> None:
    first = accept(sim)
    again = accept(sim, prompt="something else", member_id=BEN)
    assert (again.new, again.job) == (False, first.job)
    assert sim.held(ANN) == 4_000
    assert sim.held(BEN) == 0


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"missing_permissions": ("Attach Files", "Send Messages")}, Reason.MISSING_PERMISSION),
        ({"prompt": " \n\t "}, Reason.PROMPT_BLANK),
        ({"prompt": "x"}, Reason.PROMPT_TOO_SHORT),
        ({"prompt": "x\u2800\u3164"}, Reason.PROMPT_TOO_SHORT),
        ({"prompt": "\u2800\u2800\u2800"}, Reason.PROMPT_BLANK),
        ({"prompt": "\ufe0f\ufe0f\u0301"}, Reason.PROMPT_BLANK),
        ({"prompt": "\u200b\u202e\u2066 \u200d"}, Reason.PROMPT_BLANK),
        ({"prompt": "x" * (MAX_PROMPT + 1)}, Reason.PROMPT_TOO_LONG),
        ({"sources": ()}, Reason.NO_IMAGE),
        ({"sources": (SOURCE,) * 9}, Reason.TOO_MANY_IMAGES),
        ({"model": "dall-e"}, Reason.NO_MODEL),
        ({"model": "gpt-image-1-5"}, Reason.NO_MODEL),
        ({"model": "gpt-image-2-edit", "options": Options(fidelity="low")}, Reason.OPTION_UNSUPPORTED),
        ({"options": Options(count=5)}, Reason.VALUE_NOT_TAKEN),
        ({"options": Options(size="1x1")}, Reason.VALUE_NOT_TAKEN),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(sim: Simulation, values: Any, reason: Reason) -> None:
    assert refusal_of(sim, **values).reason is reason


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"size": MAX_SOURCE_BYTES + 1}, Reason.TOO_LARGE),
        ({"width": 30_000, "height": 30_000}, Reason.TOO_MANY_PIXELS),
        ({"url": "https://evil.example/a.png"}, Reason.URL_NOT_ALLOWED),
        ({"url": "https://cdn.discordapp.com.evil.example/a.png"}, Reason.URL_NOT_ALLOWED),
        ({"url": "https://cdn.discordapp.com@evil.example/a.png"}, Reason.URL_NOT_ALLOWED),
        ({"url": "http://cdn.discordapp.com/a.png"}, Reason.URL_NOT_ALLOWED),
        ({"url": "https://cdn.discordapp.com:444/a.png"}, Reason.URL_NOT_ALLOWED),
        ({"url": "https://127.0.0.1/a.png"}, Reason.URL_NOT_ALLOWED),
        ({"url": "file:///etc/passwd"}, Reason.URL_NOT_ALLOWED),
        ({"url": ""}, Reason.URL_NOT_ALLOWED),
    ],
)
def test_a_source_that_says_of_itself_what_cannot_be_is_refused_by_its_name(
    sim: Simulation, values: Any, reason: Reason
) -> None:
    given = {"name": "second.png", "url": SOURCE.url} | values
    refusal = refusal_of(sim, sources=(SOURCE, NewSource(**given)))
    assert (refusal.reason, refusal.values["name"]) == (reason, "second.png")


@pytest.mark.parametrize(
    "media_type", ["image/png", "IMAGE/JPEG", "image/webp; x=y", "image/heic", "application/x-tar", None, ""]
)
def test_a_claimed_type_decides_nothing(sim: Simulation, media_type: str | None) -> None:
    source = NewSource(name="a", url=SOURCE.url, media_type=media_type)
    assert accept(sim, sources=(source,)).new


def test_generating_needs_no_source_and_is_ready_at_once(sim: Simulation) -> None:
    job = accept(sim, kind=Kind.GENERATE, sources=()).job
    assert job.sources_ready
    assert job.model == "gpt-image-1-5"


def test_nothing_is_accepted_while_the_bot_stops(sim: Simulation) -> None:
    sim.bot.parts.engine.open = False
    assert refusal_of(sim).reason is Reason.SHUTTING_DOWN


def test_what_goes_beyond_an_allowance_is_refused_and_holds_nothing(sim: Simulation) -> None:
    acceptance = a_desk(sim, ceilings=Ceilings(member=7_000))
    refusal = refusal_of(sim, acceptance, options=Options(count=2))
    assert (refusal.reason, refusal.values["left"]) == (Reason.ALLOWANCE_SPENT, 7_000)
    assert accept(sim, acceptance).new


def test_what_the_key_may_not_spend_within_a_day_is_refused_and_holds_nothing(sim: Simulation) -> None:
    acceptance = a_desk(sim, ceilings=Ceilings(key=7_000))
    assert refusal_of(sim, acceptance, options=Options(count=2)).reason is Reason.BEYOND_KEY
    assert accept(sim, acceptance).new
    with pytest.raises(Refusal, match="key_spent"):
        accept(sim, acceptance, event="i2")


def test_so_many_jobs_of_one_member_may_wait_and_no_more(sim: Simulation) -> None:
    acceptance = a_desk(sim, ceilings=Ceilings(waiting=10))
    for number in range(10):
        accept(sim, acceptance, event=f"i{number}")
    with pytest.raises(Refusal, match="queue_full"):
        accept(sim, acceptance, event="i100")
    assert accept(sim, acceptance, event="i101", member_id=BEN).new
    assert len(sim.jobs()) == 11


def test_a_database_that_cannot_be_written_is_said_to_the_member_and_to_the_owner(
    sim: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_args: object, **_values: object) -> None:
        raise Unusable("the disk is full")

    monkeypatch.setattr(sim.bot.database, "run", full)
    assert refusal_of(sim).reason is Reason.STORAGE_FULL
    sim.pass_time(1.0)
    assert ("database_unusable", {"problem": "the disk is full"}) in sim.operator.warned


def test_what_cannot_be_read_after_it_was_accepted_takes_nothing_back(
    sim: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither who tries a model again, nor what a card came from: the member would be told that nothing was paid."""
    parts, run = sim.bot.parts, sim.bot.database.run

    async def only_accepts(fn: Any, *args: Any, **values: Any) -> Any:
        if getattr(fn, "__name__", "") in {"every", "_lineage"}:
            raise Unusable("It is locked.")
        return await run(fn, *args, **values)

    monkeypatch.setattr(sim.bot.database, "run", only_accepts)
    choose = parts.models.choose
    monkeypatch.setattr(parts.models, "choose", lambda *given: replace(choose(*given), tries=True))
    accepted = accept(sim, parent_id="i0")
    assert sim.jobs() == [accepted.job]
    view = sim.run(parts.cards.first_view(accepted.job, list(accepted.sources)))
    assert view is not None
    assert view.reply_to is None


@given(st.text(max_size=200))
def test_a_prompt_is_taken_as_it_is_without_white_space_around_it(text: str) -> None:
    try:
        prompt = checked_prompt(text)
    except Refusal as refusal:
        assert refusal.reason in {Reason.PROMPT_BLANK, Reason.PROMPT_TOO_SHORT}  # noqa: PT017 - any is right
        drawn = [each for each in text if each.isprintable() and not each.isspace() and each not in BLANK]
        assert is_blank(text) or len(drawn) < MIN_PROMPT
    else:
        assert prompt == text.replace("\0", "").strip()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(st.text(st.characters(), min_size=2, max_size=50), st.text(st.characters(), max_size=20))
def test_no_text_of_a_prompt_or_file_name_ends_in_anything_but_a_job_or_a_refusal(
    sim: Simulation, prompt: str, name: str
) -> None:
    """Half a surrogate pair as well: SQLite takes none."""
    count = sim.bot.database.tx.execute("SELECT COUNT(*) FROM jobs").fetchone()[0]
    for half in ("", "\ud800"):
        source = NewSource(name=name + half, url=SOURCE.url)
        request = a_request(f"i{count}{len(half)}", prompt=prompt + half, sources=(source,))
        try:
            sim.run(sim.bot.parts.acceptance.accept(request))
        except Refusal as refusal:
            refused = {Reason.PROMPT_BLANK, Reason.PROMPT_TOO_SHORT, Reason.QUEUE_FULL}
            assert refusal.reason in refused  # noqa: PT017


def test_a_reroll_that_was_asked_for_a_moment_ago_is_refused_and_a_later_one_is_not(sim: Simulation) -> None:
    job_id = sim.done()
    sim.reroll(job_id)
    sim.reroll(job_id)
    assert [refusal.reason for refusal in sim.refused] == [Reason.JUST_ASKED]
    sim.reroll(job_id, BEN)
    sim.pass_time(3.0)
    sim.reroll(job_id)
    assert len(sim.refused) == 1
    assert len(sim.jobs()) == 4
