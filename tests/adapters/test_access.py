"""Who may use a command where: Discord's own rules, asked anew where Discord does not ask them for us."""

from types import SimpleNamespace
from typing import Any

import discord
import pytest

from adapters.access import KEPT_FOR, About, Access, Asker, Rule, allowed
from domain.errors import Reason, Refusal
from domain.job import Kind
from tests.clock import FakeClock

GUILD, CHANNEL, THREAD_PARENT = 1_000, 7, 8
MEMBER, ROLE, OTHER_ROLE = 101, 201, 202
EVERYONE = GUILD
ALL_CHANNELS = GUILD - 1
COMMAND, APPLICATION = 50, 60

YES, NO = True, False


def asker(
    *, roles: tuple[int, ...] = (ROLE,), channels: tuple[int, ...] = (CHANNEL,), **rights: bool
) -> Asker:
    permissions = discord.Permissions(**({"use_application_commands": True} | rights))
    return Asker(
        guild_id=GUILD, channel_ids=channels, member_id=MEMBER, role_ids=roles, permissions=permissions
    )


def rules(**given: bool) -> list[Rule]:
    named = {
        "here": (About.CHANNEL, CHANNEL),
        "parent": (About.CHANNEL, THREAD_PARENT),
        "everywhere": (About.CHANNEL, ALL_CHANNELS),
        "elsewhere": (About.CHANNEL, 99),
        "member": (About.USER, MEMBER),
        "another": (About.USER, 102),
        "role": (About.ROLE, ROLE),
        "other_role": (About.ROLE, OTHER_ROLE),
        "everyone": (About.ROLE, EVERYONE),
    }
    return [Rule(*named[name], permission) for name, permission in given.items()]


TABLE: list[tuple[dict[str, bool], bool]] = [
    ({}, YES),
    # The channel's word
    ({"here": NO}, NO),
    ({"here": YES}, YES),
    ({"everywhere": NO}, NO),
    ({"everywhere": NO, "here": YES}, YES),
    ({"everywhere": YES, "here": NO}, NO),
    ({"elsewhere": NO}, YES),
    ({"here": NO, "member": YES, "role": YES}, NO),
    # The member's, before their roles', before everyone's
    ({"member": NO}, NO),
    ({"another": NO}, YES),
    ({"member": NO, "role": YES, "everyone": YES}, NO),
    ({"member": YES, "role": NO, "everyone": NO}, YES),
    ({"role": NO}, NO),
    ({"role": YES, "everyone": NO}, YES),
    ({"role": NO, "everyone": YES}, NO),
    ({"other_role": YES, "everyone": NO}, NO),
    ({"other_role": NO}, YES),
    ({"everyone": NO}, NO),
    ({"everyone": YES}, YES),
]


@pytest.mark.parametrize(("given", "may"), TABLE, ids=lambda value: str(value))
def test_the_rules_of_a_command_apply_in_discords_order(given: dict[str, bool], may: bool) -> None:
    assert allowed(rules(**given), asker()) is may


@pytest.mark.parametrize(
    ("given", "may"),
    [
        ({"role": NO, "other_role": YES}, YES),
        ({"role": NO, "other_role": NO}, NO),
        ({"role": NO, "other_role": YES, "everyone": NO}, YES),
    ],
)
def test_one_role_that_allows_is_enough(given: dict[str, bool], may: bool) -> None:
    assert allowed(rules(**given), asker(roles=(ROLE, OTHER_ROLE))) is may


def test_everyone_is_no_role_among_others() -> None:
    with_everyone = asker(roles=(EVERYONE, ROLE))
    assert allowed(rules(role=YES, everyone=NO), with_everyone)
    assert not allowed(rules(role=NO, everyone=YES), with_everyone)


