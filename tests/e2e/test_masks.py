"""A mask reaches the provider turned and scaled with its image, is on the sheet, and is kept for rerolls."""

from io import BytesIO
from pathlib import Path

import aiohttp
import pytest
from PIL import Image

from pictures.layout import WIDTH
from tests.e2e.member import Member, Message
from tests.e2e.messages import labels_of, text_of, thumbnails_of
from tests.e2e.world import World, open_world

MODEL = "gpt-image-2-edit"
SIZE = (640, 480)


def sideways(path: Path) -> Path:
    """Return a photograph that a telephone laid on its side: shown, it is upright and 480 by 640."""
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = Image.effect_noise(SIZE, 40).convert("RGB")
    picture.save(path, "JPEG", quality=90, exif=exif)
    return path


def hole(path: Path, size: tuple[int, int] = SIZE) -> Path:
    """Return a mask whose left upper quarter may change."""
    picture = Image.new("RGBA", size, "white")
    picture.paste((0, 0, 0, 0), (0, 0, size[0] // 2, size[1] // 2))
    picture.save(path, "PNG")
    return path


async def fetched(url: str) -> Image.Image:
    async with aiohttp.ClientSession() as session, session.get(url) as reply:
        assert reply.status == 200
        return Image.open(BytesIO(await reply.read()))


def is_clear(mask: Image.Image, x: float, y: float) -> bool:
    return mask.getchannel("A").getpixel((int(mask.width * x), int(mask.height * y))) == 0


async def masked_body(world: World, prompt: str) -> None:
    """Look at what the provider was given: an upright image, and a mask in the same frame."""
    body = world.bodies(prompt)[-1]
    image, mask = await fetched(body["image_urls"][0]), await fetched(body["mask_url"])
    assert (image.size, mask.size, mask.format, mask.mode) == ((480, 640), (480, 640), "PNG", "RGBA")
    assert [is_clear(mask, x, y) for x, y in ((0.75, 0.25), (0.25, 0.25), (0.25, 0.75), (0.75, 0.75))] == [
        *(True, False, False, False)
    ]


async def edited(ann: Member, prompt: str, photo: Path, mask: Path, **options: str) -> Message:
    return await ann.edit(prompt, photo, mask=mask, **{"model": MODEL, **options})


async def test_a_mask_goes_with_its_image_and_with_a_reroll(tmp_path: Path) -> None:
    photo, mask = sideways(tmp_path / "a.jpg"), hole(tmp_path / "mask.png")
    async with open_world(tmp_path / "world") as world:
        async with world.member("ann") as ann:
            await ann.offered("edit", "model", ["gpt-image-1-5-edit", MODEL])
            world.switch(next=["stuck"])
            card = await edited(ann, "change the corner", photo, mask)
            await ann.sees(card, "Running", "with a mask")
            await masked_body(world, "change the corner")
            await world.finish()
            done = await ann.sees(card, "Done · 5 credits", "with a mask")
            assert len(thumbnails_of(done)) == 1
            sheet = "SELECT width FROM images WHERE job_id = ? AND role = 'sheet'"
            assert world.query(sheet, world.job(done)["id"])[0]["width"] == WIDTH, "not two tiles"
            await world.closed(card)
        # Kept, with its image: also over a restart, and whoever asks.
        await world.stop_bot()
        await world.start_bot()
        async with world.member("ben") as ben:
            world.switch(next=["stuck"])
            again = await ben.answer(await ben.press(done, "Reroll · 5 credits"))
            await ben.sees(again, "Running", "with a mask")
            await masked_body(world, "change the corner")
            await world.finish()
            await ben.sees(again, "Done · 5 credits")
            roles = world.query(
                "SELECT role, count(*) AS n FROM images WHERE job_id = ? GROUP BY role ORDER BY role",
                world.job(again)["id"],
            )
            assert [tuple(row) for row in roles] == [("mask", 1), ("result", 1), ("sheet", 1), ("source", 1)]
            assert world.job(again)["source_count"] == 1


async def test_a_mask_of_another_size_or_upright_fits_as_well_and_one_that_is_none_is_refused(
    world: World, ann: Member, tmp_path: Path
) -> None:
    photo = sideways(tmp_path / "a.jpg")
    world.switch(next=["stuck"])
    card = await edited(ann, "a small mask", photo, hole(tmp_path / "small.png", (64, 48)))
    await ann.sees(card, "Running")
    await masked_body(world, "a small mask")
    await world.finish()
    await ann.sees(card, "Done")
    wrong = tmp_path / "wrong.png"
    Image.new("RGB", SIZE, "white").save(wrong)
    bad = await edited(ann, "no mask at all", photo, wrong)
    told = await ann.whisper("“wrong.png” is no mask", "erase in a photo editor", "You were not charged.")
    assert told["only_you"]
    assert world.bodies("no mask at all") == []
    await ann.gone(bad)


@pytest.mark.parametrize("model", ["gpt-image-1-5-edit"])
async def test_a_model_that_takes_no_mask_says_so_before_money_moves(
    world: World, ann: Member, tmp_path: Path, model: str
) -> None:
    photo, mask = sideways(tmp_path / "a.jpg"), hole(tmp_path / "mask.png")
    answer = await edited(ann, "not with this one", photo, mask, model=model)
    assert answer["only_you"]
    assert "has no option “mask”" in text_of(answer)
    assert labels_of(answer) == []
    assert world.account(ann) == (0, 0)
