"""Takes the pictures of ``docs/pictures``: ``python -m tests.browser.pictures [FOLDER]``.

What is on them is real: the bot in its own process, both stand-ins, the playground's page. Of each part there is
one picture of a wide window and one of a phone's, light on the left and dark on the right.
"""

import asyncio
import io
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from PIL import Image
from playwright.async_api import Locator, Page, ViewportSize, async_playwright, expect

from domain.periods import day_of, month_of
from playground.discord.server import DiscordStandIn
from playground.pixeldojo.stand_in import ProviderStandIn
from tests.browser.conftest import CHROMIUM_ARGS
from tests.browser.screen import SAMPLES
from tests.e2e.member import Member, Message
from tests.e2e.world import World

FOLDER = Path("docs/pictures")
WIDE, PHONE = 1280, 390
CARD_WIDTH = 700
"""Pixels of a wide window that a message takes; the rest is empty."""
COLOURS = 256
GAP = 12
CAT, COFFEE, ROCKET = (SAMPLES / name for name in ("cat.jpg", "coffee.jpg", "rocket.jpg"))


class Camera:
    """Takes pictures of one member's page."""

    def __init__(self, page: Page, folder: Path) -> None:
        self._page = page
        self._folder = folder

    async def message(self, name: str, message: Message) -> None:
        """Take a message, whole."""
        shown = self._page.locator(f'[data-message-id="{message["id"]}"]')
        for width in (WIDE, PHONE):
            await self._take(name, {"width": width, "height": 1_700}, shown)

    async def dialog(self, name: str, message: Message, label: str) -> None:
        """Take the form that a button opens, as it stands in the window."""
        await self._page.set_viewport_size({"width": WIDE, "height": 900})
        card = self._page.locator(f'[data-message-id="{message["id"]}"]')
        await card.get_by_role("button", name=label).click()
        dialog = self._page.get_by_role("dialog")
        await expect(dialog).to_be_visible()
        for width in (WIDE, PHONE):
            await self._take(name, {"width": width, "height": 1_000}, dialog)
        await self._page.keyboard.press("Escape")
        await expect(dialog).to_be_hidden()

    async def _take(self, name: str, size: ViewportSize, part: Locator) -> None:
        await self._page.set_viewport_size(size)
        looks: list[bytes] = []
        for scheme in ("light", "dark"):
            await self._page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            await part.scroll_into_view_if_needed()
            await self._page.mouse.move(0, 0)
            await self._pictures_are_there(part)
            looks.append(await part.screenshot(animations="disabled"))
        _save(self._folder / f"{name}-{size['width']}.png", looks)

    async def _pictures_are_there(self, part: Locator) -> None:
        for picture in await part.locator("img").all():
            await expect(picture).to_have_js_property("complete", value=True)


def _save(path: Path, looks: Sequence[bytes]) -> None:
    """Put a light and a dark look side by side and save them with few colours."""
    pictures = [Image.open(io.BytesIO(look)).convert("RGB") for look in looks]
    pictures = [each.crop((0, 0, min(each.width, CARD_WIDTH), each.height)) for each in pictures]
    width, height = pictures[0].width, max(each.height for each in pictures)
    both = Image.new("RGB", (2 * width + GAP, height), "#808080")
    for number, picture in enumerate(pictures):
        both.paste(picture, (number * (width + GAP), 0))
    both.quantize(COLOURS, Image.Quantize.MEDIANCUT, kmeans=2, dither=Image.Dither.NONE).save(
        path, optimize=True
    )
    sys.stdout.write(f"{path}: {path.stat().st_size / 1024:.0f} KiB\n")


async def take_all(folder: Path) -> None:
    """Take every picture."""
    async with world_of_its_own() as world, world.member("ann") as ann, world.member("ben") as ben:
        async with page_of(world, "ann") as page:
            camera = Camera(page, folder)
            done = await cards_of_jobs(world, ann, camera)
            await forms(camera, done)
            await results_elsewhere(world, ann, page, camera)
            await lists(ann, camera)
        chris = str((await world.page("members", name="Chris", roles=["Moderators"]))["user"]["id"])
        async with Member.at(world.discord.origin, chris) as mod, page_of(world, chris) as page:
            await report(world, (ann, ben, mod), Camera(page, folder))
            await first_contact(world, mod, Camera(page, folder))
            await refused_form(mod, page, Camera(page, folder))
            await direct_help(mod, page, Camera(page, folder))


