"""No token, key, interaction token, signed address or prompt in any log line.

The log of every world is looked through when it closes (checks.py); here at its most talkative, with all
sorts of things going wrong; and that the look is sharp.
"""

from pathlib import Path

from tests.e2e import pictures
from tests.e2e.checks import leaks_of, secrets_of
from tests.e2e.member import Member
from tests.e2e.messages import text_of
from tests.e2e.world import World, open_world


async def test_the_log_of_a_full_run_at_debug_holds_no_secret(tmp_path: Path) -> None:
    photo = pictures.small_photo(tmp_path / "a.jpg")
    async with (
        open_world(tmp_path, LOG_LEVEL="DEBUG") as world,
        world.member("ann") as ann,
        world.member("ben") as ben,
    ):
        card = await ann.edit("a secret wish", photo)
        await ann.sees(card, "Done")
        await world.closed(card)
        await ben.react(card)
        await ben.sees(await ben.reply_to(card, "reroll of"), "Done")
        form = await ben.press(card, "Edit result")
        await ben.sees(await ben.answer(await ben.submit(form, prompt="another secret wish")), "Done")
        await ann.gone(await ann.edit("broken secret", pictures.truncated_jpeg(tmp_path / "half.jpg")))
        for fault in ("refuse", "fail", "wrong_json", "html", "missing_result", "no_credits", "lose_reply"):
            world.switch(next=[fault])
            failed = await ann.edit(f"secret with {fault}", photo)
            await ann.message(
                lambda each, failed=failed: each["id"] == failed["id"] and "Queued" not in text_of(each)
            )
        world.faults(token_expired=True, channel_hidden=True, closed_dms=True)
        await ann.edit("secret and hidden", photo)
        world.faults(token_expired=False, channel_hidden=False, closed_dms=False)
        refusal = {"code": 50027, "message": "Invalid Webhook Token"}
        world.faults(script=[{"method": "PATCH", "path": "/webhooks/", "status": 401, "body": refusal}])
        last = await ann.edit("secret and refused", photo)
        await ann.sees(last, "Done")
        text = world.log()
        assert " DEBUG " in text
        assert len(secrets_of(world)) > 20
        assert leaks_of(world) == []


async def test_a_leak_would_be_noticed(world: World, ann: Member, small: Path, tmp_path: Path) -> None:
    await ann.sees(await ann.edit("a prompt that leaks", small), "Done")
    spoilt = World(discord=world.discord, provider=world.provider, folder=tmp_path, settings={})
    for secret in (
        world.discord.token,
        world.provider.key,
        next(iter(world.discord.world.tokens)),
        "a prompt that leaks",
        world.bodies("a prompt that leaks")[0]["webhook_url"],
        f"{world.discord.cdn_url}/attachments/1/2/a.png?ex=6b05de4a&is=6b048cca&hm=b27f4a18",
    ):
        spoilt.log_path.write_text(f"INFO something: {secret}\n")
        assert leaks_of(spoilt), secret
    spoilt.log_path.write_text("INFO nothing\n")
    assert leaks_of(spoilt) == []
