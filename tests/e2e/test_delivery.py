"""Every way to bring a result to its member, tried by making Discord fail in exactly the ways that it can."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.member import Member, Message
from tests.e2e.messages import labels_of, pictures_of, text_of
from tests.e2e.pictures import small_photo
from tests.e2e.waiting import until
from tests.e2e.world import World, open_world
from ui.texts import FREE

MIB = 2**20


async def running(world: World, member: Member, prompt: str, *images: Path, **options: Any) -> Message:
    """Have a job running whose end is ours to choose."""
    world.switch(next=["stuck"])
    card = await member.edit(prompt, *images, **options)
    await member.sees(card, "Running")
    return card


def job_of(world: World, member: Member) -> sqlite3.Row:
    return world.jobs_of(member)[-1]


async def delivered(world: World, member: Member) -> sqlite3.Row:
    """Wait until the member's last job has been delivered or kept, and return its row."""
    await until(
        lambda: bool(job_of(world, member)["reminded"]), what=lambda: str(dict(job_of(world, member)))
    )
    return job_of(world, member)


def copies(world: World, member: Member) -> list[Message]:
    """Return all messages that carry results of the member's last job."""
    name = f"darkroom-{job_of(world, member)['id']}-"
    return [each for each in world.all_messages() if any(file.startswith(name) for file, _ in each["files"])]


def fault(status: int, code: int, path: str, *, method: str = "*", times: int = 1) -> dict[str, Any]:
    """Return a line of the stand-in's script that answers with one of Discord's errors."""
    return {
        "method": method,
        "path": path,
        "times": times,
        "status": status,
        "body": {"code": code, "message": "as the script says"},
    }


# The ladder


async def test_first_the_token(world: World, ann: Member, small: Path) -> None:
    card = await running(world, ann, "first way", small)
    await world.finish()
    done = await ann.sees(card, "Done")
    row = await delivered(world, ann)
    assert (row["rung"], row["collected"], row["note"]) == ("token", 1, None)
    assert world.results_on(done) == await world.provider_results("first way")
    assert len(copies(world, ann)) == 1


async def test_an_expired_token_leads_to_the_bots_own_edit(world: World, ann: Member, small: Path) -> None:
    card = await running(world, ann, "second way", small)
    world.faults(token_expired=True)
    await world.finish()
    done = await ann.sees(card, "Done")
    assert (await delivered(world, ann))["rung"] == "message"
    assert world.results_on(done) == await world.provider_results("second way")
    assert len(copies(world, ann)) == 1


@pytest.mark.parametrize(
    ("status", "code"), [(401, 50027), (404, 10015), (404, 10008), (403, 50001), (403, 50013)]
)
async def test_each_failure_of_the_token_is_cured_by_the_next_way(
    world: World, ann: Member, small: Path, status: int, code: int
) -> None:
    card = await running(world, ann, f"cure {code}", small)
    world.faults(script=[fault(status, code, "/webhooks/.*/messages/", times=10)])
    await world.finish()
    done = await ann.sees(card, "Done")
    assert (await delivered(world, ann))["rung"] == "message"
    assert world.results_on(done) == await world.provider_results(f"cure {code}")


async def test_the_result_of_a_deleted_card_comes_by_direct_message(
    world: World, ann: Member, small: Path
) -> None:
    card = await running(world, ann, "third way", small)
    await world.page("delete-message", channel_id=card["channel_id"], message_id=card["id"])
    await world.finish()
    new = await ann.message(lambda each: "third way" in text_of(each) and "Done" in text_of(each))
    row = await delivered(world, ann)
    assert (row["rung"], row["card_id"], row["hidden"]) == ("direct", int(new["id"]), 1)
    assert new["channel_id"] == ann.channels["direct"]
    assert world.results_on(new) == await world.provider_results("third way")
    assert len(copies(world, ann)) == 1


async def test_a_hidden_channel_leads_to_a_direct_message(world: World, ann: Member, small: Path) -> None:
    card = await running(world, ann, "fourth way", small)
    world.faults(channel_hidden=True, token_expired=True)
    await world.finish()
    new = await ann.message(
        lambda each: each["channel_id"] == ann.channels["direct"] and "fourth way" in text_of(each)
    )
    row = await delivered(world, ann)
    assert (row["rung"], row["collected"]) == ("direct", 1)
    assert world.results_on(new) == await world.provider_results("fourth way")
    assert len(copies(world, ann)) == 1
    channel = f"/channels/{world.discord.world.guild.id}/{ann.channels['darkroom']}"
    assert f"[a channel](https://discord.com{channel}) where I could not post" in text_of(new)
    assert "on your account in that server" in text_of(new)
    # Whoever gives the channel back has the old card brought up to date: nobody waits for a minute to pass.
    world.faults(channel_hidden=False)
    old = await ann.sees(card, "Done, sent to you by direct message · 4 credits")
    assert "where I could not post" not in text_of(old)


