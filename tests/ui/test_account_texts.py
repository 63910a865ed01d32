"""What statements, allowances and notices say."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import discord
import pytest

from accounts.allowances import Ceilings
from domain.allowances import Allowance, Giver, Limit, Standing, TargetKind
from domain.blocks import Block, Cause
from domain.job import Status
from domain.notices import Notice
from domain.periods import Period, Span
from domain.reports import (
    Balance,
    RecentJob,
    Statement,
)
from domain.usage import Figures, Holds
from domain.views import ListPrice
from ui import allowance_list, statements, usage_texts

NOON = 1_789_819_200_000
GUILD = 10
HOSTILE = "**@everyone** <@1> `x` [a](https://evil.example)\n# head"


class Pressed(discord.ui.Button[Any]):
    """Stands for any button."""


def text_of(view: discord.ui.LayoutView) -> str:
    return "\n".join(
        item.content for item in view.walk_children() if isinstance(item, discord.ui.TextDisplay)
    )


# Statements


def a_statement(
    *standings: Standing, recent: Sequence[RecentJob] = (), holds: Holds | None = None
) -> Statement:
    return Statement(
        at=NOON,
        today=Figures(spent=4_000),
        week=Figures(spent=6_500),
        month=Figures(spent=7_000, adjusted=500),
        holds=holds or Holds(),
        standings=standings,
        recent=recent,
    )


def stand(giver: Giver, amount: int, used: int, role_id: int | None = None) -> Standing:
    limit = Limit(giver=giver, period=Period.DAY, credits=amount, role_id=role_id)
    return Standing(limit=limit, span=Span(20_715, 20_716), used=used)


def test_a_statement_says_what_was_spent_and_held() -> None:
    said = statements.spent_text(a_statement(holds=Holds(jobs=2, held=8_000)))
    assert said.splitlines()[1:] == [
        "Spent today: **4 credits**",
        "Spent this week: **6.5 credits**",
        "Spent this month: **7 credits** (0.5 credits given back by a moderator)",
        "Reserved: **8 credits** for 2 open jobs",
    ]


def test_what_is_left_names_whose_limit_it_is_and_when_it_renews() -> None:
    said = statements.left_text(
        a_statement(stand(Giver.ROLE, 10_000, 4_000, role_id=5), stand(Giver.SERVER, 10_000, 90_000))
    )
    assert said.splitlines()[:2] == [
        "Left: **6 credits** of 10 credits a day (<@&5>), renews <t:1789862400:R>",
        "Left: **0 credits** of 10 credits a day (all of this server together), renews <t:1789862400:R>",
    ]


def test_a_price_that_nobody_has_said_yet_is_marked() -> None:
    listed = ListPrice(model="gpt-image-2", cost=5_000, known=True)
    assert statements.prices_text([listed]) == "**Prices**\nGPT-Image 2 · 5 credits an image"
    edits = ListPrice(model="gpt-image-2-edit", cost=5_000, known=True)
    assert statements.prices_text([listed, edits]) == "**Prices**\nGPT-Image 2 · 5 credits an image"
    dearer = statements.prices_text([replace(edits, cost=6_000), listed])
    assert dearer.splitlines()[1:] == [
        "GPT-Image 2 · 6 credits an image (gpt-image-2-edit)",
        "GPT-Image 2 · 5 credits an image (gpt-image-2)",
    ]
    guessed = statements.prices_text([listed, ListPrice(model="other", cost=4_000, known=False)])
    assert guessed.splitlines()[2:] == ["other · about 4 credits an image", statements.NOT_SAID_YET]


def test_a_block_and_no_limit_are_said_plainly() -> None:
    said = statements.left_text(a_statement(stand(Giver.MEMBER, 0, 0), stand(Giver.OPERATOR_MEMBER, 0, 0)))
    assert said.splitlines()[:2] == [
        "**Blocked.** Your allowance is set to zero until a manager changes that with /allowance set.",
        "**Blocked.** Whoever runs the bot allows no credits here until they change that.",
    ]
    assert statements.left_text(a_statement()) == "Left: no limit is set for you."


def test_the_last_jobs_have_links_and_costs() -> None:
    def job(status: Status, spent: int | None, card_id: int | None) -> RecentJob:
        return RecentJob(
            job_id="i1",
            prompt="a [gate](x)",
            status=status,
            created_at=NOON,
            held=4_000,
            spent=spent,
            channel_id=3,
            card_id=card_id,
        )

    found = a_statement(
        recent=[job(Status.RUNNING, None, 4), job(Status.DONE, 8_000, 5), job(Status.FAILED, 0, None)]
    )
    assert statements.recent_text(found, guild_id=GUILD).splitlines()[1:] == [
        "a \\[gate](x) · [open](https://discord.com/channels/10/3/4)",
        "-# about 4 credits · <t:1789819200:R>",
        "a \\[gate](x) · [open](https://discord.com/channels/10/3/5)",
        "-# **8 credits** · <t:1789819200:R>",
        "a \\[gate](x)",
        "-# **0 credits** (failed) · <t:1789819200:R>",
    ]


# Allowances and notices


@pytest.mark.parametrize(
    ("kind", "target", "text"),
    [
        (TargetKind.MEMBER, 7, "<@7>: **2.5 credits** a week."),
        (TargetKind.ROLE, 8, "<@&8>, each: **2.5 credits** a week."),
        (TargetKind.ROLE, GUILD, "Everyone, each: **2.5 credits** a week."),
        (TargetKind.SERVER, 0, "This server, all together: **2.5 credits** a week."),
    ],
)
def test_an_allowance_names_its_target(kind: TargetKind, target: int, text: str) -> None:
    allowance = Allowance(kind=kind, target_id=target, period=Period.WEEK, credits=2_500)
    said = allowance_list.set_text(allowance, guild_id=GUILD)
    assert said.startswith(f"{text} It renews on Mondays, 00:00 UTC.")


def test_an_allowance_of_zero_says_that_it_lasts_and_how_to_give_a_reason() -> None:
    nothing = Allowance(kind=TargetKind.MEMBER, target_id=7, period=Period.WEEK, credits=0)
    said = allowance_list.set_text(nothing, guild_id=GUILD)
    assert said.startswith("<@7>: **blocked** (0 credits a week) until a manager changes that")
    assert "/allowance block" in said
    assert "renews" not in said


def test_the_list_tells_the_operators_limits() -> None:
    ceilings = Ceilings(member=5_000)
    view = allowance_list.build_list(
        [],
        guild_id=GUILD,
        count=0,
        offset=0,
        member_ceiling=ceilings.member,
        server_ceiling=ceilings.server,
        blocked=(),
        paging=(),
    )
    assert "5 credits a month for each member in all servers, no limit for the server" in text_of(view)


def block(member: int) -> Block:
    return Block(
        guild_id=GUILD, member_id=member, cause=Cause.MANAGER, reason="_" * 200, since=NOON, until=None
    )


def test_a_full_page_of_allowances_fits_into_one_message() -> None:
    allowances = [
        Allowance(kind=TargetKind.ROLE, target_id=2**63 + n, period=Period.MONTH, credits=10**12)
        for n in range(allowance_list.ROWS)
    ]
    view = allowance_list.build_list(
        allowances,
        guild_id=GUILD,
        count=99,
        offset=40,
        member_ceiling=1,
        server_ceiling=1,
        blocked=[block(2**63 + number) for number in range(20)],
        paging=[Pressed(label="x")],
    )
    assert view.content_length() <= 4_000
    assert "41 to 60 of 99" in text_of(view)


@pytest.mark.parametrize(("member", "who"), [(0, "This server"), (7, "<@7>")])
def test_a_notice_says_who_used_how_much_of_what(member: int, who: str) -> None:
    notice = Notice(
        guild_id=GUILD,
        member_id=member,
        period=Period.WEEK,
        start=20_709,
        percent=80,
        used=8_500,
        credits=10_000,
        at=NOON,
        ends_at=NOON + 1_000,
    )
    assert usage_texts.notice_text(notice) == (
        f"{who} has used 80 % of the credits for this week: 8.5 credits of 10 credits."
        " It renews <t:1789819201:R>."
    )


def test_a_low_balance_comes_with_a_link_to_buy() -> None:
    said = usage_texts.low_balance_text(Balance(at=NOON, remaining=42_000), 50_000)
    assert "42 credits" in said
    assert f"<{usage_texts.BUY_CREDITS}>" in said
