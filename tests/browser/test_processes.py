"""Several bots on one database: who is at work, and what a person sees of a take-over."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.fake_server import FakeServer
from tests.browser.screen import visit

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

NOW = 1_800_000_000.0


def told(*states: tuple[str, float], nobody: float | None = None, **more: Any) -> dict[str, Any]:
    """Return what the playground says of its processes: the state of each, and for how many seconds."""
    return {
        "now": NOW,
        "nobody_since": None if nobody is None else NOW - nobody,
        "processes": [
            {"number": number, "state": state, "since": NOW - seconds}
            for number, (state, seconds) in enumerate(states, 1)
        ],
        "take_overs": [],
        **more,
    }


async def open_drawer(page: Page, server: FakeServer) -> None:
    await visit(page, server)
    await page.get_by_role("button", name="Behind the scenes").click()


async def test_one_process_has_no_tab(page: Page, server: FakeServer) -> None:
    await open_drawer(page, server)
    await expect(page.get_by_label("Balance")).to_have_text("482credits")
    await expect(page.get_by_role("tab")).to_have_text(["PixelDojo", "Discord", "Requests"])


async def test_who_is_at_work_is_killed_and_the_other_takes_over(page: Page, server: FakeServer) -> None:
    server.processes = told(("working", 65), ("waiting", 60))
    await open_drawer(page, server)
    await page.get_by_role("tab", name="Processes").click()
    who, kill = (
        page.get_by_role("status", name="At work"),
        page.get_by_role("button", name="Kill the one at work"),
    )
    await expect(who).to_have_text("Process 1for 1:05")
    await expect(page.locator('[data-process="2"]')).to_contain_text("ready")
    await expect(page.get_by_text("None yet.")).to_be_visible()
    await kill.click()
    assert server.posted == [("processes/kill", {})]
    server.processes = told(("ended", 1), ("waiting", 61), nobody=1)
    await expect(who).to_have_text("Nobodyfor 0:01")
    await expect(kill).to_be_disabled()
    await expect(page.locator('[data-process="1"]')).to_contain_text("Starts again in two seconds")
    server.processes = told(
        ("waiting", 6), ("working", 2), take_overs=[{"at": NOW, "from": 1, "to": 2, "seconds": 9.62}]
    )
    await expect(who).to_have_text("Process 2for 0:02")
    await expect(page.get_by_role("log", name="Take-overs")).to_contain_text(
        "Process 2 took over from process 19.6 s"
    )
    await expect(kill).to_be_enabled()
