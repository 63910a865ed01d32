"""Ids that come from outside, permissions that are asked again, and exports that fit into messages."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.allowance import AllowancePageButton, require_manager
from cogs.usage import FILES, TOGETHER, Usage, bundles, require_right
from cogs.usage_report import (
    QUESTION,
    PeriodMenu,
    ReportPageButton,
    code,
    model_code,
    question_of,
    require_moderator,
)
from domain.errors import Reason, Refusal
from domain.limits import MIB
from domain.reports import Question, ReportPeriod
from domain.request import Assigned
from tests.ui.conversation import Conversation
from ui.usage_texts import ASSIGNED, NOT_THE_OPERATOR

QUESTIONS = st.builds(
    Question,
    period=st.sampled_from(ReportPeriod),
    member_id=st.none() | st.integers(1, 2**63),
    model=st.none() | st.from_regex(r"[\w.:/-]{1,50}", fullmatch=True),
    offset=st.integers(0, 999_999),
)


CLIENT = SimpleNamespace(
    services=SimpleNamespace(
        gate=SimpleNamespace(manage=lambda _: 10, show=lambda interaction: interaction.guild_id)
    )
)
"""A client whose gate lets everybody in."""


def interaction(**permissions: bool) -> Any:
    return SimpleNamespace(guild_id=10, permissions=discord.Permissions(**permissions), client=CLIENT)


@given(QUESTIONS)
def test_a_question_survives_its_way_through_an_id(question: Question) -> None:
    match = re.fullmatch(QUESTION, code(question))
    assert match is not None
    assert question_of(match) == question


@given(st.text(min_size=1, max_size=200))
def test_any_models_name_has_a_code_that_fits_and_stays_the_same(model: str) -> None:
    question = Question(period=ReportPeriod.ALL, model=model, member_id=2**63, offset=999_999)
    match = re.fullmatch(QUESTION, code(question))
    assert match is not None
    assert question_of(match).model == model_code(model)
    assert len(ReportPageButton(question).item.custom_id) <= 100


@given(QUESTIONS)
def test_ids_fit_into_what_discord_takes(question: Question) -> None:
    assert len(PeriodMenu(question).item.custom_id) <= 100
    assert len(ReportPageButton(question).item.custom_id) <= 100


def test_the_longest_model_fits() -> None:
    longest = Question(period=ReportPeriod.LAST_MONTH, member_id=2**63, model="m" * 500, offset=999_999)
    assert len(ReportPageButton(longest).item.custom_id) <= 100


def test_a_forged_period_asks_about_thirty_days() -> None:
    match = re.fullmatch(QUESTION, "nonsense:0::")
    assert match is not None
    assert question_of(match).period is ReportPeriod.DAYS_30


@pytest.mark.parametrize("forged", ["30days:-1::", "30days:0:abc:", "30days:0::a b", "30days:9999999::"])
def test_an_id_that_we_never_made_is_nobodys(forged: str) -> None:
    assert re.fullmatch(QUESTION, forged) is None


def test_two_buttons_and_the_menu_of_one_message_never_share_an_id() -> None:
    question = Question(period=ReportPeriod.ALL)
    assert PeriodMenu(question).item.custom_id != ReportPageButton(question).item.custom_id


@pytest.mark.parametrize(
    ("check", "needed"), [(require_moderator, "moderate_members"), (require_manager, "manage_guild")]
)
def test_a_handler_asks_for_the_permission_itself(check: Any, needed: str) -> None:
    assert check(interaction(**{needed: True})) == 10
    with pytest.raises(Refusal) as caught:
        check(interaction(manage_messages=True))
    assert caught.value.reason is Reason.MEMBER_MAY_NOT


def test_giving_needs_manage_server_and_taking_moderate_members() -> None:
    require_right(interaction(manage_guild=True), giving=True)
    require_right(interaction(moderate_members=True), giving=False)
    for rights, giving, reason in (
        ({"moderate_members": True}, True, Reason.MANAGERS_GIVE),
        ({"manage_guild": True}, False, Reason.MEMBER_MAY_NOT),
        ({}, True, Reason.MEMBER_MAY_NOT),
    ):
        with pytest.raises(Refusal, match=reason):
            require_right(interaction(**rights), giving=giving)


async def test_a_page_button_of_somebody_who_lost_the_permission_says_so() -> None:
    talk: Any = Conversation(client=CLIENT)
    talk.permissions = discord.Permissions.none()
    await AllowancePageButton(20).callback(talk)
    assert [(text.split(".")[0], private) for text, private in talk.said] == [
        ("You may not use this here", True)
    ]


def files(folder: Path, *sizes: int) -> list[Path]:
    paths = [folder / f"part-{number}.gz" for number in range(len(sizes))]
    for path, size in zip(paths, sizes, strict=True):
        with path.open("wb") as file:
            file.truncate(size)
    return paths


def test_files_are_spread_so_that_each_message_takes_them(tmp_path: Path) -> None:
    paths = files(tmp_path, *[10 * MIB] * 5)
    groups = bundles(paths)
    assert [len(group) for group in groups] == [2, 2, 1]
    assert [path for group in groups for path in group] == paths
    assert all(sum(path.stat().st_size for path in group) <= TOGETHER for group in groups)


def test_no_message_gets_more_files_than_it_takes(tmp_path: Path) -> None:
    assert [len(group) for group in bundles(files(tmp_path, *[1] * 23))] == [FILES, FILES, 3]


@pytest.mark.parametrize("owner", [True, False])
async def test_only_the_bots_owner_says_whose_a_job_at_the_provider_is(owner: bool) -> None:
    assigned, said = list[tuple[str, str]](), list[str]()

    async def assign(job: str, name: str) -> Assigned:
        assigned.append((job, name))
        return Assigned.TAKEN

    async def is_owner(_user: object) -> bool:
        return owner

    async def send(text: str, **_how: Any) -> None:
        said.append(text)

    async def defer(**_how: Any) -> None:
        return None

    asked = interaction(moderate_members=True)
    asked.client, asked.user = SimpleNamespace(is_owner=is_owner, services=CLIENT.services), None
    asked.response = SimpleNamespace(send_message=send, defer=defer)
    asked.followup = SimpleNamespace(send=send)
    usage = SimpleNamespace(_services=SimpleNamespace(reconciler=SimpleNamespace(assign=assign)))
    await Usage.assign.callback(usage, asked, " abc ", "job_1")  # type: ignore[arg-type]
    assert assigned == ([("abc", "job_1")] if owner else [])
    assert said == [ASSIGNED[Assigned.TAKEN] if owner else NOT_THE_OPERATOR]
