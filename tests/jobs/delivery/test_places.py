"""Places that refuse: one by one, with growing pauses, and never at the cost of another."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.places import Deed, Place
from jobs.delivery.places import IN_A_ROW, Places
from storage.database import Database, open_database
from tests.clock import FakeClock

HERE, THERE = Place(1, 10, Deed.SEND), Place(1, 11, Deed.SEND)
ELSEWHERE = Place(2, 20, Deed.SEND)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = await open_database(tmp_path)
    yield database
    await database.close()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def places(database: Database, clock: FakeClock) -> Places:
    return Places(database=database, clock=clock)


async def refuse(places: Places, place: Place, times: int = IN_A_ROW) -> None:
    for _ in range(times):
        assert places.may_ask(place)
        await places.refused(place)


async def test_a_channel_is_left_alone_after_five_refusals_and_no_other_suffers(places: Places) -> None:
    await refuse(places, HERE, IN_A_ROW - 1)
    assert places.may_ask(HERE)
    await places.refused(HERE)
    assert IN_A_ROW == 5
    assert not places.may_ask(HERE)
    assert places.may_ask(THERE)
    assert places.may_ask(ELSEWHERE)


async def test_only_refusals_in_a_row_count(places: Places) -> None:
    for _ in range(20):
        await refuse(places, HERE, IN_A_ROW - 1)
        await places.answered(HERE)
    assert places.may_ask(HERE)


async def test_what_is_refused_is_one_kind_of_thing(places: Places) -> None:
    editing = Place(1, 10, Deed.EDIT)
    for _ in range(IN_A_ROW):
        await places.refused(HERE)
        await places.answered(editing)
    assert not places.may_ask(HERE)
    assert places.may_ask(editing)


async def test_after_growing_pauses_one_request_may_try(places: Places, clock: FakeClock) -> None:
    await refuse(places, HERE)
    pauses: list[float] = []
    for _ in range(9):
        waited = 0.0
        while not places.may_ask(HERE):
            await clock.advance(5)
            waited += 5
        pauses.append(waited)
        assert not places.may_ask(HERE), "one at a time"
        await places.refused(HERE)
    assert pauses == [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]
    while not places.may_ask(HERE):
        await clock.advance(60)
    await places.answered(HERE)
    await refuse(places, HERE, IN_A_ROW - 1)
    assert places.may_ask(HERE), "all is forgotten"


async def test_a_trial_that_nobody_answers_is_made_again(places: Places, clock: FakeClock) -> None:
    await refuse(places, HERE)
    await clock.advance(61)
    assert places.may_ask(HERE)
    await clock.advance(31)
    assert places.may_ask(HERE)


async def test_those_that_were_on_their_way_make_no_pause_longer(places: Places, clock: FakeClock) -> None:
    for _ in range(60):
        await places.refused(HERE)
    await clock.advance(61)
    assert places.may_ask(HERE)


async def test_one_channel_never_silences_its_server_but_five_do(places: Places) -> None:
    for number in range(IN_A_ROW):
        channel = Place(1, 100 + number, Deed.SEND)
        assert places.may_ask(THERE)
        await places.refused(channel)
        if number < IN_A_ROW - 1:
            for _ in range(20):
                await places.refused(channel)
    assert not places.may_ask(THERE)
    assert places.may_ask(ELSEWHERE)


async def test_an_answer_in_a_server_is_an_answer_of_the_server(places: Places) -> None:
    for number in range(20):
        await places.refused(Place(1, 100 + number, Deed.SEND))
        await places.answered(THERE)
    assert places.may_ask(THERE)


async def test_a_direct_message_stands_for_itself(places: Places) -> None:
    for number in range(20):
        await refuse(places, Place(0, 100 + number, Deed.SEND))
    assert places.may_ask(Place(0, 99, Deed.SEND))


@pytest.mark.parametrize("channel_id", [10, None], ids=["the channel's", "the server's"])
async def test_permissions_that_change_clear_it(places: Places, channel_id: int | None) -> None:
    await refuse(places, HERE)
    await refuse(places, ELSEWHERE)
    await places.permissions_changed(1, channel_id)
    assert places.may_ask(HERE)
    assert not places.may_ask(ELSEWHERE)


async def test_it_is_known_after_a_restart(places: Places, database: Database, clock: FakeClock) -> None:
    await refuse(places, HERE)
    await refuse(places, ELSEWHERE)
    await places.permissions_changed(2)
    later = Places(database=database, clock=clock)
    await later.load()
    assert not later.may_ask(HERE)
    assert later.may_ask(ELSEWHERE)
    await clock.advance(61)
    assert later.may_ask(HERE)
    await later.answered(HERE)
    last = Places(database=database, clock=clock)
    await last.load()
    assert last.may_ask(HERE)


async def test_places_that_refuse_now_and_then_are_forgotten(places: Places) -> None:
    await refuse(places, HERE)
    for number in range(11_000):
        await places.refused(Place(0, number, Deed.READ))
    assert len(places._standings) < 10_100
    assert not places.may_ask(HERE)
