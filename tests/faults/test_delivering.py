"""A Discord that misbehaves when a card is edited or sent: every result arrives, once, by some way."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from playground.discord import rest
from tests.e2e.member import Member, Message
from tests.e2e.messages import labels_of, text_of, title_of
from tests.faults.conftest import Join
from tests.faults.fast_world import FREE, PAID, Case, FastWorld, ask_for, until

HTML = "<html><body>Bad Gateway</body></html>"
VIA = {"Via": "1.1 google"}
LIMITED = {"message": "You are being rate limited.", "retry_after": 0.3, "global": False}
ON_AN_EDIT: Mapping[str, dict[str, Any]] = {
    "429_with_via": {"status": 429, "body": LIMITED, "headers": VIA},
    "429_of_everything": {"status": 429, "body": {**LIMITED, "global": True}, "headers": VIA},
    "429_without_via": {"status": 429, "body": HTML},
    "500": {"status": 500, "body": HTML},
    "502": {"status": 502, "body": HTML},
    "503": {"status": 503, "body": HTML},
    "504": {"status": 504, "body": HTML},
    "reset_before": {"action": "reset_before"},
    "reset_after": {"action": "reset_after"},
    "cut": {"action": "cut"},
    "drip": {"action": "drip"},
    "slow_upload": {"delay": 2.0},
}


@dataclass(kw_only=True)
class Delivered:
    """Jobs the delivery of each of which met one fault."""

    member: Member
    cases: Mapping[str, Case]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def delivered(shared_world: FastWorld, troupe: Join, small: Path) -> AsyncGenerator[Delivered]:
    world, ann = shared_world, await troupe()
    world.switch(always="stuck")
    listed = await ask_for(ann, [f"bumpy delivery {number}" for number in range(len(ON_AN_EDIT))], small)
    cases = dict(zip(ON_AN_EDIT, listed, strict=True))
    for case in listed:
        await ann.sees(case.card, "Running")
    world.faults(
        script=[
            {"method": "PATCH", "path": f"/messages/{cases[name].card['id']}$", **line}
            for name, line in ON_AN_EDIT.items()
        ]
    )
    world.switch(always=None)
    with pytest.MonkeyPatch.context() as patch:
        # A card's reply has thousands of bytes: drop by drop, but without a pause between them.
        patch.setattr(rest, "DRIP", 0.0)
        await world.finish()
        for case in listed:
            await world.status(case.card, "done", "failed")
    assert world.discord.faults.script == [], "a fault that nothing met"
    yield Delivered(member=ann, cases=cases)


@pytest.mark.parametrize("fault", ON_AN_EDIT)
async def test_an_edit_that_fails_is_tried_again_and_the_result_is_there_once(
    shared_world: FastWorld, delivered: Delivered, fault: str
) -> None:
    world, ann, case = shared_world, delivered.member, delivered.cases[fault]
    done = await ann.sees(case.card, "Done · 4 credits")
    assert world.results_on(done) == await world.provider_results(case.prompt)
    assert world.job(case.card)["rung"] == "token"
    assert world.entries(case.card) == PAID
    assert [each["id"] for each in shown(ann, case)] == [case.card["id"]], "it was posted twice"


def shown(member: Member, case: Case) -> list[Message]:
    """Return all messages that show a job."""
    return [each for each in member.messages.values() if f"> {case.prompt}\n" in text_of(each)]


async def running(world: FastWorld, member: Member, image: Path, prompt: str) -> Case:
    """Return a job that runs until the provider is told to finish."""
    world.switch(next=["stuck"])
    [case] = await ask_for(member, [prompt], image)
    await member.sees(case.card, "Running")
    return case


async def test_after_the_token_has_expired_the_same_card_is_edited(
    world: FastWorld, ann: Member, small: Path
) -> None:
    case = await running(world, ann, small, "code 50027")
    world.faults(token_expired=True)
    await world.finish()
    done = await ann.sees(case.card, "Done · 4 credits")
    assert world.results_on(done) == await world.provider_results(case.prompt)
    assert (await world.closed(case.card))["rung"] == "message"
    assert world.entries(case.card) == PAID


async def test_a_card_that_somebody_deleted_never_comes_back_and_its_result_goes_to_its_member_alone(
    world: FastWorld, ann: Member, small: Path
) -> None:
    case = await running(world, ann, small, "code 10008")
    before = len(world.all_messages())
    await world.page("delete-message", channel_id=case.card["channel_id"], message_id=case.card["id"])
    await world.finish()
    direct = await new_card(ann, case)
    assert direct["channel_id"] == ann.channels["direct"]
    assert "My message in the channel was deleted" in text_of(direct)
    assert world.results_on(direct) == await world.provider_results(case.prompt)
    assert world.entries(direct) == PAID
    await world.settled()
    sent = [each for each in world.all_messages() if each["channel_id"] == case.card["channel_id"]]
    assert len(sent) <= before - 1, "something was posted in the channel again"


async def test_a_deletion_that_nobody_told_of_is_noticed_by_the_next_edit(
    world: FastWorld, ann: Member, small: Path
) -> None:
    case = await running(world, ann, small, "deleted unheard")
    refusal = {"code": 10008, "message": "Unknown Message"}
    path = f"/messages/{case.card['id']}$"
    world.faults(script=[{"method": "PATCH", "path": path, "status": 404, "body": refusal, "times": 2}])
    await world.finish()
    direct = await new_card(ann, case)
    assert direct["channel_id"] == ann.channels["direct"]
    assert world.results_on(direct) == await world.provider_results(case.prompt)


async def test_where_direct_messages_are_closed_the_result_of_a_deleted_card_waits_in_the_list(
    world: FastWorld, ann: Member, small: Path
) -> None:
    case = await running(world, ann, small, "deleted and closed")
    world.faults(closed_dms=True)
    await world.page("delete-message", channel_id=case.card["channel_id"], message_id=case.card["id"])
    await world.finish()
    await world.settled()
    [row] = [each for each in world.jobs_of(ann) if each["prompt"] == case.prompt]
    assert (row["rung"], row["collected"], row["hidden"]) == ("kept", 0, 1)
    assert all(each["id"] == case.card["id"] for each in shown(ann, case))


async def test_a_new_message_whose_answer_is_lost_is_not_sent_twice(
    world: FastWorld, ann: Member, small: Path
) -> None:
    case = await running(world, ann, small, "sent once")
    refusal = {"code": 50001, "message": "Missing Access"}
    world.faults(
        script=[
            *({"method": "PATCH", "path": f"/messages/{case.card['id']}$", "status": 403, "body": refusal},)
            * 2,
            {"method": "POST", "path": "/channels/[0-9]+/messages$", "action": "reset_after"},
        ]
    )
    await world.finish()
    again = await new_card(ann, case)
    await world.closed(again)
    assert world.discord.faults.script == []
    sent = [each["id"] for each in shown(ann, case) if each["id"] != case.card["id"]]
    assert sent == [again["id"]], "it was posted twice"
    assert world.entries(again) == PAID


async def test_a_channel_that_was_hidden_is_passed_by_with_a_direct_message(
    world: FastWorld, ann: Member, small: Path
) -> None:
    case = await running(world, ann, small, "code 50001")
    world.faults(channel_hidden=True, token_expired=True)
    await world.finish()
    direct = await new_card(ann, case)
    assert direct["channel_id"] == ann.channels["direct"]
    assert world.results_on(direct) == await world.provider_results(case.prompt)
    assert world.entries(direct) == PAID


async def test_with_no_way_left_the_result_waits_under_jobs(
    world: FastWorld, ann: Member, small: Path
) -> None:
    case = await running(world, ann, small, "code 50007")
    world.faults(channel_hidden=True, token_expired=True, closed_dms=True)
    await world.finish()
    assert (await world.status(case.card, "done"))["rung"] == "kept"
    assert world.entries(case.card) == PAID
    world.faults(channel_hidden=False, token_expired=False, closed_dms=False)
    listed = await ann.ask("jobs")
    assert "code 50007" in text_of(listed)
    [collect] = [label for label in labels_of(listed) if label.startswith("Collect")]
    handed = await ann.answer(await ann.press(listed, collect))
    handed = await ann.message(lambda each: each["id"] == handed["id"] and bool(each["attachments"]))
    assert handed.get("only_you")
    assert [sha for _, sha in world.files_of(handed)] == await world.provider_results(case.prompt)


async def test_a_card_that_could_not_be_edited_is_brought_up_to_date_later(
    world: FastWorld, ann: Member, small: Path
) -> None:
    case = await running(world, ann, small, "permissions gone for seconds")
    failing = await running(world, ann, small, "fails meanwhile")
    world.faults(channel_hidden=True, token_expired=True, closed_dms=True)
    world.switch(script=[failed(world.job(failing.card)["provider_job_id"])], list_shape="missing")
    await world.finish()
    assert (await world.status(case.card, "done"))["rung"] == "kept"
    await world.status(failing.card, "failed")
    await until(lambda: lagging(world, case, failing) == 2, what=lambda: "two cards that lag")
    assert [title_of(text_of(ann.messages[each.card["id"]])) for each in (case, failing)] == ["Running"] * 2
    world.faults(channel_hidden=False, token_expired=False, closed_dms=False)
    done = await ann.sees(case.card, "Done", "the image waits for you in /jobs.")
    await ann.sees(failing.card, "Failed", "You were not charged.")
    assert [len(shown(ann, each)) for each in (case, failing)] == [1, 1]
    handed = await ann.answer(await ann.press(done, "Collect"))
    handed = await ann.message(lambda each: each["id"] == handed["id"] and bool(each["attachments"]))
    assert [sha for _, sha in world.files_of(handed)] == await world.provider_results(case.prompt)
    await ann.sees(case.card, "The image was handed to you privately.")
    assert (world.entries(case.card), world.entries(failing.card)) == (PAID, FREE)


async def test_a_card_that_lags_when_the_bot_stops_is_brought_up_to_date_at_the_start(
    world: FastWorld, ann: Member, small: Path
) -> None:
    case = await running(world, ann, small, "not before the restart")
    world.faults(channel_hidden=True, token_expired=True, closed_dms=True)
    await world.finish()
    await world.status(case.card, "done")
    await world.stop_bot()
    world.faults(channel_hidden=False, token_expired=False, closed_dms=False)
    await world.start_bot()
    await ann.sees(case.card, "Done", "the image waits for you in /jobs.")


def failed(provider_job_id: str) -> dict[str, Any]:
    said = {"jobId": provider_job_id, "status": "failed", "error": "Internal error"}
    return {"path": f"/jobs/{provider_job_id}$", "status": 200, "body": said, "times": 99}


def lagging(world: FastWorld, *cases: Case) -> int:
    ids = {int(case.card["id"]) for case in cases}
    return len(ids & {row["message_id"] for row in world.query("SELECT message_id FROM stale_cards")})


@pytest.mark.parametrize("answer", ["40005", "html"])
async def test_files_that_discord_calls_too_large_are_made_smaller(
    world: FastWorld, ann: Member, small: Path, answer: str
) -> None:
    world.switch(big_results=900_000)
    case = await running(world, ann, small, "413")
    if answer == "html":
        line = {"method": "PATCH", "path": "/messages/", "times": 5, "status": 413, "body": HTML}
        world.faults(script=[line])
    else:
        world.faults(unannounced_limit=400_000)
    await world.finish()
    done = await ann.sees(case.card, "Done · 4 credits", "Re-encoded to fit Discord’s upload limit")
    [found] = [each for each in done["attachments"] if each["filename"].startswith("darkroom-")]
    assert found["size"] <= 400_000
    assert world.entries(case.card) == PAID


async def test_while_discord_cannot_be_reached_a_result_waits_on_the_disk(
    world: FastWorld, ann: Member, small: Path
) -> None:
    case = await running(world, ann, small, "nobody answers")
    world.faults(script=[{"path": "/", "times": 100_000, "action": "reset_before"}])
    await world.finish()
    await world.status(case.card, "delivering")
    assert world.entries(case.card) == PAID
    await world.logged("Discord is in trouble on the way", times=2)
    assert world.job(case.card)["status"] == "delivering"
    world.faults(script=[])
    done = await ann.message(lambda each: f"> {case.prompt}" in text_of(each) and "Done" in text_of(each))
    assert world.results_on(done) == await world.provider_results(case.prompt)
    await world.closed(done)
    assert [each["id"] for each in shown(ann, case)] == [done["id"]], "an older card is left"
    assert world.entries(done) == PAID


async def new_card(member: Member, case: Case) -> Message:
    """Return a finished card for a job that is not the one that answered."""
    return await member.message(
        lambda each: (
            each["id"] != case.card["id"] and f"> {case.prompt}" in text_of(each) and "Done" in text_of(each)
        ),
        what="a new card",
    )