async def cards_of_jobs(world: World, ann: Member, camera: Camera) -> Message:
    """Take the card of a job in every state; return the finished one."""
    world.switch(next=["stuck"])
    running = await ann.edit("A house in the snow", CAT)
    await camera.message("card-running", await ann.sees(running, "Running"))
    await world.finish()
    await world.settled()
    done = await world.finished(ann, "Make it a vintage travel poster", CAT)
    await camera.message("card-done", done)
    several = await world.finished(
        ann, "The same table in the evening, by candlelight", COFFEE, ROCKET, count=4, size="1536x1024"
    )
    await camera.message("card-done-four", several)
    failed = await ann.edit("something forbidden", CAT)
    await camera.message("card-failed", await ann.sees(failed, "safety check"))
    world.switch(always="stuck")
    for number in (1, 2, 3):
        await ann.sees(await ann.edit(f"Snow on the roof, try {number}", ROCKET), "Running")
    queued = await ann.edit("A night sky with two moons", ROCKET, quality="high")
    await camera.message("card-queued", await ann.sees(queued, "one of your 3 running jobs"))
    world.switch(always=None)
    await world.finish()
    await world.settled()
    world.switch(next=["lose_reply"], list_shape="missing", webhooks="off")
    lost = await ann.edit("A paper cut-out of this", COFFEE)
    await camera.message("card-lost", await ann.sees(lost, "Contact lost"))
    world.switch(list_shape="jobs", webhooks="on")
    return done


async def forms(camera: Camera, done: Message) -> None:
    """Take the forms behind a finished card's buttons."""
    await camera.dialog("form-edit-result", done, "Edit result")
    await camera.dialog("form-change-prompt", done, "Change prompt")


async def results_elsewhere(world: World, ann: Member, page: Page, camera: Camera) -> None:
    """Take what becomes of results whose channel is out of reach."""
    cards = list[Message]()
    for prompt, closed in (("A lighthouse in fog", False), ("A lighthouse at dawn", True)):
        world.switch(next=["stuck"])
        card = await ann.edit(prompt, ROCKET)
        await ann.sees(card, "Running")
        world.faults(channel_hidden=True, token_expired=True, closed_dms=closed)
        await world.finish()
        await world.status(card, "done")
        world.faults(channel_hidden=False, token_expired=False, closed_dms=False)
        await ann.sees(card, "Done, ")
        cards.append(card)
    await camera.message("card-sent-directly", cards[0])
    await camera.message("card-waits", cards[1])
    direct = await ann.message(lambda each: each["channel_id"] == ann.channels["direct"])
    await page.set_viewport_size({"width": WIDE, "height": 900})
    await page.locator(f'.channel-link[data-channel-id="{ann.channels["direct"]}"]').click()
    await camera.message("direct-message", direct)
    await page.set_viewport_size({"width": WIDE, "height": 900})
    await page.locator(f'.channel-link[data-channel-id="{ann.channels["darkroom"]}"]').click()


async def lists(ann: Member, camera: Camera) -> None:
    """Take what a member sees of their own jobs and credits."""
    listed = await ann.ask("jobs")
    await camera.message("jobs", listed)
    asked = await ann.answer(await ann.press(listed, "Delete"))
    await camera.message("delete-question", asked)
    await camera.message("jobs-found", await ann.ask("jobs", state="failed", words="forbidden"))
    await camera.message("credits", await ann.ask("credits"))
    await camera.message("settings-me", await ann.ask("settings", "me"))


