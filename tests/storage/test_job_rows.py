"""Rows of jobs: moved by compare-and-set only, found as the work asks for them."""

import asyncio
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Reason
from domain.job import MOVES, OPEN, Job, Kind, Origin, Rung, Status
from domain.options import Options
from storage import facts, forgetting, job_rows
from storage.database import Database
from storage.errors import RuleBroken
from tests.engines import Engine, in_memory
from tests.storage.rows import ANN, BEN, GUILD, NOON, a_job, put_job


async def test_a_job_reads_back_as_it_was_written(database: Database) -> None:
    job = a_job(
        kind=Kind.GENERATE,
        origin=Origin.REROLL,
        options=Options(count=3, quality="low"),
        parent_id="i0",
        token="token",
        token_expires_at=NOON + 900_000,
        secret="ab" * 16,
        sources_ready=True,
        attachment_limit=1,
        note="note",
    )
    await database.run(job_rows.insert, job)
    assert await database.read(job_rows.get, "i1") == job


@pytest.mark.parametrize(("origin", "target"), list(product(Status, Status)))
def test_every_move_of_the_list_is_possible_and_none_besides(
    origin: Status, target: Status, engine: Engine
) -> None:
    tx = engine.in_memory()
    job = put_job(tx, status=origin)
    named = {"provider_job_id": "p1"} if target is Status.RUNNING else {}
    if target in MOVES[origin]:
        moved = job_rows.move(tx, job.id, expect=origin, to=target, **named)
        assert moved is not None
        assert moved.status is target
    else:
        with pytest.raises(ValueError, match=f"no job moves from {origin} to {target}"):
            job_rows.move(tx, job.id, expect=origin, to=target, **named)


@pytest.mark.parametrize("actual", Status)
async def test_a_move_finds_nothing_when_somebody_else_moved_the_job_first(
    database: Database, actual: Status
) -> None:
    before = await database.run(put_job, status=actual)
    for expect in set(OPEN) - {actual}:
        for target in MOVES[expect]:
            assert (
                await database.run(
                    job_rows.move, "i1", expect=expect, to=target, provider_job_id="p9", cost=1
                )
                is None
            )
    assert await database.read(job_rows.get, "i1") == before


async def test_of_many_who_move_a_job_at_once_one_does(database: Database) -> None:
    await database.run(put_job)
    moves = (
        database.run(job_rows.move, "i1", expect=Status.QUEUED, to=target, ended_at=number)
        for number, target in enumerate([Status.CANCELLED, Status.FAILED, Status.SUBMITTING] * 10)
    )
    moved = [job for job in await asyncio.gather(*moves) if job is not None]
    assert len(moved) == 1
    assert await database.read(job_rows.get, "i1") == moved[0]


async def test_a_running_job_always_has_its_name_at_the_provider(database: Database) -> None:
    await database.run(put_job, status=Status.SUBMITTING)
    with pytest.raises(RuleBroken):
        await database.run(job_rows.move, "i1", expect=Status.SUBMITTING, to=Status.RUNNING)
    found = await database.read(job_rows.get, "i1")
    assert found is not None
    assert found.status is Status.SUBMITTING


async def test_no_two_jobs_have_the_same_name_at_the_provider(database: Database) -> None:
    await database.run(put_job, status=Status.RUNNING)
    await database.run(put_job, "i2", status=Status.SUBMITTING)
    with pytest.raises(RuleBroken):
        await database.run(
            job_rows.move, "i2", expect=Status.SUBMITTING, to=Status.RUNNING, provider_job_id="pi1"
        )


async def test_sources_are_ready_only_for_a_job_that_still_waits(database: Database) -> None:
    await database.run(put_job)
    await database.run(put_job, "i2", status=Status.CANCELLED)
    assert await database.run(job_rows.mark_sources_ready, "i1") == replace(a_job(), sources_ready=True)
    assert await database.run(job_rows.mark_sources_ready, "i2") is None
    assert await database.run(job_rows.mark_sources_ready, "nobody") is None


