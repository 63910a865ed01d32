"""The ladder: every way, tried for the failures that it can cure, and nothing said twice."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from domain.job import Job, Rung, Status
from domain.limits import TOKEN_LIFE, TOKEN_MARGIN
from domain.views import CardView, Placed, Upload
from jobs.delivery.ladder import TRIES, Ladder, Reached
from jobs.delivery.ports import MessengerTrouble, Oversize, RungBroken
from storage import job_rows
from tests.clock import START, HastyClock
from tests.jobs.kill_points import InlineDatabase, KillPoints
from tests.jobs.scripted import ScriptedMessenger
from tests.storage.rows import put_job

ALL = [Rung.TOKEN, Rung.MESSAGE, Rung.CHANNEL, Rung.DIRECT]
UPLOAD = Upload(name="a.png", path=Path("a.png"), size=1)
CARD = {"card_id": 77, "card_channel_id": 5}


@dataclass
class Setting:
    messenger: ScriptedMessenger
    database: InlineDatabase
    clock: HastyClock

    def job(self) -> Job:
        found = self.database.look(job_rows.get, "i1")
        assert found is not None
        return found

    async def show(self, *, insist: bool = True) -> Reached | None:
        ladder = Ladder(messenger=self.messenger, database=self.database, clock=self.clock)  # type: ignore[arg-type]
        return await ladder.show(CardView(job=self.job()), [UPLOAD], insist=insist)


@pytest.fixture
def setting(tmp_path: Path) -> Iterator[Setting]:
    made = Setting(ScriptedMessenger(), InlineDatabase(tmp_path / "a.db", KillPoints()), HastyClock())
    yield made
    made.database.close()


def a_job(setting: Setting, *, token: bool = True, card: bool = True, **values: Any) -> None:
    given: dict[str, Any] = {"status": Status.DELIVERING}
    if token:
        given |= {"token": "t", "token_expires_at": START + TOKEN_LIFE}
    if card:
        given |= CARD
    setting.database.look(put_job, **(given | values))


def broken(*rungs: Rung) -> dict[str, Any]:
    return {rung.value: [RungBroken()] * 9 for rung in rungs}


@pytest.mark.parametrize("number", range(4))
async def test_the_first_way_that_works_is_taken(setting: Setting, number: int) -> None:
    a_job(setting)
    setting.messenger.script = broken(*ALL[:number])
    reached = await setting.show()
    assert reached is not None
    assert reached.rung is ALL[number]
    assert setting.messenger.rungs() == ALL[: number + 1]
    assert all(names == ("a.png",) for _, _, names in setting.messenger.brought)


async def test_nothing_is_left_when_every_way_is_closed(setting: Setting) -> None:
    a_job(setting)
    setting.messenger.script = broken(*ALL)
    assert await setting.show() is None
    assert setting.messenger.rungs() == ALL


async def test_without_insisting_a_card_is_only_shown_where_it_is(setting: Setting) -> None:
    a_job(setting)
    setting.messenger.script = broken(Rung.TOKEN, Rung.MESSAGE)
    assert await setting.show(insist=False) is None
    assert setting.messenger.rungs() == [Rung.TOKEN, Rung.MESSAGE]


async def test_a_job_without_a_card_gets_one_even_without_insisting(setting: Setting) -> None:
    a_job(setting, token=False, card=False)
    reached = await setting.show(insist=False)
    assert reached is not None
    assert reached.rung is Rung.CHANNEL
    assert setting.job().card_id == reached.placed.message_id


@pytest.mark.parametrize(
    ("left", "tried"), [(TOKEN_MARGIN + 1, True), (TOKEN_MARGIN, False), (0, False), (-1, False)]
)
async def test_a_token_is_not_tried_close_to_its_end(setting: Setting, left: int, tried: bool) -> None:
    a_job(setting, token_expires_at=START + left)
    await setting.show()
    assert (Rung.TOKEN in setting.messenger.rungs()) is tried


async def test_where_the_first_answer_is_shows_by_the_token(setting: Setting) -> None:
    a_job(setting, card=False)
    reached = await setting.show(insist=False)
    assert reached is not None
    assert reached.rung is Rung.TOKEN
    job = setting.job()
    assert (job.card_id, job.card_channel_id, job.token) == (reached.placed.message_id, 5, "t")


@pytest.mark.parametrize("rung", [Rung.CHANNEL, Rung.DIRECT])
async def test_a_new_message_mentions_its_member_and_ends_the_use_of_the_token(
    setting: Setting, rung: Rung
) -> None:
    a_job(setting)
    setting.messenger.script = broken(*ALL[: ALL.index(rung)])
    await setting.show()
    _, view, _ = setting.messenger.brought[-1]
    assert view.mention
    assert not setting.messenger.brought[0][1].mention
    job = setting.job()
    assert (job.token, job.rung) == (None, rung)
    assert job.card_id != 77


async def test_a_new_message_names_no_file_that_only_the_old_one_carries(setting: Setting) -> None:
    a_job(setting)
    setting.messenger.script = broken(Rung.TOKEN, Rung.MESSAGE)
    ladder = Ladder(messenger=setting.messenger, database=setting.database, clock=setting.clock)  # type: ignore[arg-type]
    view = CardView(job=setting.job(), published=("source-1.png", "a.png"))
    await ladder.show(view, [UPLOAD], insist=True)
    assert [view.published for _, view, _ in setting.messenger.brought] == [
        ("source-1.png", "a.png"),
        ("source-1.png", "a.png"),
        ("a.png",),
    ]


async def test_the_first_card_of_a_reaction_mentions_nobody(setting: Setting) -> None:
    a_job(setting, token=False, card=False)
    await setting.show(insist=False)
    assert not setting.messenger.brought[0][1].mention


@pytest.mark.parametrize("rung", ALL)
async def test_trouble_is_waited_out_for_a_while_on_every_way(setting: Setting, rung: Rung) -> None:
    a_job(setting)
    setting.messenger.script = broken(*ALL[: ALL.index(rung)])
    setting.messenger.script[rung.value] = [MessengerTrouble(3.0)] * (TRIES - 1)
    reached = await setting.show()
    assert reached is not None
    assert reached.rung is rung
    assert setting.clock.slept == [3.0, 6.0]


async def test_the_next_way_is_taken_when_trouble_does_not_end_on_the_same_message(setting: Setting) -> None:
    a_job(setting)
    setting.messenger.script = {"token": [MessengerTrouble()] * TRIES}
    reached = await setting.show()
    assert reached is not None
    assert reached.rung is Rung.MESSAGE
    assert setting.messenger.removed == []


async def test_a_card_that_was_edited_without_an_answer_goes_before_a_new_message(setting: Setting) -> None:
    """The edit may have been made: the same results would show twice."""
    a_job(setting)
    setting.messenger.script = {**broken(Rung.TOKEN), "message": [MessengerTrouble()] * TRIES}
    reached = await setting.show()
    assert reached is not None
    assert reached.rung is Rung.CHANNEL
    assert setting.messenger.removed == [(5, 77)]


@pytest.mark.parametrize("error", [RungBroken(), MessengerTrouble()])
async def test_while_it_cannot_be_taken_away_no_new_message_is_sent(
    setting: Setting, error: RungBroken | MessengerTrouble
) -> None:
    a_job(setting)
    setting.messenger.script = {
        "message": [MessengerTrouble(7.0)] * TRIES,
        **broken(Rung.TOKEN),
        "remove": [error],
    }
    with pytest.raises(MessengerTrouble) as caught:
        await setting.show()
    assert caught.value.retry_after == 7.0
    assert setting.messenger.rungs()[-1] is Rung.MESSAGE


async def test_a_message_that_was_sent_without_an_answer_is_looked_for_before_the_next_way(
    setting: Setting,
) -> None:
    a_job(setting, token=False, card=False)
    setting.messenger.script = {"channel": [MessengerTrouble()] * TRIES}
    setting.messenger.found = Placed(channel_id=5, message_id=88, urls={})
    with pytest.raises(MessengerTrouble):
        await setting.show()
    assert setting.job().card_id == 88
    reached = await setting.show()
    assert reached is not None
    assert (reached.rung, reached.placed.message_id) == (Rung.MESSAGE, 88)
    assert Rung.DIRECT not in setting.messenger.rungs()


async def test_a_message_that_surely_was_not_sent_leaves_the_next_way(setting: Setting) -> None:
    a_job(setting, token=False, card=False)
    setting.messenger.script = {"channel": [MessengerTrouble()] * TRIES}
    reached = await setting.show()
    assert reached is not None
    assert reached.rung is Rung.DIRECT


async def test_nobody_knows_whether_it_was_sent_while_it_cannot_be_looked_for(setting: Setting) -> None:
    a_job(setting, token=False, card=False)
    setting.messenger.script = {"channel": [MessengerTrouble()] * TRIES, "find": [MessengerTrouble()]}
    with pytest.raises(MessengerTrouble):
        await setting.show()
    assert Rung.DIRECT not in setting.messenger.rungs()


async def test_trouble_on_the_last_way_is_told(setting: Setting) -> None:
    a_job(setting, token=False)
    setting.messenger.script = {
        **broken(Rung.MESSAGE, Rung.CHANNEL),
        "direct": [MessengerTrouble(9.0)] * TRIES,
    }
    with pytest.raises(MessengerTrouble) as caught:
        await setting.show()
    assert caught.value.retry_after == 9.0


@pytest.mark.parametrize("rung", ALL)
async def test_what_is_too_large_is_told_at_once(setting: Setting, rung: Rung) -> None:
    a_job(setting)
    setting.messenger.script = {**broken(*ALL[: ALL.index(rung)]), rung.value: [Oversize()]}
    with pytest.raises(Oversize):
        await setting.show()
    assert setting.messenger.rungs()[-1] is rung


async def test_a_new_message_is_committed_before_it_is_sent(setting: Setting) -> None:
    a_job(setting, token=False, card=False)
    setting.messenger.script = broken(Rung.CHANNEL, Rung.DIRECT)
    await setting.show()
    assert (setting.job().rung, setting.job().rung_at) == (Rung.DIRECT, START)


async def test_after_a_crash_the_message_that_was_sent_is_found_and_brought_up_to_date(
    setting: Setting,
) -> None:
    """It may show an older state than what is to be shown now: results above all."""
    a_job(setting, token=False, card=False, rung=Rung.CHANNEL, rung_at=START - 1)
    setting.messenger.found = Placed(channel_id=5, message_id=88, urls={})
    reached = await setting.show()
    assert reached is not None
    assert (reached.rung, reached.placed.message_id) == (Rung.CHANNEL, 88)
    ((rung, view, names),) = setting.messenger.brought
    assert (rung, view.job.card_id, names) == (Rung.MESSAGE, 88, ("a.png",))
    assert setting.job().card_id == 88


async def test_after_a_crash_before_it_was_sent_it_is_sent(setting: Setting) -> None:
    a_job(setting, token=False, card=False, rung=Rung.CHANNEL, rung_at=START - 1)
    reached = await setting.show()
    assert reached is not None
    assert setting.messenger.looked == [Rung.CHANNEL]
    assert setting.messenger.rungs() == [Rung.CHANNEL]


async def test_another_way_than_the_one_that_was_under_way_is_not_looked_for(setting: Setting) -> None:
    a_job(setting, token=False, card=False, rung=Rung.DIRECT, rung_at=START - 1)
    await setting.show()
    assert setting.messenger.looked == []
