"""The gate: from where one may ask, how long one must have been there, and where a button counts."""

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import discord
import pytest
from discord.utils import time_snowflake

from adapters.access import Asker
from adapters.gate import Gate, Terms, Visitor
from domain.errors import Reason, Refusal
from domain.job import Job, Kind
from domain.limits import DAY, MINUTE
from domain.server_settings import ServerSettings
from tests.clock import FakeClock
from tests.storage.rows import a_job
from ui.texts import say

GUILD, ELSEWHERE, CHANNEL, DIRECT = 10, 11, 20, 30
ALLOWED = frozenset({GUILD})


def moment(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1000, UTC)


class Bot:
    """Is in one server, and is run by one account."""

    def __init__(self) -> None:
        self.operator = 0
        self.member: Any = None

    def get_guild(self, guild_id: int) -> Any:
        return SimpleNamespace(id=GUILD, fetch_member=self.fetch_member) if guild_id == GUILD else None

    async def fetch_member(self, _member_id: int) -> Any:
        if self.member is None:
            reply: Any = SimpleNamespace(status=404, reason="Not Found", headers={})
            raise discord.NotFound(reply, {"code": 10007, "message": "Unknown Member"})
        return self.member

    async def is_owner(self, user: Any) -> bool:
        return user.id == self.operator


class Setting:
    """A gate, and what it asks."""

    def __init__(
        self, *, allowed: frozenset[int] | None = ALLOWED, account_days: int = 1, joined_minutes: int = 10
    ) -> None:
        self.clock = FakeClock()
        self.bot: Any = Bot()
        self.blocked: list[tuple[int, int]] = []
        self.asked: list[tuple[tuple[int, ...], Kind]] = []
        self.may = True
        self.answers_in: tuple[int, ...] = ()
        access: Any = SimpleNamespace(check=self.check)
        terms = Terms(allowed_guilds=allowed, account_days=account_days, joined_minutes=joined_minutes)
        self.gate = Gate(
            bot=self.bot,
            clock=self.clock,
            access=access,
            terms=terms,
            blocked=self.look_for_blocks,
            settings=self.settings,
        )

    async def check(self, asker: Any, kind: Kind) -> None:
        self.asked.append((asker.channel_ids, kind))
        if not self.may:
            raise Refusal(Reason.MEMBER_MAY_NOT)

    async def settings(self, guild_id: int) -> ServerSettings:
        assert guild_id == GUILD
        return ServerSettings(answers_in=self.answers_in)

    async def look_for_blocks(self, guild_id: int, member_id: int) -> None:
        if (guild_id, member_id) in self.blocked:
            raise Refusal(Reason.MEMBER_BLOCKED)

    def member(self, *, days: float = 100.0, minutes: float | None = 1_000.0) -> Any:
        now = self.clock.now()
        found: Any = object.__new__(discord.Member)
        found._user = SimpleNamespace(id=time_snowflake(moment(now - int(days * DAY))))
        found.joined_at = None if minutes is None else moment(now - int(minutes * MINUTE))
        found._roles = ()
        found.guild = SimpleNamespace(
            id=GUILD, get_role=lambda _id: None, default_role=SimpleNamespace(id=GUILD)
        )
        return found

    def interaction(self, member: Any = None, **values: Any) -> Any:
        given: dict[str, Any] = {
            "user": member or self.member(),
            "guild_id": GUILD,
            "channel_id": CHANNEL,
            "channel": None,
            "permissions": discord.Permissions.none(),
            "context": SimpleNamespace(private_channel=None),
            "message": None,
            "is_user_integration": lambda: False,
            "is_guild_integration": lambda: True,
        }
        return SimpleNamespace(**given | values)