async def test_what_is_noted_of_a_job_is_all_that_changes(database: Database) -> None:
    job = await database.run(put_job, card_id=77, card_channel_id=5)
    for note, values in (
        (job_rows.raise_reserved, {"by": 7}),
        (job_rows.note_rung, {"rung": Rung.CHANNEL, "at": NOON}),
        (job_rows.note_claim, {"provider_job_id": "p1"}),
    ):
        await database.run(note, "i1", **values)
    card = replace(job.card, rung=Rung.CHANNEL, rung_at=NOON)
    noted = replace(job, card=card, raised=7, claim="p1")
    assert await database.read(job_rows.get, "i1") == noted


async def test_a_closed_card_keeps_no_token_and_a_forgotten_job_no_wish(database: Database) -> None:
    job = await database.run(put_job, token="token", token_expires_at=NOON, collected=0)
    closed = await database.run(job_rows.close_card, "i1")
    assert closed == replace(job, card=replace(job.card, token=None, reminded=True))
    assert await database.run(job_rows.mark_collected, "i1") == replace(closed, collected=True)
    await database.run(forgetting.forget, closed, at=NOON)
    forgotten = await database.run(job_rows.get, "i1")
    assert forgotten == replace(closed, deleted=True, prompt="", collected=True)


async def test_what_no_other_database_takes_is_left_out_of_what_others_say(database: Database) -> None:
    await database.run(put_job)
    updated = await database.run(job_rows.note_claim, "i1", provider_job_id="a\0b\ud800")
    assert updated is not None
    assert updated.claim == "ab"


@pytest.mark.parametrize("column", ["status", "id", "id = id; DROP TABLE jobs; --", "charged", "member"])
async def test_a_name_that_is_no_column_to_set_is_refused(database: Database, column: str) -> None:
    await database.run(put_job)
    with pytest.raises(ValueError, match="no job sets these when it moves"):
        await database.run(job_rows.move, "i1", expect=Status.QUEUED, to=Status.FAILED, **{column: "x"})


async def test_open_jobs_come_in_the_order_in_which_they_were_asked_for(database: Database) -> None:
    for number, status in enumerate(Status):
        await database.run(put_job, f"i{number}", status=status, created_at=NOON - number)
    found = await database.read(job_rows.all_open)
    assert {job.status for job in found} == OPEN
    assert [job.created_at for job in found] == sorted(job.created_at for job in found)
    for status in OPEN:
        assert [job.status for job in await database.read(job_rows.with_status, status)] == [status]


async def test_what_a_member_has_waiting_is_counted_in_all_servers_until_delivery(
    database: Database,
) -> None:
    for number, status in enumerate(Status):
        await database.run(put_job, f"i{number}", status=status, guild_id=number)
    await database.run(put_job, "other", member_id=BEN)
    assert await database.read(job_rows.count_waiting, ANN) == len(OPEN) - 2


async def test_a_card_and_the_messages_below_it_lead_to_their_job(database: Database) -> None:
    await database.run(put_job, card_id=77, card_channel_id=5)
    await database.run(put_job, "i2", card_id=88)
    await database.run(facts.add_message, job_id="i1", channel_id=5, message_id=78, purpose="results")
    found = [await database.read(job_rows.by_card, message) for message in (77, 78, 88, 99)]
    assert [job and job.id for job in found] == ["i1", "i1", "i2", None]


async def test_a_secret_and_a_name_at_the_provider_lead_to_their_job(database: Database) -> None:
    await database.run(put_job, status=Status.RUNNING, secret="s1")
    by_secret = await database.read(job_rows.by_secret, "s1")
    by_name = await database.read(job_rows.by_provider_id, "pi1")
    assert by_secret == by_name == await database.read(job_rows.get, "i1")
    assert await database.read(job_rows.by_secret, "") is None
    assert await database.read(job_rows.by_provider_id, "") is None


