"""A start in which Discord, or what shall be the provider, does not answer as it should. The real process."""

from pathlib import Path

from tests.e2e.member import Member
from tests.e2e.messages import text_of
from tests.e2e.pictures import small_photo
from tests.e2e.world import open_world

UNAVAILABLE = 69


async def test_a_login_that_is_answered_with_too_many_requests_is_waited_out(tmp_path: Path) -> None:
    """As Cloudflare bans an address: no JSON, no Via, and how long."""
    banned = {"status": 429, "body": "You are being blocked.", "headers": {"Retry-After": "1"}}
    async with open_world(tmp_path, start=False) as world:
        world.faults(script=[{"path": "/users/@me", "times": 9, **banned}])
        status, printed = await world.run_bot()
        assert status == UNAVAILABLE
        assert "Discord answers the login with 429" in printed
        assert "in 1 s, which are waited out" in printed
        assert "Traceback" not in printed
        assert len(world.requests("GET", "/users/@me")) == 1


async def test_a_setting_that_names_no_model_of_the_list_is_told_and_refused(tmp_path: Path) -> None:
    async with open_world(tmp_path, start=False) as world:
        owner_id = str(world.discord.world.application.owner_id)
        await world.start_bot(PIXELDOJO_GENERATE_MODELS="gpt-imgae-2")
        async with Member.at(world.discord.origin, owner_id) as owner:
            said = "None of the models that PIXELDOJO_GENERATE_MODELS names (gpt-imgae-2)"
            await owner.message(lambda each: said in text_of(each), what=said)
        async with world.member("ann") as ann:
            refused = text_of(await ann.ask("generate", prompt="a red cat"))
            assert refused == (
                "No model is on offer at the moment: whoever runs the bot has to mend it. You were not charged."
            )
            card = await ann.edit("a blue cat", small_photo(tmp_path / "a.jpg"))
            await ann.sees(card, "Done")


async def test_a_list_that_cannot_be_read_keeps_no_job_from_running_and_no_price_has_changed(
    tmp_path: Path,
) -> None:
    async with open_world(tmp_path, start=False) as world:
        world.switch(
            script=[{"path": "/models$", "status": 500, "times": 99}], costs={"gpt-image-1-5-edit": 4.5}
        )
        owner_id = str(world.discord.world.application.owner_id)
        await world.start_bot()
        async with world.member("ann") as ann:
            card = await ann.edit("without a list", small_photo(tmp_path / "a.jpg"))
            await ann.sees(card, "Done", "4.5 credits")
        async with Member.at(world.discord.origin, owner_id) as owner:
            told = text_of(await owner.message(lambda each: "does not answer" in text_of(each)))
            assert "prices are guesses" in told
            assert "jobs fail" not in told
        assert "costs 4.5 credits now" not in world.log()


async def test_an_address_that_is_not_the_providers_is_told_and_keeps_nobody_down(tmp_path: Path) -> None:
    async with open_world(tmp_path, start=False) as world:
        owner_id = str(world.discord.world.application.owner_id)
        await world.start_bot(PIXELDOJO_API_URL=f"{world.provider.origin}/nothing/here")
        async with Member.at(world.discord.origin, owner_id) as owner:
            said = "PIXELDOJO_API_URL does not answer as PixelDojo does"
            await owner.message(lambda each: said in text_of(each), what=said)
        async with world.member("ann") as ann:
            assert "about 4 credits an image" in text_of(await ann.ask("help"))
            card = await ann.edit("to nobody", small_photo(tmp_path / "a.jpg"))
            await ann.sees(card, "Failed", "The image service had a problem.", "You were not charged.")
            assert world.account(ann) == (0, 0)
        assert world.process is not None
        assert world.process.returncode is None


async def test_a_key_that_the_provider_refuses_is_told_before_anybody_asks(tmp_path: Path) -> None:
    async with open_world(tmp_path, start=False) as world:
        owner_id = str(world.discord.world.application.owner_id)
        await world.start_bot(PIXELDOJO_API_KEY="pd_mistyped")
        async with Member.at(world.discord.origin, owner_id) as owner:
            said = "PixelDojo does not accept PIXELDOJO_API_KEY"
            await owner.message(lambda each: said in text_of(each), what=said)
        async with world.member("ann") as ann:
            card = await ann.edit("for a key of no use", small_photo(tmp_path / "a.jpg"))
            await ann.sees(card, "Failed", "You were not charged.")
        world.troubles.add("401")
