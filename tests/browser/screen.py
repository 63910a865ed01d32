"""What the tests of the page do again and again."""

from pathlib import Path
from typing import Any

from playwright.async_api import Locator, Page, expect

from tests.browser.fake_server import FakeServer

SAMPLES = Path(__file__).parents[2] / "playground" / "samples"


async def visit(page: Page, server: FakeServer, *messages: dict[str, Any], member: str = "ann") -> None:
    """Open the page as a member, with these messages already said."""
    server.messages.extend(messages)
    await page.goto(f"{server.url}/?member={member}", wait_until="commit")
    await expect(page.get_by_role("heading", level=1)).to_have_text("darkroom")


def message(page: Page, data: dict[str, Any]) -> Locator:
    return page.locator(f'[data-message-id="{data["id"]}"]')


def part(page: Page, custom_id: str) -> Locator:
    """Find a button or select of a message, or a field of a modal."""
    return page.locator(f'[data-custom-id="{custom_id}"]')


def option(page: Page, name: str) -> Locator:
    """Find the field of a command's option."""
    return page.locator(f'.field[data-option="{name}"]')


async def open_form(page: Page, command: str) -> Locator:
    """Type a command and wait for its form."""
    await page.locator("#message-box").fill(f"/{command} ")
    form = page.locator(f'form[data-command="{command}"]')
    await expect(form).to_be_visible()
    return form


async def choose(page: Page, label: str) -> None:
    """Pick an entry of the open list."""
    await page.get_by_role("option", name=label).click()


async def attach(page: Page, *names: str) -> None:
    """Choose sample photographs in the open form."""
    files = [SAMPLES / name for name in names]
    await page.locator('.add-file input[type="file"]').first.set_input_files(files)
    await expect(page.locator('.upload[data-state="ready"]')).to_have_count(len(names))