@pytest.mark.parametrize(
    ("given", "may"),
    [({"parent": NO}, NO), ({"parent": NO, "here": YES}, YES), ({"parent": YES, "everywhere": NO}, YES)],
)
def test_a_thread_goes_by_the_channel_it_is_in_unless_it_has_a_word_of_its_own(
    given: dict[str, bool], may: bool
) -> None:
    assert allowed(rules(**given), asker(channels=(CHANNEL, THREAD_PARENT))) is may


class Discord:
    """Discord's answer about a command's rules: a list for those that have any."""

    def __init__(self, answers: dict[int, list[dict[str, Any]]]) -> None:
        self.answers = answers
        self.asked: list[int] = []

    async def get_application_command_permissions(
        self, application_id: int, guild_id: int, subject: int
    ) -> dict[str, Any]:
        assert (application_id, guild_id) == (APPLICATION, GUILD)
        self.asked.append(subject)
        if subject in self.answers:
            return {"permissions": self.answers[subject]}
        reply = SimpleNamespace(status=404, reason="Not Found", headers={})
        raise discord.NotFound(reply, {"code": 10066, "message": "no rules"})  # type: ignore[arg-type]


DENY_ALL = [{"type": 1, "id": str(GUILD), "permission": False}]
ALLOW_ALL = [{"type": 1, "id": str(GUILD), "permission": True}]


def access(answers: dict[int, list[dict[str, Any]]], **ids: int) -> tuple[Access, Discord, FakeClock]:
    http, clock = Discord(answers), FakeClock()
    bot: Any = SimpleNamespace(http=http, application_id=APPLICATION)
    command_ids = {"edit": COMMAND, "generate": COMMAND + 1, **ids}
    return Access(bot=bot, clock=clock, command_ids=command_ids), http, clock


async def may(subject: Access, who: Asker, kind: Kind = Kind.EDIT) -> bool:
    try:
        await subject.check(who, kind)
    except Refusal as refusal:
        assert refusal.reason is Reason.MEMBER_MAY_NOT  # noqa: PT017 - either answer is right
        return False
    return True


async def test_a_command_without_rules_goes_by_the_applications() -> None:
    for answers, expected in (
        ({}, True),
        ({APPLICATION: DENY_ALL}, False),
        ({APPLICATION: DENY_ALL, COMMAND: ALLOW_ALL}, True),
        ({APPLICATION: ALLOW_ALL, COMMAND: DENY_ALL}, False),
    ):
        subject, _, _ = access(answers)
        assert await may(subject, asker()) is expected, answers


async def test_use_application_commands_is_needed_whatever_the_rules_say() -> None:
    subject, _, _ = access({COMMAND: ALLOW_ALL})
    assert not await may(subject, asker(use_application_commands=False))


async def test_an_administrator_may_always() -> None:
    subject, http, _ = access({COMMAND: DENY_ALL})
    assert await may(subject, asker(administrator=True, use_application_commands=False))
    assert http.asked == []


async def test_rules_are_kept_for_five_minutes_by_command() -> None:
    subject, http, clock = access({COMMAND: ALLOW_ALL})
    for _ in range(3):
        assert await may(subject, asker())
    assert http.asked == [COMMAND]
    http.answers[COMMAND] = DENY_ALL
    await clock.advance(KEPT_FOR - 1)
    assert await may(subject, asker())
    await clock.advance(2)
    assert not await may(subject, asker())
    assert http.asked == [COMMAND] * 2
    assert await may(subject, asker(), Kind.GENERATE)
    assert http.asked[2:] == [COMMAND + 1, APPLICATION]


async def test_trouble_at_discord_is_no_permission() -> None:
    subject, http, _ = access({})

    async def failing(*_given: int) -> dict[str, Any]:
        reply = SimpleNamespace(status=503, reason="down", headers={})
        raise discord.DiscordServerError(reply, "down")  # type: ignore[arg-type]

    http.get_application_command_permissions = failing  # type: ignore[method-assign]
    with pytest.raises(discord.DiscordServerError):
        await subject.check(asker(), Kind.EDIT)
