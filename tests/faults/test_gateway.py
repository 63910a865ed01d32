"""A gateway that goes away: running jobs do not notice, and what members ask for meanwhile is answered."""

import asyncio
from pathlib import Path

import pytest

from playground.discord.gateway_socket import GatewaySocket
from playground.discord.jsons import JsonObject
from playground.discord.outbox import Outbox
from playground.discord.sessions import Session
from tests.e2e.member import Member
from tests.e2e.world import until
from tests.faults.fast_world import PAID, Case, FastWorld, ask_for


async def running(world: FastWorld, member: Member, image: Path, prompt: str) -> Case:
    """Return a job that runs until the provider is told to finish."""
    world.switch(next=["stuck"])
    [case] = await ask_for(member, [prompt], image)
    await member.sees(case.card, "Running")
    return case


@pytest.mark.parametrize("loss", ["drop", "reconnect", "invalid_session"])
async def test_a_job_that_runs_while_the_gateway_goes_is_delivered_and_the_next_is_taken(
    world: FastWorld, ann: Member, small: Path, loss: str
) -> None:
    case = await running(world, ann, small, f"meanwhile {loss.replace('_', ' ')}")
    events = len(ann.events)
    await world.page("gateway", do=loss)
    await world.finish()
    await ann.sees(case.card, "Done · 4 credits")
    assert world.entries(case.card) == PAID
    await until(lambda: online_again(ann, events), what=lambda: "the bot to be back")
    [after] = await ask_for(ann, [f"afterwards {loss.replace('_', ' ')}"], small)
    await ann.sees(after.card, "Done · 4 credits")
    assert world.entries(after.card) == PAID


def online_again(member: Member, since: int) -> bool:
    """Tell whether the bot was seen to go and to come back."""
    states = [each["d"]["online"] for each in member.events[since:] if each["t"] == "bot"]
    return False in states and states[-1]


async def test_an_event_that_cannot_be_read_is_skipped(world: FastWorld, ann: Member, small: Path) -> None:
    world.troubles.add("cannot be read")
    for event in ("INTERACTION_CREATE", "MESSAGE_REACTION_ADD", "MESSAGE_REACTION_ADD"):
        await world.page("dispatch", event=event, data={"id": "not a number"})
    [case] = await ask_for(ann, ["after what cannot be read"], small)
    await ann.sees(case.card, "Done · 4 credits")
    assert world.log().count("The event MESSAGE_REACTION_ADD cannot be read") == 1


async def test_an_event_of_the_start_that_cannot_be_read_is_skipped(
    world: FastWorld, ann: Member, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    identify = GatewaySocket._identify

    def spoilt(self: GatewaySocket, data: JsonObject, outbox: Outbox) -> Session:
        session = identify(self, data, outbox)
        session.dispatch("GUILD_CREATE", '{"id": "another server"}')
        return session

    monkeypatch.setattr(GatewaySocket, "_identify", spoilt)
    world.troubles.add("cannot be read")
    await world.stop_bot()
    await world.start_bot()
    await world.logged("The event GUILD_CREATE cannot be read")
    [case] = await ask_for(ann, ["after such a start"], small)
    await ann.sees(case.card, "Done · 4 credits")


async def test_a_command_sent_while_the_gateway_is_away_is_answered_after_the_resume(
    world: FastWorld, ann: Member, small: Path
) -> None:
    await world.page("gateway", do="pause")
    asked = asyncio.create_task(ask_for(ann, ["sent into the gap"], small))
    await until(lambda: any(each["t"] == "interaction" for each in ann.events), what=lambda: "the command")
    assert world.jobs_of(ann) == []
    await world.page("gateway", do="drop")
    await world.page("gateway", do="resume")
    [case] = await asked
    await ann.sees(case.card, "Done · 4 credits")
    assert world.entries(case.card) == PAID
