"""The list of ``/style``: what it offers to add, and when."""

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from accounts import manage
from cogs.allowance import _list as allowances
from cogs.allowance import page_start
from cogs.offers import Offer
from cogs.style_field import style_label
from cogs.styles import listed
from cogs.suggestions import suggest_styles
from domain.allowances import Allowance, TargetKind
from domain.job import Kind
from domain.options import Options
from domain.periods import Period
from domain.styles import MOST, NAME, WORDS, Style
from domain.views import ListPrice, StyleView
from jobs.choices.preferring import Filled
from tests.clock import FakeClock
from tests.ui.views import custom_ids, labels, texts
from ui.server_settings import words_text
from ui.starter_styles import STARTERS
from ui.styles import ROWS, saved_text, style_choices, styles_holding

IDS = dict.fromkeys(("edit", "generate", "style", "settings"), 18_446_744_073_709_551_615)
LIMIT = Allowance(kind=TargetKind.MEMBER, target_id=7, period=Period.DAY, credits=1_000)
OWN = [Style(name=f"Own {number}", text=WORDS) for number in range(MOST)]


def views(styles: Sequence[Style]) -> list[StyleView]:
    return [StyleView(style=style) for style in styles]


@pytest.mark.parametrize(
    ("styles", "offered"),
    [
        ([], "Add ten to begin with"),
        (OWN[:90], "Add ten to begin with"),
        (OWN[:91], None),
        (OWN, None),
        ([*OWN[:91], *STARTERS[1:]], None),
        ([*OWN[:90], *STARTERS[1:]], "Add 1 of the ten that are ready"),
        ([Style(name=STARTERS[0].label, text=WORDS), *STARTERS[1:]], None),
        (STARTERS, None),
    ],
)
def test_the_ten_are_offered_where_they_are_missing_and_fit(styles: list[Style], offered: str | None) -> None:
    view = listed(views(styles), offset=0, ids={})
    found = [label for label in labels(view) if label.startswith("Add")]
    assert found == ([] if offered is None else [offered])
    assert ("dr:styles:adopt" in custom_ids(view)) is (offered is not None)


@pytest.mark.parametrize("sign", ["*", "@everyone", "<@1>", "\N{GRINNING FACE}", "https://a "])
def test_a_page_of_the_worst_styles_can_be_sent(sign: str) -> None:
    style = Style(
        name=(sign * NAME)[:NAME],
        text=sign * 200 + WORDS,
        emoji="👩🏿‍❤️‍💋‍👩🏾",
        model=sign * 100,
        size=sign * 100,
        quality=sign * 100,
    )
    worst = StyleView(style=style, forbidden=True, kinds=(Kind.GENERATE,))
    view = listed([worst] * MOST, offset=0, ids=IDS)
    assert view.content_length() <= 4_000
    assert len(saved_text(worst, IDS)) <= 2_000


def test_a_page_that_is_no_longer_there_is_the_last_one() -> None:
    shown = texts(listed(views(OWN[:10]), offset=24, ids={}))
    assert "**Own 8**" in shown
    assert "none yet" not in shown
    assert labels(listed(views(OWN[:8]), offset=8, ids={})) == ["Add ten to begin with"]
    assert [page_start(24, count, rows=ROWS) for count in (0, 1, 8, 9, 24, 25, 100)] == [
        0,
        0,
        0,
        8,
        16,
        24,
        24,
    ]


def test_what_keeps_members_from_a_style_is_said_when_it_is_saved_and_in_the_list() -> None:
    style = Style(name="Film", text=f"{WORDS}, film noir", model="gpt-image-2-edit")
    forbidden = StyleView(style=style, forbidden=True)
    for said in (saved_text(forbidden, {}), texts(listed([forbidden], offset=0, ids={}))):
        assert "⚠️ **Film**" in said
        assert "nobody can use it" in said
    for kinds, words in (((Kind.EDIT,), "GPT-Image 2 (in /edit only)"), ((), "GPT-Image 2 (not on offer)")):
        view = StyleView(style=style, kinds=kinds)
        for said in (saved_text(view, {}), texts(listed([view], offset=0, ids={}))):
            assert words in said
            assert "nobody" not in said