async def test_jobs_whose_end_is_not_shown_are_shown_however_old(database: Database) -> None:
    for job_id, reminded, status, deleted in (
        ("failed", 0, Status.FAILED, 0),
        ("cancelled", 0, Status.CANCELLED, 0),
        ("shown", 1, Status.FAILED, 0),
        ("deleted", 0, Status.FAILED, 1),
    ):
        await database.run(put_job, job_id, ended_at=NOON, reminded=reminded, status=status, deleted=deleted)
    found = await database.read(job_rows.to_close, since=NOON + 10)
    assert {job.id for job in found} == {"failed", "cancelled"}


async def test_delivered_jobs_whose_chores_are_not_done_are_closed_for_a_while(database: Database) -> None:
    for job_id, ended_at, reminded, status in (
        ("old", NOON - 10, 0, Status.DONE),
        ("new", NOON + 10, 0, Status.DONE),
        ("closed", NOON + 10, 1, Status.DONE),
        ("open", NOON + 10, 0, Status.DELIVERING),
    ):
        await database.run(put_job, job_id, ended_at=ended_at, reminded=reminded, status=status)
    assert [job.id for job in await database.read(job_rows.to_close, since=NOON)] == ["new"]


async def test_prompts_are_suggested_newest_first_each_once(database: Database) -> None:
    for number, (prompt, values) in enumerate(
        [
            ("Make it blue", {}),
            ("make it RED", {}),
            ("Make it blue", {}),
            ("100% wool_", {}),
            ("make it too long" * 7, {}),
            ("make it secret", {"deleted": 1}),
            ("make it Ben's", {"member_id": BEN}),
            ("make it elsewhere", {"guild_id": 20}),
        ]
    ):
        await database.run(put_job, f"i{number}", prompt=prompt, created_at=number, **values)

    async def suggested(text: str) -> list[str]:
        return await database.read(job_rows.recent_prompts, member_id=ANN, guild_id=GUILD, containing=text)

    assert await suggested("") == ["100% wool_", "Make it blue", "make it RED"]
    assert await suggested("MAKE") == ["Make it blue", "make it RED"]
    assert await suggested("0% w") == await suggested("l_") == ["100% wool_"]
    assert await suggested("%") == await suggested("_") == ["100% wool_"]
    assert await suggested("!") == []


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30))
def test_no_text_breaks_the_search_for_prompts(text: str) -> None:
    tx = in_memory()
    put_job(tx, prompt="Make it blue")
    found = job_rows.recent_prompts(tx, member_id=ANN, guild_id=GUILD, containing=text)
    assert bool(found) == (text.lower() in "make it blue")
    tx.close()


async def test_tokens_are_wiped_when_discord_takes_them_no_more(database: Database) -> None:
    await database.run(put_job, "i1", token="old", token_expires_at=NOON)
    await database.run(put_job, "i2", token="new", token_expires_at=NOON + 1)
    await database.run(job_rows.wipe_tokens, at=NOON)
    tokens = [job.card.token for job in await database.read(job_rows.all_open)]
    assert tokens == [None, "new"]


async def test_a_card_that_moved_to_a_new_message_ends_the_use_of_its_token(database: Database) -> None:
    await database.run(put_job, token="token")
    place = {"channel_id": 5, "message_id": 77}
    edited = await database.run(job_rows.place_card, "i1", **place, by_new_message=False)
    assert edited is not None
    assert (edited.card.channel_id, edited.card.message_id, edited.card.token) == (5, 77, "token")
    moved = await database.run(job_rows.place_card, "i1", **place, by_new_message=True)
    assert moved is not None
    assert (moved.card.message_id, moved.card.token) == (77, None)


def stored(job: Job) -> Job | None:
    tx = in_memory()
    job_rows.insert(tx, job)
    found = job_rows.get(tx, job.id)
    tx.close()
    return found


@given(st.text(), st.text(max_size=50))
def test_a_prompt_is_stored_as_it_is(prompt: str, note: str) -> None:
    job = a_job(prompt=prompt, note=note)
    assert stored(job) == job


async def test_failure_and_rung_are_words_of_ours(database: Database) -> None:
    await database.run(put_job, failure=Reason.MODERATED, rung=Rung.DIRECT)
    found = await database.read(job_rows.get, "i1")
    assert found is not None
    assert (found.failure, found.card.rung) == (Reason.MODERATED, Rung.DIRECT)