async def refused(asking: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await asking
    return caught.value


PLACES = [
    ({"guild_id": None}, Reason.DIRECT_MESSAGE),
    ({"guild_id": ELSEWHERE}, Reason.NOT_IN_SERVER),
    ({"is_user_integration": lambda: True, "is_guild_integration": lambda: False}, Reason.USER_INSTALL),
]


@pytest.mark.parametrize(("place", "reason"), PLACES, ids=lambda value: str(value)[:20])
async def test_nothing_is_spent_or_shown_where_the_bot_was_not_invited_to(place: Any, reason: Reason) -> None:
    setting = Setting(allowed=None)
    interaction = setting.interaction(**place)
    assert (await refused(setting.gate.spend(interaction, Kind.EDIT))).reason is reason
    with pytest.raises(Refusal) as caught:
        setting.gate.show(interaction)
    assert caught.value.reason is reason
    assert not setting.gate.shows(interaction)


async def test_only_the_servers_of_the_list_may_spend_the_key() -> None:
    setting = Setting(allowed=frozenset({ELSEWHERE}))
    assert (
        await refused(setting.gate.spend(setting.interaction(), Kind.EDIT))
    ).reason is Reason.GUILD_NOT_ALLOWED
    assert setting.gate.show(setting.interaction()) == GUILD
    with pytest.raises(Refusal) as caught:
        setting.gate.manage(setting.interaction())
    assert caught.value.reason is Reason.GUILD_NOT_ALLOWED
    for allowed in (None, ALLOWED):
        assert Setting(allowed=allowed).gate.manage(Setting().interaction()) == GUILD
        assert await Setting(allowed=allowed).gate.spend(Setting().interaction(), Kind.EDIT)


async def test_whoever_comes_in_is_known_by_member_server_and_roles() -> None:
    setting = Setting()
    member = setting.member()
    visitor = await setting.gate.spend(setting.interaction(member), Kind.EDIT)
    assert visitor == Visitor(guild_id=GUILD, member_id=member.id, role_ids=(GUILD,))
    assert setting.asked == [((CHANNEL,), Kind.EDIT)]
    await setting.gate.spend(setting.interaction(member), Kind.EDIT, asked=True)
    assert len(setting.asked) == 1, "Discord has asked those rules itself"


@pytest.mark.parametrize(
    ("days", "minutes", "reason"),
    [
        (0.9, 1_000, Reason.ACCOUNT_TOO_NEW),
        (100, 9.9, Reason.JOINED_JUST_NOW),
        (100, None, Reason.JOINED_JUST_NOW),
    ],
)
async def test_accounts_and_memberships_must_have_an_age_and_it_is_said_when_they_have(
    days: float, minutes: float | None, reason: Reason
) -> None:
    setting = Setting()
    member = setting.member(days=days, minutes=minutes)
    refusal = await refused(setting.gate.spend(setting.interaction(member), Kind.EDIT))
    assert refusal.reason is reason
    goes_on = int(refusal.values["goes_on"])
    assert 0 < goes_on - setting.clock.now() <= DAY
    setting.bot.operator = member.id
    assert await setting.gate.spend(setting.interaction(member), Kind.EDIT), "whoever pays may always ask"
    setting.bot.operator = 0
    if minutes is not None:
        await setting.clock.advance((goes_on - setting.clock.now()) / 1000)
        assert await setting.gate.spend(setting.interaction(member), Kind.EDIT)


async def test_whoever_may_ask_only_later_is_told_when_beforehand() -> None:
    setting = Setting()
    refusal = await setting.gate.too_young(setting.member(days=0.9))
    assert refusal is not None
    assert refusal.reason is Reason.ACCOUNT_TOO_NEW
    assert await setting.gate.too_young(setting.member()) is None


async def test_where_no_age_is_asked_for_a_clock_that_is_behind_discords_refuses_nobody() -> None:
    setting = Setting(account_days=0, joined_minutes=0)
    asking = setting.interaction(setting.member(days=-0.01, minutes=-15))
    assert await setting.gate.spend(asking, Kind.EDIT)


async def test_a_form_opens_for_nobody_who_is_blocked_or_lacks_the_command() -> None:
    setting = Setting()
    member = setting.member()
    setting.may = False
    assert (
        await refused(setting.gate.spend(setting.interaction(member), Kind.EDIT))
    ).reason is Reason.MEMBER_MAY_NOT
    setting.blocked.append((GUILD, member.id))
    assert (
        await refused(setting.gate.spend(setting.interaction(member), Kind.EDIT, opens=True))
    ).reason is Reason.MEMBER_BLOCKED


# Buttons


def job_of(member_id: int, *, card: int | None = CHANNEL) -> Job:
    return a_job(guild_id=GUILD, channel_id=CHANNEL, member_id=member_id, card_channel_id=card, card_id=1)


PRIVATE = SimpleNamespace(flags=SimpleNamespace(ephemeral=True))
PUBLIC = SimpleNamespace(flags=SimpleNamespace(ephemeral=False))


@pytest.mark.parametrize(
    ("place", "mine", "there"),
    [
        ({}, False, True),
        ({"channel_id": CHANNEL + 1}, True, False),
        ({"channel_id": CHANNEL + 1, "message": PRIVATE}, True, True),
        ({"channel_id": CHANNEL + 1, "message": PRIVATE}, False, False),
        ({"channel_id": CHANNEL + 1, "message": PUBLIC}, True, False),
        ({"guild_id": None, "channel_id": DIRECT}, True, True),
        ({"guild_id": None, "channel_id": DIRECT}, False, False),
        ({"guild_id": None, "channel_id": DIRECT + 1}, True, False),
        ({"guild_id": None, "channel_id": DIRECT + 1, "message": PRIVATE}, True, True),
    ],
)
def test_a_button_counts_where_it_was_shown(place: Any, mine: bool, there: bool) -> None:
    setting = Setting()
    member = setting.member()
    card = DIRECT if "guild_id" in place else CHANNEL
    job = job_of(member.id if mine else 1, card=card)
    interaction = setting.interaction(member, **place)
    if there:
        setting.gate.touch(interaction, job)
        return
    with pytest.raises(Refusal, match="not_found"):
        setting.gate.touch(interaction, job)


async def test_a_card_sent_directly_asks_as_in_its_jobs_server() -> None:
    setting = Setting()
    member = setting.member()
    user: Any = SimpleNamespace(id=member.id)
    job = job_of(member.id, card=DIRECT)
    pressed = setting.interaction(user, guild_id=None, channel_id=DIRECT)
    assert (await refused(setting.gate.spend_on(pressed, job, Kind.EDIT))).reason is Reason.MEMBER_MAY_NOT
    setting.bot.member = SimpleNamespace(
        id=member.id, roles=[SimpleNamespace(id=7)], joined_at=member.joined_at, guild_permissions=None
    )
    visitor = await setting.gate.spend_on(pressed, job, Kind.EDIT)
    assert visitor == Visitor(guild_id=GUILD, member_id=member.id, role_ids=(7,))
    assert setting.asked == [((CHANNEL,), Kind.EDIT)]
    setting.blocked.append((GUILD, member.id))
    opening = setting.gate.spend_on(pressed, job, Kind.EDIT, opens=True)
    assert (await refused(opening)).reason is Reason.MEMBER_BLOCKED


async def test_only_the_applications_owner_operates() -> None:
    setting = Setting()
    member = setting.member()
    direct = setting.interaction(member, guild_id=None)
    assert (await refused(setting.gate.operate(direct))).reason is Reason.NOT_THE_OPERATOR
    setting.bot.operator = member.id
    await setting.gate.operate(direct)
    group = setting.interaction(member, guild_id=None, context=SimpleNamespace(private_channel=True))
    assert (await refused(setting.gate.operate(group))).reason is Reason.DIRECT_MESSAGE


async def test_where_a_server_chose_channels_nothing_is_spent_in_others() -> None:
    setting = Setting()
    setting.answers_in = (CHANNEL + 1, CHANNEL + 2)
    interaction = setting.interaction()
    refusal = await refused(setting.gate.spend(interaction, Kind.EDIT))
    assert refusal.reason is Reason.OTHER_CHANNELS
    assert f"in <#{CHANNEL + 1}> or <#{CHANNEL + 2}> only" in say(refusal)
    assert (await refused(setting.gate.spend_on(interaction, job_of(1), Kind.EDIT))).reason is refusal.reason
    assert setting.gate.shows(interaction), "what is private is shown anywhere"
    setting.answers_in = (CHANNEL,)
    assert (await setting.gate.spend(interaction, Kind.EDIT)).guild_id == GUILD


async def test_a_thread_goes_with_its_channel_and_who_asks_in_no_channel_yet_is_let_on() -> None:
    setting = Setting()
    setting.answers_in = (CHANNEL,)
    member = setting.member()
    nothing, joined = discord.Permissions.none(), member.joined_at
    asker = Asker(guild_id=GUILD, channel_ids=(), member_id=member.id, role_ids=(), permissions=nothing)
    for channels in ((77, CHANNEL), ()):
        asker = replace(asker, channel_ids=channels)
        assert (await setting.gate.admit(asker, joined_at=joined, kind=None)).guild_id == GUILD
    elsewhere = setting.gate.admit(replace(asker, channel_ids=(77,)), joined_at=joined, kind=None)
    assert (await refused(elsewhere)).reason is Reason.OTHER_CHANNELS