async def report(world: World, members: Sequence[Member], camera: Camera) -> None:
    """Take a moderator's report of three weeks."""
    mod, today = members[-1], day_of(int(time.time() * 1_000))
    for place, member in enumerate(members):
        await world.finished(member, "A first one", COFFEE)
        [row] = world.query("SELECT surrogate FROM members WHERE snowflake = ?", int(member.id))
        for day in range(today - 20, today):
            jobs = (day * 7 + place * 5) % 11 // (place + 1)
            for grain, start in (("day", day), ("month", month_of(day)), ("ever", 0)):
                for whose in (row["surrogate"], 0):
                    world.change(
                        "INSERT INTO usage (guild_id, grain, start, member, model, jobs, images, spent)"
                        " VALUES (?, ?, ?, ?, 'gpt-image-1-5-edit', ?, ?, ?) ON CONFLICT DO UPDATE SET jobs ="
                        " jobs + excluded.jobs, images = images + excluded.images, spent = spent + excluded.spent",
                        *(world.discord.world.guild.id, grain, start, whose, jobs, jobs, jobs * 4_000),
                    )
    answer = await mod.ask("usage", "report")
    await camera.message("report", await mod.sees(answer, "for images"))


async def first_contact(world: World, mod: Member, camera: Camera) -> None:
    """Take what a server is told first, what its managers set up, and a card in one of its styles."""
    world.faults(bot_removed=True)
    world.faults(bot_removed=False)
    greeting = await mod.message(lambda each: "Hello. I edit" in str(each.get("content")))
    await camera.message("greeting", greeting)
    await camera.message("settings-server", await mod.answer(await mod.press(greeting, "Set up")))
    styles = await mod.ask("style", "list")
    await mod.press(styles, "Add ten")
    await camera.message("styles", await mod.sees(styles, "10 of at most"))
    helped = await mod.ask("help")
    await camera.message("help", helped)
    for page in ("moderators", "managers"):
        await mod.press(helped, f"For {page}")
        await camera.message(f"help-{page}", await mod.sees(helped, f"### For {page}"))
    card = await world.finished(mod, "Make it night, with snow on the ground", CAT, style="Woodblock print")
    await camera.message("card-style", card)
    await camera.dialog("form-style", card, "Change prompt")


async def refused_form(mod: Member, page: Page, camera: Camera) -> None:
    """Take what comes back of a form whose style was removed meanwhile."""
    post = await mod.post("what was it like in winter?", CAT)
    opened = await mod.command("Edit images", target=post["id"])
    await mod.ask("style", "remove", style="Woodblock print")
    sent = await mod.submit(opened, prompt="Make it night, and let it snow", style="Woodblock print")
    # The page of the same member shows the form, too.
    await page.keyboard.press("Escape")
    await camera.message("form-refused", await mod.answer(sent))


async def direct_help(mod: Member, page: Page, camera: Camera) -> None:
    """Take what somebody reads who asks in direct messages."""
    helped = await mod.answer(await mod.command("help", channel="direct"))
    await page.set_viewport_size({"width": WIDE, "height": 900})
    await page.locator(f'.channel-link[data-channel-id="{mod.channels["direct"]}"]').click()
    await camera.message("help-direct", helped)


@asynccontextmanager
async def world_of_its_own() -> AsyncGenerator[World]:
    """Start both stand-ins and the bot; what is changed behind its back here is checked by nobody."""
    provider = ProviderStandIn(
        latency=0.01, switches={"requests_per_minute": None, "submits_per_minute": None}
    )
    await provider.start()
    discord = DiscordStandIn(provider_control_url=f"{provider.origin}/control")
    await discord.start()
    discord.set_faults(rate_limits=False)
    with tempfile.TemporaryDirectory() as folder:
        world = World(discord=discord, provider=provider, folder=Path(folder), settings={})
        await world.start_bot()
        try:
            yield world
        finally:
            await world.kill_bot()
            await discord.close()
            await provider.close()


@asynccontextmanager
async def page_of(world: World, member: str) -> AsyncGenerator[Page]:
    """Open the playground's page as somebody."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=CHROMIUM_ARGS
        )
        page = await browser.new_page()
        await page.goto(f"{world.discord.page_url}?member={member}")
        await expect(page.get_by_role("heading", level=1)).to_have_text("darkroom")
        yield page
        await browser.close()


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    target.mkdir(parents=True, exist_ok=True)
    asyncio.run(take_all(target))