async def test_with_no_way_left_it_waits_under_jobs(world: World, ann: Member, small: Path) -> None:
    await running(world, ann, "no way left", small, count=2)
    world.faults(channel_hidden=True, token_expired=True, closed_dms=True)
    await world.finish()
    row = await delivered(world, ann)
    assert (row["status"], row["rung"], row["collected"]) == ("done", "kept", 0)
    assert copies(world, ann) == []
    assert world.account(ann) == (0, 8000)
    world.faults(channel_hidden=False, token_expired=False)
    listed = await ann.ask("jobs")
    assert "waits for you" in text_of(listed)
    answer = await ann.answer(await ann.press(listed, "Collect"))
    handed = await ann.message(lambda each: each["id"] == answer["id"] and len(each["attachments"]) == 2)
    assert handed["only_you"]
    assert world.results_on(handed) == await world.provider_results("no way left")
    await until(lambda: job_of(world, ann)["collected"] == 1, what=lambda: "the note that it was collected")
    assert world.account(ann) == (0, 8000)


async def test_a_result_that_waits_is_collected_from_its_card_after_a_restart(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world, world.member("ann") as ann, world.member("ben") as ben:
        card = await running(world, ann, "kept over a restart", small_photo(tmp_path / "a.jpg"))
        world.faults(channel_hidden=True, token_expired=True, closed_dms=True)
        await world.finish()
        await delivered(world, ann)
        await world.stop_bot()
        world.faults(channel_hidden=False, token_expired=False)
        await world.start_bot()
        old = await ann.sees(card, "Done, waits in /jobs · 4 credits", "the image waits for you in /jobs")
        await ben.message(lambda each: each["id"] == card["id"] and "Collect" in labels_of(each)[0])
        refused = await ben.answer(await ben.press(old, "Collect"))
        assert "Only the member" in text_of(refused)
        answer = await ann.answer(await ann.press(old, "Collect · free"))
        handed = await ann.message(lambda each: each["id"] == answer["id"] and bool(each["attachments"]))
        assert handed["only_you"]
        assert world.results_on(handed) == await world.provider_results("kept over a restart")
        collected = await ann.sees(card, "Done, collected · 4 credits", "handed to you privately")
        assert not any("Collect" in label for label in labels_of(collected))
        assert world.account(ann) == (0, 4000)


async def test_a_removed_bot_still_reaches_its_member(world: World, ann: Member, small: Path) -> None:
    await running(world, ann, "thrown out", small)
    world.faults(bot_removed=True, token_expired=True)
    await world.finish()
    new = await ann.message(
        lambda each: each["channel_id"] == ann.channels["direct"] and "thrown out" in text_of(each)
    )
    assert (await delivered(world, ann))["rung"] == "direct"
    assert world.results_on(new) == await world.provider_results("thrown out")


async def test_a_reactions_card_goes_the_same_ways(
    world: World, ann: Member, ben: Member, small: Path
) -> None:
    """It has no token: what remains are the message, the channel, the direct message."""
    card = await ann.edit("without a token", small)
    await ann.sees(card, "Done")
    await world.closed(card)
    world.switch(next=["stuck"])
    await ben.react(card)
    reply = await ben.reply_to(card, "reroll of")
    await ben.sees(reply, "Running")
    await world.page("delete-message", channel_id=reply["channel_id"], message_id=reply["id"])
    await world.finish()
    new = await ben.message(
        lambda each: "Done" in text_of(each) and ben.mention in text_of(each) and each["id"] != reply["id"]
    )
    assert (await delivered(world, ben))["rung"] == "direct"
    assert new["channel_id"] == ben.channels["direct"]
    assert len(copies(world, ben)) == 1


# Trouble on the way


async def test_a_short_trouble_is_waited_out_on_the_same_way(world: World, ann: Member, small: Path) -> None:
    card = await running(world, ann, "short trouble", small)
    world.faults(script=[{"method": "PATCH", "path": "/webhooks/", "status": 502, "body": "<html>"}])
    await world.finish()
    done = await ann.sees(card, "Done")
    assert (await delivered(world, ann))["rung"] == "token"
    assert world.results_on(done) == await world.provider_results("short trouble")
    assert len(copies(world, ann)) == 1


async def test_a_retried_send_is_one_message(world: World, ann: Member, small: Path) -> None:
    """Discord took the message but its answer was lost: the nonce makes the repeat the same message."""
    card = await running(world, ann, "sent twice", small)
    await world.page("delete-message", channel_id=card["channel_id"], message_id=card["id"])
    channel = f"/channels/{ann.channels['direct']}/messages"
    world.faults(script=[{"method": "POST", "path": channel, "action": "reset_after"}])
    await world.finish()
    new = await ann.message(lambda each: "sent twice" in text_of(each) and "Done" in text_of(each))
    await delivered(world, ann)
    assert [each["id"] for each in copies(world, ann)] == [new["id"]]
    sends = [
        each for each in world.requests("POST", channel) if each["body"] and "sent twice" in str(each["body"])
    ]
    assert len(sends) == 2
    assert len({each["body"]["nonce"] for each in sends}) == 1
    assert all(each["body"]["enforce_nonce"] for each in sends)


async def test_a_crash_after_the_send_does_not_double_it(tmp_path: Path) -> None:
    """The message is out, the row does not know: after the restart it is looked for, not sent again."""
    async with open_world(tmp_path) as world, world.member("ann") as ann:
        card = await running(world, ann, "crash after sending", small_photo(tmp_path / "a.jpg"))
        await world.page("delete-message", channel_id=card["channel_id"], message_id=card["id"])
        channel = f"/channels/{ann.channels['direct']}/messages"
        world.faults(
            script=[
                {"method": "POST", "path": channel, "action": "reset_after"},
                {"method": "POST", "path": channel, "delay": 60.0},
            ]
        )
        await world.finish()
        await ann.message(lambda each: "crash after sending" in text_of(each) and "Done" in text_of(each))
        await world.kill_bot()
        assert job_of(world, ann)["status"] == "delivering"
        world.faults(script=[])
        await world.page("clock", skip=600)
        await world.start_bot()
        row = await delivered(world, ann)
        assert row["rung"] == "direct"
        assert len(copies(world, ann)) == 1
        assert world.account(ann) == (0, 4000)


# Fit


async def test_results_too_large_for_one_request_are_spread_unchanged(
    world: World, ann: Member, small: Path
) -> None:
    world.switch(big_results=9 * MIB)
    card = await ann.edit("four heavy ones", small, count=4)
    done = await ann.sees(card, "Done · 16 credits", "the others are below")
    row = await delivered(world, ann)
    assert (row["note"], row["collected"]) == ("spread", 1)
    more = await ann.reply_to(done, "Results, continued")
    assert world.results_on(done, more) == await world.provider_results("four heavy ones")
    assert len(pictures_of(done)) == 2
    assert len(pictures_of(more)) == 2


async def test_a_result_over_the_limit_is_re_encoded_and_the_original_waits(
    world: World, ann: Member, small: Path
) -> None:
    world.faults(upload_limit=MIB)
    world.switch(big_results=2 * MIB, fast_results=False)
    card = await ann.edit("too heavy for here", small, quality="low")
    done = await ann.sees(card, "Done · 4 credits", "Re-encoded", "/jobs")
    row = await delivered(world, ann)
    assert row["note"] == "reencoded"
    [original] = await world.provider_results("too heavy for here")
    [(name, sha)] = [each for each in world.files_of(done) if each[0].startswith("darkroom-")]
    assert sha != original
    assert name.endswith((".webp", ".jpg", ".png"))
    world.faults(upload_limit=None)
    listed = await ann.ask("jobs")
    answer = await ann.answer(await ann.press(listed, "Collect originals"))
    handed = await ann.message(lambda each: each["id"] == answer["id"] and bool(each["attachments"]))
    assert world.results_on(handed) == [original]


async def test_what_no_message_can_carry_is_linked_and_kept(world: World, ann: Member, small: Path) -> None:
    world.faults(upload_limit=16 * 1024)
    world.switch(fast_results=False, big_results=300_000)
    card = await ann.edit("nothing fits", small, quality="low")
    done = await ann.sees(card, "Done · 4 credits", "Too large for Discord", "/jobs", "<t:")
    row = await delivered(world, ann)
    assert (row["note"], row["collected"]) == ("linked", 0)
    [url] = world.job_at_provider("nothing fits")["results"]
    assert url in text_of(done)
    listed = await ann.ask("jobs")
    await ann.press(listed, "Collect")
    told = await ann.message(lambda each: "It stays in /jobs" in text_of(each))
    assert FREE not in text_of(told)
    world.faults(upload_limit=None)
    answer = await ann.answer(await ann.press(listed, "Collect"))
    handed = await ann.message(lambda each: each["id"] == answer["id"] and bool(each["attachments"]))
    assert world.results_on(handed) == await world.provider_results("nothing fits")


async def test_a_limit_that_was_not_announced_is_found_out(world: World, ann: Member, small: Path) -> None:
    """413 with 40005: smaller, until it fits."""
    world.faults(unannounced_limit=3 * MIB)
    world.switch(fast_results=False, big_results=4 * MIB)
    card = await ann.edit("surprise limit", small, quality="low")
    await ann.sees(card, "Done · 4 credits", "Re-encoded")
    assert (await delivered(world, ann))["note"] == "reencoded"
    assert len(copies(world, ann)) == 1


async def test_the_smaller_of_the_members_and_the_servers_limit_counts(
    world: World, ann: Member, small: Path
) -> None:
    """A member with a subscription may upload more than the bot can put in by its own token later."""
    world.faults(member_upload_limit=100 * MIB)
    world.switch(big_results=11 * MIB, fast_results=False)
    card = await ann.edit("more than the server takes", small, quality="low")
    await ann.sees(card, "Done", "Re-encoded")
    assert job_of(world, ann)["attachment_limit"] == 10 * MIB
    await delivered(world, ann)


# The reminder


async def test_a_job_that_took_longer_than_a_minute_ends_with_a_reply(
    world: World, ann: Member, ben: Member, small: Path
) -> None:
    card = await running(world, ann, "take your time", small)
    world.change("UPDATE jobs SET created_at = created_at - 61000 WHERE id = ?", job_of(world, ann)["id"])
    await world.finish()
    reply = await ann.reply_to(card, "your image is ready")
    assert [each["id"] for each in reply["mentions"]] == [ann.id]
    assert labels_of(reply) == ["Stop these"]
    await delivered(world, ann)
    refused = await ben.answer(await ben.press(reply, "Stop these"))
    assert "Only the member" in text_of(refused)
    stopped = await ann.answer(await ann.press(reply, "Stop these"))
    assert "Stopped" in text_of(stopped)
    assert "/settings me switches it on again" in text_of(stopped)
    second = await running(world, ann, "take your time again", small)
    world.change("UPDATE jobs SET created_at = created_at - 61000 WHERE id = ?", job_of(world, ann)["id"])
    await world.finish()
    await ann.sees(second, "Done")
    await delivered(world, ann)
    assert not any("your image is ready" in text_of(each) for each in ann.messages.values() if each != reply)
    await ann.delete_for_good(ann.messages[card["id"]])
    await ann.gone(reply)


async def test_a_reminder_that_a_bot_could_not_note_any_more_is_not_sent_again(
    world: World, ann: Member, small: Path
) -> None:
    card = await running(world, ann, "noted too late", small)
    world.change("UPDATE jobs SET created_at = created_at - 61000 WHERE id = ?", job_of(world, ann)["id"])
    await world.finish()
    reply = await ann.reply_to(card, "your image is ready")
    await delivered(world, ann)
    job_id = job_of(world, ann)["id"]
    await world.stop_bot()
    world.change("DELETE FROM messages WHERE job_id = ? AND purpose = 'reminder'", job_id)
    world.change("UPDATE jobs SET reminded = 0 WHERE id = ?", job_id)
    # Longer than Discord knows a nonce.
    await world.page("clock", skip=600)
    await world.start_bot()
    await until(
        lambda: world.query("SELECT reminded FROM jobs WHERE id = ?", job_id)[0][0] == 1,
        what=lambda: "its end",
    )
    noted = world.query("SELECT message_id FROM messages WHERE job_id = ? AND purpose = 'reminder'", job_id)
    assert [str(row[0]) for row in noted] == [reply["id"]]
    said = [each["id"] for each in ann.messages.values() if "your image is ready" in text_of(each)]
    assert said == [reply["id"]]


async def test_a_quick_job_ends_without_a_reply(world: World, ann: Member, small: Path) -> None:
    card = await ann.edit("quick", small)
    await ann.sees(card, "Done")
    await delivered(world, ann)
    assert not any(
        (each.get("message_reference") or {}).get("message_id") == card["id"]
        for each in ann.messages.values()
    )
