"""The list behind ``/jobs``: five jobs a page, within Discord's limits whatever the prompts are."""

import pytest
from discord import ui

from domain.errors import Reason
from domain.job import Job, Status
from domain.job_filter import ALL_JOBS, Group, JobFilter
from tests.ui.views import (
    LONGEST_ID,
    NOON,
    SNOWFLAKE,
    WORST_PROMPTS,
    a_job,
    components,
    custom_ids,
    labels,
    texts,
)
from ui.job_list import WORDS, build_list, line

PAGE = 5
DELETE = "Delete"


def the_worst_page(prompt: str, status: Status) -> list[Job]:
    return [
        a_job(
            status,
            id=f"{LONGEST_ID[:-1]}{number}",
            prompt=prompt,
            guild_id=SNOWFLAKE,
            card_channel_id=SNOWFLAKE,
            card_id=SNOWFLAKE,
            reserved=123_456_789,
            collected=False,
        )
        for number in range(PAGE)
    ]


def listed(*jobs: Job, wanted: JobFilter = ALL_JOBS) -> ui.LayoutView:
    return build_list(jobs, wanted=wanted, number=0, last=0, direct=False, paging=[])


@pytest.mark.parametrize("prompt", WORST_PROMPTS)
def test_the_worst_page_keeps_discords_limits(prompt: str) -> None:
    paging = [ui.Button[ui.LayoutView](label=label, custom_id=label) for label in ("Newer", "Older")]
    jobs = the_worst_page(WORST_PROMPTS[prompt], Status.DONE)
    layout = build_list(
        jobs,
        wanted=JobFilter(Group.DONE, "*" * 36),
        number=9,
        last=99,
        direct=False,
        closed=True,
        paging=paging,
    )
    assert len(list(components(layout))) <= 40
    assert len(texts(layout)) <= 4_000
    assert len(set(custom_ids(layout))) == 3 * PAGE + 2
    assert "page 10 of 100" in texts(layout)


def test_an_empty_list_says_how_to_begin() -> None:
    assert "Start with /edit" in texts(listed())


def test_a_filter_stands_in_the_head_and_an_empty_list_names_the_way_back() -> None:
    said = texts(listed(wanted=JobFilter(Group.WAITING, "red `cat`")))
    assert said.startswith("### Your jobs · waiting for you · “red \\`cat\\`”")
    assert "/jobs without options lists all" in said


@pytest.mark.parametrize("status", Status)
def test_a_line_says_state_cost_and_age(status: Status) -> None:
    shown = line(a_job(status))
    assert WORDS[status] in shown
    assert "credits" in shown
    assert f"<t:{NOON // 1000}:R>" in shown


def test_what_an_open_job_costs_is_only_about_that() -> None:
    assert "about 4 credits" in line(a_job(Status.RUNNING))
    assert "0 credits" in line(a_job(Status.FAILED))
    assert "about" not in line(a_job(Status.DONE))


def test_a_line_links_to_the_card_where_there_is_one() -> None:
    linked = line(a_job(card_channel_id=5, card_id=77))
    assert "[open](https://discord.com/channels/10/5/77)" in linked
    assert "[open](https://discord.com/channels/@me/6/77)" in line(a_job(card_channel_id=6, card_id=77))
    assert "card" not in line(a_job())


def test_a_prompt_that_is_gone_leaves_a_word() -> None:
    assert line(a_job(prompt="")).startswith("(no longer kept)")


@pytest.mark.parametrize(
    ("values", "buttons"),
    [
        ({"collected": False}, ["Collect · free", "Reroll · 4 credits", DELETE]),
        ({"note": "reencoded"}, ["Collect originals · free", "Reroll · 4 credits", DELETE]),
        ({"note": "linked"}, ["Collect originals · free", "Reroll · 4 credits", DELETE]),
        ({"note": "spread"}, ["Reroll · 4 credits", DELETE]),
        ({"status": Status.FAILED}, ["Try again · 4 credits", "Change prompt", DELETE]),
        ({"status": Status.FAILED, "failure": Reason.MODERATED}, ["Change prompt", DELETE]),
        ({"status": Status.FAILED, "failure": Reason.MODEL_GONE}, [DELETE]),
        ({"status": Status.UNKNOWN}, ["Ask again · 4 credits"]),
        ({"status": Status.QUEUED}, ["Cancel · free"]),
        ({"status": Status.RUNNING}, []),
    ],
)
def test_each_job_has_the_buttons_that_help_with_their_prices(
    values: dict[str, object], buttons: list[str]
) -> None:
    status = values.pop("status", Status.DONE)
    assert labels(listed(a_job(status, **values))) == buttons  # type: ignore[arg-type]


def test_what_waits_says_so() -> None:
    assert "waits for you" in line(a_job(collected=False))