def test_the_panel_with_the_words_names_the_styles_that_say_one() -> None:
    assert "Nobody can use these styles" not in words_text(1)
    said = words_text(1, styles=["🎬 Film", "*Noir*", *["x" * NAME] * MOST])
    assert "Nobody can use these styles, whose own text says one: 🎬 Film, \\*Noir\\*, xx" in said
    assert len(said) < 600


def test_a_style_whose_price_is_a_guess_says_about_what_it_costs() -> None:
    prices = {
        name: ListPrice(model="canvas", cost=40_000, known=name == "Own 1") for name in ("Own 0", "Own 1")
    }
    offer = Offer(
        filled=Filled(options=Options()), groups=(), cost=0, styles=tuple(OWN[:3]), prices={**prices}
    )
    label = style_label(offer)
    assert label is not None
    assert [each.description for each in label.component.options] == [  # type: ignore[attr-defined]
        "about 40 credits an image",
        "40 credits an image",
        None,
    ]
    without = style_label(replace(offer, prices={None: prices["Own 1"]}))
    assert without is not None
    assert str(without.description).endswith("Without one: 40 credits an image.")
    widest = Style(name="W" * NAME, text=WORDS, emoji="👩🏿‍❤️‍💋‍👩🏾")
    dear = {widest.name: ListPrice(model="canvas", cost=10**15 - 1, known=False)}
    (choice,) = style_choices([widest], dear)
    assert choice.name.endswith("W · about 999,999,999,999.999 credits an image")
    assert (choice.value, len(choice.name) <= 100) == (widest.name, True)


def test_a_style_of_whose_name_nothing_is_shown_empties_no_menu_and_can_still_be_found() -> None:
    styles = [Style(name="\uf8ff", text=WORDS), Style(name="\u2065", text=WORDS), OWN[0]]
    offer = Offer(filled=Filled(options=Options()), groups=(), cost=0, styles=tuple(styles))
    label = style_label(offer)
    assert label is not None
    read = ["(no name)", "(no name)", "Own 0"]
    assert [each.label for each in label.component.options] == read  # type: ignore[attr-defined]
    assert [each.name for each in style_choices(styles, {})] == read
    assert [each.value for each in style_choices(styles, {})] == [each.name for each in styles]
    assert styles_holding(styles, "no name") == styles[:2]
    assert "**(no name)**" in saved_text(StyleView(style=styles[0]), {})


async def test_a_style_that_nobody_can_use_is_offered_to_those_who_can_mend_it() -> None:
    async def everything(_: int) -> list[Style]:
        return OWN[:2]

    async def usable(_: int) -> list[Style]:
        return OWN[1:2]

    styles, gate = SimpleNamespace(of=everything, usable=usable), SimpleNamespace(shows=lambda _: True)
    client = SimpleNamespace(services=SimpleNamespace(styles=styles, gate=gate))
    interaction: Any = SimpleNamespace(client=client, guild_id=10)
    assert [each.value for each in await suggest_styles(interaction, "own")] == ["Own 0", "Own 1"]


async def test_a_page_of_allowances_that_is_no_longer_there_is_the_last_one() -> None:
    asked: list[int] = []

    async def read(what: object, *, offset: int = -1, **_: object) -> object:
        if what is not manage.list_allowances:
            return []
        asked.append(offset)
        return ([] if offset > 20 else [LIMIT] * (21 - offset)), 21

    services: Any = SimpleNamespace(
        read=read, clock=FakeClock(), ceilings=SimpleNamespace(member=None, server=None)
    )
    shown = texts(await allowances(services, 10, 60))
    assert asked == [60, 20]
    assert "21 to 21 of 21" in shown
