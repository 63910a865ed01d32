"""The card of every state, with the worst that members and providers can put on it."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Reason
from domain.images import Role
from domain.job import Job, Kind, Origin, Status
from domain.options import Options
from domain.views import CardView, Expectation, Link
from tests.storage.rows import an_image
from tests.ui.test_plain import HOSTILE, LIVE, PING
from tests.ui.views import (
    NOON,
    WORST_PROMPTS,
    a_job,
    components,
    custom_ids,
    images,
    labels,
    places,
    texts,
    the_worst,
)
from ui.buttons import CARD_BUTTONS
from ui.cards import build_card, build_part, mark_of
from ui.prompts import quoted
from ui.texts import COSTS_NOTHING, FREE, TELLS_COST

MOST_COMPONENTS, MOST_TEXT, LONGEST_CUSTOM_ID = 40, 4_000, 100


def check_limits(view: CardView) -> None:
    for layout in (build_card(view), build_part(view, 2)):
        found = list(components(layout))
        assert len(found) <= MOST_COMPONENTS
        assert len(texts(layout)) <= MOST_TEXT
        assert all(1 <= len(each) <= LONGEST_CUSTOM_ID for each in custom_ids(layout))
        assert len(set(custom_ids(layout))) == len(custom_ids(layout))
        assert all(1 <= len(each["items"]) <= 10 for each in found if "items" in each)
        assert all(len(label) <= 80 for label in labels(layout))


@pytest.mark.parametrize("prompt", WORST_PROMPTS)
@pytest.mark.parametrize("status", Status)
def test_the_worst_card_of_every_status_keeps_discords_limits(status: Status, prompt: str) -> None:
    assert len(WORST_PROMPTS[prompt]) >= 31_900
    check_limits(the_worst(status, WORST_PROMPTS[prompt][:32_000]))


@pytest.mark.parametrize("reason", Reason)
def test_every_way_to_fail_shows_its_sentence_and_what_it_cost(reason: Reason) -> None:
    layout = build_card(CardView(job=a_job(Status.FAILED, failure=reason)))
    check_limits(CardView(job=a_job(Status.FAILED, failure=reason)))
    assert FREE in texts(layout) or reason in TELLS_COST | COSTS_NOTHING


@given(HOSTILE, st.sampled_from(Status))
def test_a_hostile_prompt_neither_pings_nor_breaks_its_card(prompt: str, status: Status) -> None:
    view = CardView(job=a_job(status, prompt=prompt))
    check_limits(view)
    for line in quoted(prompt).split("\n"):
        assert line.startswith("> ")
        assert not LIVE.search(line)
        assert not PING.search(line)


@given(HOSTILE.map(lambda text: text * 50))
def test_a_long_hostile_prompt_is_cut_without_cutting_an_escape(prompt: str) -> None:
    shown = quoted(prompt)
    assert len(shown) < 2_000
    assert not re.search(r"(?<!\\)(?:\\\\)*\\$", shown, re.MULTILINE)


def test_a_queued_card_says_how_many_are_ahead_when_it_starts_and_that_cancelling_is_free() -> None:
    view = CardView(job=a_job(Status.QUEUED), expectation=Expectation(ahead=2, starts_at=NOON))
    assert f"Queued · 2 ahead, starts <t:{NOON // 1000}:R>" in texts(build_card(view))
    assert "about 4 credits · asked by <@101>" in texts(build_card(view))
    assert "paid" not in texts(build_card(view))
    assert labels(build_card(view)) == ["Cancel · free"]


def test_a_running_card_counts_down_and_has_no_buttons() -> None:
    view = CardView(job=a_job(Status.RUNNING), expectation=Expectation(ends_at=NOON))
    assert f"Running · ready <t:{NOON // 1000}:R>" in texts(build_card(view))
    assert "about 4 credits" in texts(build_card(view))
    assert custom_ids(build_card(view)) == []


@pytest.mark.parametrize(
    ("status", "expected", "said"),
    [
        (
            Status.QUEUED,
            Expectation(own=3, ahead=1),
            "Queued · starts when one of your 3 running jobs is done",
        ),
        (Status.QUEUED, Expectation(own=1), "Queued · starts when your running job is done"),
        (Status.QUEUED, Expectation(), "Queued · starts any moment"),
        (Status.RUNNING, Expectation(), "Running · ready any moment"),
        (Status.RUNNING, Expectation(slow=True), "Running · taking longer than usual"),
        (Status.RUNNING, Expectation(late=True), "Running late"),
    ],
)
def test_a_card_says_what_it_waits_for(status: Status, expected: Expectation, said: str) -> None:
    assert f"### {said}\n" in texts(build_card(CardView(job=a_job(status), expectation=expected)))


@pytest.mark.parametrize(
    ("failure", "buttons"),
    [
        (Reason.MODERATED, ["Change prompt", "Delete · free"]),
        (Reason.NOT_AN_IMAGE, ["Delete · free"]),
        (Reason.OUT_OF_CREDITS, ["Try again · 4 credits", "Change prompt", "Delete · free"]),
        (Reason.PROVIDER_TROUBLE, ["Try again · 4 credits", "Change prompt", "Delete · free"]),
        (Reason.NO_IMAGES, ["Try again · 4 credits", "Change prompt", "Delete · free"]),
    ],
)
def test_a_failed_card_offers_what_can_help(failure: Reason, buttons: list[str]) -> None:
    assert labels(build_card(CardView(job=a_job(Status.FAILED, failure=failure)))) == buttons


def test_a_card_says_from_when_on_the_same_can_be_tried_which_stays_true() -> None:
    job = a_job(Status.FAILED, failure=Reason.PROVIDER_TROUBLE, ended_at=NOON)
    said = texts(build_card(CardView(job=job)))
    assert f"The image service had a problem. Try again from <t:{NOON // 1000 + 180}:t> on. You were" in said
    assert "Try again in a few minutes. You were" in texts(
        build_card(CardView(job=replace(job, ended_at=None)))
    )


def test_options_are_said_in_words() -> None:
    options = Options(size="1536x1024", quality="low", background="transparent", format="webp", count=2)
    shown = texts(build_card(CardView(job=a_job(options=options))))
    assert "Landscape 1536 × 1024 · transparent background · low quality · 2 images · WebP" in shown


def test_a_late_card_says_so_and_that_only_a_result_is_paid() -> None:
    shown = texts(build_card(CardView(job=a_job(Status.RUNNING), expectation=Expectation(late=True))))
    assert "Running late" in shown
    assert "you pay only if it does" in shown


def test_an_unknown_card_says_what_happens_next() -> None:
    layout = build_card(CardView(job=a_job(Status.UNKNOWN)))
    assert re.search(
        r"posted here by <t:\d+:f>; 4 credits stay reserved until then."
        " Asking again makes another: both are charged if both come.",
        texts(layout),
    )
    assert labels(layout) == ["Ask again · 4 credits"]


def test_a_finished_card_shows_results_then_what_it_cost_and_who_pays() -> None:
    job = a_job(charged=8_000, options=Options(count=2))
    view = CardView(
        job=job,
        sources=images(job, Role.SOURCE, 2),
        results=images(job, Role.RESULT, 2),
        shown=("a.png", "b.png"),
        sheet="sources.jpg",
    )
    layout = build_card(view)
    assert places(layout) == ["attachment://a.png", "attachment://b.png", "attachment://sources.jpg"]
    assert "Done · 8 credits" in texts(layout)
    assert "paid by <@101>" in texts(layout)
    assert "2 images" in texts(layout)
    assert labels(layout) == [
        "Reroll · 4 credits",
        "Edit result · 2 credits",
        "Change prompt",
        "Delete · free",
    ]


def test_fewer_images_than_asked_are_said() -> None:
    job = a_job(options=Options(count=4))
    shown = texts(build_card(CardView(job=job, results=images(job, Role.RESULT, 3))))
    assert "3 of 4 images came; only they were charged." in shown


def test_a_price_above_what_was_expected_is_said() -> None:
    job = a_job(charged=5_000)
    shown = texts(build_card(CardView(job=job, results=images(job, Role.RESULT, 1))))
    assert "more than the 4 credits expected" in shown


def test_what_was_done_to_fit_is_said() -> None:
    job = a_job()
    link = Link(url="https://temp.example/1.png", expires_at=NOON)
    view = CardView(job=job, results=images(job, Role.RESULT, 1), continued=1, reencoded=True, links=(link,))
    shown = texts(build_card(view))
    assert "the others are below" in shown
    assert "the originals wait under /jobs" in shown
    assert f"[image 1](https://temp.example/1.png) until <t:{NOON // 1000}:f>" in shown


def test_what_was_done_to_a_source_is_said_while_the_job_has_a_future() -> None:
    one = an_image(role=Role.SOURCE, converted="HEIC")
    two = an_image(role=Role.SOURCE, position=2, converted="TIFF", megapixels=108)
    plain = an_image(role=Role.SOURCE, position=3)
    alone = texts(build_card(CardView(job=a_job(Status.QUEUED), sources=(one,))))
    assert "The image was converted from HEIC." in alone
    shown = texts(build_card(CardView(job=a_job(Status.RUNNING), sources=(one, two, plain))))
    assert "Image 1 was converted from HEIC." in shown
    assert "Image 2 was converted from TIFF and scaled down from 108 megapixels." in shown
    assert "Image 3" not in shown
    assert "converted" not in texts(build_card(CardView(job=a_job(Status.CANCELLED), sources=(one,))))


def test_a_card_with_results_says_that_a_machine_made_them_and_what_was_lost() -> None:
    view = CardView(job=a_job(), results=images(a_job(), Role.RESULT, 1), shown=("darkroom-1.png",))
    assert "AI-made" in texts(build_card(view))
    assert "C2PA" not in texts(build_card(view))
    assert "C2PA" in texts(build_card(replace(view, reencoded=True, marks_lost=True)))
    assert "AI-made" not in texts(build_card(CardView(job=a_job(Status.QUEUED))))


def test_an_address_that_would_break_its_link_is_written_otherwise_and_one_too_long_left_out() -> None:
    links = (
        Link(url="https://temp.example/(1).png", expires_at=None),
        Link(url="https://x/" * 99, expires_at=1),
    )
    shown = texts(build_card(CardView(job=a_job(), results=images(a_job(), Role.RESULT, 1), links=links)))
    assert "[image 1](https://temp.example/%281%29.png), kept under /jobs as well." in shown
    assert "Too large for Discord: image 2, kept under /jobs." in shown


@pytest.mark.parametrize("status", [Status.FAILED, Status.CANCELLED])
def test_a_card_without_results_names_no_file(status: Status) -> None:
    view = replace(the_worst(status, "x"), sheet=None, shown=("a.png",), published=(), source_urls=())
    assert places(build_card(view)) == []


@pytest.mark.parametrize("status", [Status.FAILED, Status.CANCELLED])
def test_a_card_that_came_to_nothing_keeps_its_sources_for_the_next_try(status: Status) -> None:
    view = CardView(job=a_job(status), published=("source-1.png",), source_urls=("https://cdn.example/2",))
    assert places(build_card(view)) == ["attachment://source-1.png", "https://cdn.example/2"]


def test_sources_are_shown_while_there_are_no_results() -> None:
    job = a_job(Status.QUEUED)
    view = CardView(job=job, published=("source-1.png",), source_urls=("https://cdn.example/2",))
    assert places(build_card(view)) == ["attachment://source-1.png", "https://cdn.example/2"]


@pytest.mark.parametrize(
    ("origin", "words"),
    [
        (Origin.REROLL, "reroll of"),
        (Origin.CHANGE_PROMPT, "other words for"),
        (Origin.EDIT_RESULT, "edit of"),
        (Origin.FOLLOW_UP, "from"),
    ],
)
def test_a_card_links_to_the_one_it_came_from(origin: Origin, words: str) -> None:
    view = CardView(job=a_job(origin=origin), reply_to=(5, 77))
    assert f"{words} [this one](https://discord.com/channels/10/5/77)" in texts(build_card(view))


def test_a_card_links_to_a_direct_message_as_such() -> None:
    view = CardView(job=a_job(origin=Origin.REROLL), reply_to=(5, 77), reply_is_direct=True)
    assert "[this one](https://discord.com/channels/@me/5/77)" in texts(build_card(view))


def test_options_that_are_not_default_are_shown() -> None:
    job: Job = a_job(
        kind=Kind.GENERATE, options=Options(size="1024x1024", quality="low", count=1, format="webp")
    )
    shown = texts(build_card(CardView(job=job)))
    assert "generated · Square 1024 × 1024 · low quality · 1 image · WebP" in shown


def test_a_new_message_begins_with_its_member() -> None:
    assert texts(build_card(CardView(job=a_job(), mention=True))).startswith("<@101>")
    assert not texts(build_card(CardView(job=a_job()))).startswith("<@101>")


@pytest.mark.parametrize("status", Status)
def test_a_card_holds_only_persistent_buttons_in_a_view_that_never_ends(status: Status) -> None:
    layout = build_card(the_worst(status, "x"))
    assert layout.timeout is None
    templates = [button.__discord_ui_compiled_template__ for button in CARD_BUTTONS]
    for custom_id in custom_ids(layout):
        assert any(template.fullmatch(custom_id) for template in templates)


def test_every_edit_gets_a_fresh_view() -> None:
    view = CardView(job=a_job())
    assert build_card(view) is not build_card(view)


def test_a_card_can_be_found_by_its_jobs_mark_whatever_it_shows() -> None:
    for status in Status:
        [container] = build_card(CardView(job=a_job(status))).to_components()[:1]
        assert container["id"] == mark_of(a_job(status).id)
    assert len({mark_of(f"i{number}") for number in range(1000)}) == 1000
    assert all(1000 <= mark_of(f"i{number}") < 2**31 for number in range(1000))
