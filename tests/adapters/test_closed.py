"""What still talks to Discord as the bot ends: a card is left to whoever works next, without a traceback."""

import aiohttp
import pytest

from adapters.trouble import classified
from jobs.delivery.ports import MessengerTrouble


async def test_a_session_that_is_closed_is_trouble_and_no_surprise() -> None:
    async with aiohttp.ClientSession() as session:
        pass
    with pytest.raises(MessengerTrouble), classified():
        await session.get("http://127.0.0.1:1/")


async def test_another_error_of_the_run_stays_a_surprise() -> None:
    with pytest.raises(RuntimeError, match="something else"), classified():
        raise RuntimeError("something else")
