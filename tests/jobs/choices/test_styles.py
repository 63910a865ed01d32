"""Styles of servers: how many, under which names, in which order; and what is accepted with one."""

from collections.abc import Awaitable
from dataclasses import replace
from typing import Any

import pytest

from domain.errors import Reason, Refusal
from domain.job import Job, Kind, Origin, Status
from domain.limits import MAX_PROMPT
from domain.model_order import ModelOrder
from domain.options import Options
from domain.preferences import Preferences
from domain.styles import EMOJI, MOST, WORDS, Style
from jobs.choices.styles import ANY_MODEL, Styles
from storage import styles as stored
from tests.jobs.harness import Harness
from tests.jobs.simulation import ANN, BEN, GUILD, Simulation
from tests.jobs.test_accept import accept, refusal_of
from ui.texts import say

QWEN = "qwen-image-2-edit"
INK = Style(name="Ink", text=f"in ink: {WORDS}", size="1024x1536")


@pytest.fixture
def styles(sim: Simulation) -> Styles:
    return sim.bot.parts.choosing.styles


def refused(sim: Simulation, doing: object) -> Refusal:
    with pytest.raises(Refusal) as caught:
        sim.run(doing)  # type: ignore[arg-type]
    return caught.value


def test_a_server_has_at_most_a_hundred_and_its_own(sim: Simulation, styles: Styles) -> None:
    many = [replace(INK, name=f"Ink {number}") for number in range(MOST + 1)]
    assert len(sim.run(styles.add(GUILD, many[:-2])) or []) == MOST - 1
    assert sim.run(styles.add(GUILD, many)) == [many[-2]], "as far as there is room"
    assert refused(sim, styles.add(GUILD, [INK])).reason is Reason.STYLES_FULL
    assert sim.run(styles.of(GUILD + 1)) == []
    assert sim.run(styles.add(GUILD + 1, [INK])) == [INK]


def test_a_name_is_one_in_any_case(sim: Simulation, styles: Styles) -> None:
    sim.run(styles.add(GUILD, [INK, replace(INK, name="Straße")]))
    assert sim.run(styles.add(GUILD, [replace(INK, name="INK")])) == []
    assert sim.run(styles.named(GUILD, "STRASSE")) == replace(INK, name="Straße")
    renaming = styles.change(GUILD, "straße", lambda before: replace(before, name="ink"))
    assert refused(sim, renaming).reason is Reason.STYLE_TAKEN
    assert sim.run(styles.change(GUILD, "ink", lambda before: replace(before, name="INK"))) is not None
    assert [each.name for each in sim.run(styles.of(GUILD)) or []] == ["INK", "Straße"]
    sim.run(styles.remove(GUILD, "ink"))
    assert refused(sim, styles.named(GUILD, "Ink")).reason is Reason.STYLE_UNKNOWN


STANDARD = ["🎨", "✏️", "👩🏽‍🚀", "👩🏿‍❤️‍💋‍👩🏾", "🇮🇸", "❤️‍🔥", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "1️⃣", "#️⃣", "🪿"]
NONE_OF_THEM = ["ink", "<:ink:1>", "🎨🎨", "🎨 🎨", "→", "+", "$", "~", "🇮", "1", "a🎨", "\u200d", "\ufe0f"]


@pytest.mark.parametrize("emoji", STANDARD)
def test_every_standard_emoji_may_stand_before_a_name(sim: Simulation, styles: Styles, emoji: str) -> None:
    assert len(emoji) <= EMOJI
    (added,) = sim.run(styles.add(GUILD, [replace(INK, emoji=emoji)])) or []
    assert added.label == f"{emoji} Ink"


@pytest.mark.parametrize("emoji", NONE_OF_THEM)
def test_nothing_else_may(sim: Simulation, styles: Styles, emoji: str) -> None:
    wrong = replace(INK, emoji=emoji)
    assert refused(sim, styles.add(GUILD, [wrong])).reason is Reason.STYLE_EMOJI
    sim.run(styles.add(GUILD, [INK]))
    assert refused(sim, styles.change(GUILD, "Ink", lambda _: wrong)).reason is Reason.STYLE_EMOJI


@pytest.mark.parametrize(
    ("given", "reason", "model"),
    [
        ({"model": QWEN}, Reason.VALUE_NOT_TAKEN, QWEN),
        ({"model": QWEN, "size": "1024*1536"}, None, None),
        ({"model": QWEN, "size": None, "quality": "high"}, Reason.OPTION_UNSUPPORTED, QWEN),
        ({"size": None, "quality": "banana"}, Reason.VALUE_NOT_TAKEN, ANY_MODEL),
        ({"size": "banana"}, Reason.VALUE_NOT_TAKEN, ANY_MODEL),
        ({"model": "no-such-model"}, Reason.NO_MODEL, "no-such-model"),
        ({"text": f"in pencil: {WORDS}"}, None, None),
    ],
)
async def test_a_change_is_refused_what_a_new_style_is_and_the_model_is_named(
    harness: Harness, given: dict[str, Any], reason: Reason | None, model: str | None
) -> None:
    harness.parts.settings = replace(
        harness.parts.settings, edit_models=ModelOrder(names=("gpt-image-1-5-edit", QWEN))
    )
    assert await harness.parts.models.refresh()
    styles = harness.parts.choosing.styles
    await styles.add(GUILD, [INK])
    found = [
        await outcome(styles.change(GUILD, "Ink", lambda before: replace(before, **given))),
        await outcome(styles.add(GUILD, [replace(INK, name="New", **given)])),
    ]
    assert found == [(reason, model)] * 2


async def outcome(doing: Awaitable[object]) -> tuple[Reason | None, object]:
    try:
        await doing
    except Refusal as refusal:
        return refusal.reason, refusal.values["model"]
    return None, None


async def test_what_was_so_before_may_stay_whatever_has_become_of_its_model(harness: Harness) -> None:
    old = replace(INK, model="gone", size="odd", emoji="→")
    await harness.database.run(stored.add, GUILD, old)
    styles = harness.parts.choosing.styles
    changed = await styles.change(GUILD, "Ink", lambda before: replace(before, text=WORDS))
    assert changed == replace(old, text=WORDS)
    left_to_members = styles.change(GUILD, "Ink", lambda before: replace(before, model=None))
    assert await outcome(left_to_members) == (Reason.VALUE_NOT_TAKEN, ANY_MODEL)


def test_what_is_accepted_keeps_its_style_and_puts_it_first(sim: Simulation, styles: Styles) -> None:
    sim.run(styles.add(GUILD, [INK, replace(INK, name="Zebra")]))
    prompt, used = replace(INK, name="Zebra").applied("a harbour")
    job: Job = accept(sim, prompt=prompt, style=used).job
    assert (job.prompt, job.words, job.style) == ("in ink: a harbour", "a harbour", used)
    assert sim.job("i1").style == used
    assert [each.name for each in sim.run(styles.of(GUILD)) or []] == ["Zebra", "Ink"]


def test_the_finished_prompt_is_what_its_length_is_checked_of(sim: Simulation) -> None:
    long = Style(name="Long", text="x" * (MAX_PROMPT - 3) + WORDS)
    prompt, used = long.applied("four")
    refusal = refusal_of(sim, prompt=prompt, style=used)
    assert (refusal.reason, refusal.values["length"]) == (Reason.STYLED_TOO_LONG, MAX_PROMPT + 1)
    assert f"{MAX_PROMPT + 1} characters, {MAX_PROMPT - 3} of them the style’s; at most" in say(refusal)
    assert "style" not in say(refusal_of(sim, prompt="x" * (MAX_PROMPT + 1)))
    prompt, used = long.applied("two")
    assert accept(sim, event="i2", prompt=prompt, style=used, model="gpt-image-1-5-edit").new


def test_what_a_model_has_no_room_for_is_said_with_what_the_style_took(
    sim: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def short(*_: object) -> None:
        raise Refusal(Reason.PROMPT_TOO_LONG, length=306, limit=300)

    monkeypatch.setattr(sim.bot.parts.models, "check", short)
    prompt, used = INK.applied("w" * 296)
    assert say(refusal_of(sim, prompt=prompt, style=used)).startswith(
        "The prompt has 306 characters, 8 of them the style’s; at most 300 fit. Shorten it."
    )


def test_a_style_stands_between_what_is_said_and_what_is_preferred(sim: Simulation) -> None:
    preferring = sim.bot.parts.choosing.preferring
    mine = Preferences(size="1536x1024", quality="low", edit_model="gpt-image-2-edit")
    sim.run(preferring.change(ANN, lambda _before: mine))
    style = replace(INK, model="gpt-image-1-5-edit", quality="no such quality")

    def filled(options: Options, **given: str) -> tuple[Options, str | None, object]:
        found = sim.run(preferring.fill(ANN, Kind.EDIT, options, style=style, model=given.get("model")))
        assert found is not None
        return found.options, found.model, found.left_out

    expected = Options(size="1024x1536")
    assert filled(Options()) == (expected, "gpt-image-1-5-edit", ())
    said = Options(size="1024x1024", quality="high")
    assert filled(said, model="gpt-image-2-edit") == (said, "gpt-image-2-edit", ())


def test_words_in_another_style_are_still_those_of_whoever_wrote_them(sim: Simulation) -> None:
    def made(style: Style, words: str, member: int = ANN, parent: str | None = None) -> str:
        prompt, used = style.applied(words)
        origin = Origin.COMMAND if parent is None else Origin.REROLL
        job_id = sim.generate(member, prompt=prompt, style=used, parent_id=parent, origin=origin)
        sim.until(Status.DONE, job_id=job_id)
        return job_id

    oil = replace(INK, name="Oil", text=f"{WORDS} in oil")
    first = made(INK, "annes secret")
    second = made(oil, "annes secret, at night", BEN, first)
    third = made(INK, "something else", BEN, first)
    sim.delete(first)
    assert [sim.job(each).prompt for each in (first, second)] == ["", ""]
    assert sim.job(second).words == ""
    assert sim.job(third).words == "something else"


def test_names_that_look_alike_are_one(sim: Simulation, styles: Styles) -> None:
    ink = replace(INK, name="A B", emoji="🖋️")
    sim.run(styles.add(GUILD, [ink, replace(INK, name="Other")]))
    for name in ("A\u200d B", "A\ufe0f B"):
        assert sim.run(styles.add(GUILD, [replace(INK, name=name), replace(INK, name=f"{name}2")] * 2)) in (
            [replace(INK, name=f"{name}2")],
            [],
        )
        renaming = styles.change(GUILD, "Other", lambda before, name=name: replace(before, name=name))
        assert refused(sim, renaming).reason is Reason.STYLE_TAKEN
    assert sim.run(styles.named(GUILD, "🖋️ a b")) == ink
    sim.run(styles.change(GUILD, "🖋 A B", lambda before: replace(before, name="A\u200d B")))
    sim.run(styles.remove(GUILD, "A B"))
    assert len(sim.run(styles.of(GUILD)) or []) == 2


EMOJI_APART, EMOJI_WITHIN = replace(INK, name="Watercolour", emoji="🎨"), replace(INK, name="🎨 watercolour")


@pytest.mark.parametrize(
    ("first", "second"), [(EMOJI_APART, EMOJI_WITHIN), (EMOJI_WITHIN, EMOJI_APART)], ids=["apart", "within"]
)
def test_an_emoji_in_a_name_is_as_one_before_it(
    sim: Simulation, styles: Styles, first: Style, second: Style
) -> None:
    sim.run(styles.add(GUILD, [first]))
    assert sim.run(styles.add(GUILD, [second])) == []
    sim.run(styles.add(GUILD, [INK, replace(INK, name="Watercolour 2", emoji="🎨")]))
    for change in ({"name": second.name, "emoji": second.emoji}, {"name": "WATERCOLOUR", "emoji": "🎨"}):
        renaming = styles.change(GUILD, "Ink", lambda before, change=change: replace(before, **change))
        assert refused(sim, renaming).reason is Reason.STYLE_TAKEN
    assert [each.name for each in sim.run(styles.of(GUILD)) or []].count(first.name) == 1


def test_an_emoji_that_would_make_two_the_same_is_refused(sim: Simulation, styles: Styles) -> None:
    sim.run(styles.add(GUILD, [replace(INK, name="👾 Pixel art"), replace(INK, name="Pixel art", emoji="🖋️")]))
    choosing = styles.change(GUILD, "Pixel art", lambda before: replace(before, emoji="👾"))
    assert refused(sim, choosing).reason is Reason.STYLE_TAKEN


async def test_two_that_looked_the_same_before_can_be_changed_otherwise(harness: Harness) -> None:
    for style in (EMOJI_APART, EMOJI_WITHIN):
        await harness.database.run(stored.add, GUILD, style)
    changing = harness.parts.choosing.styles.change
    for style in (EMOJI_APART, EMOJI_WITHIN):
        changed = await changing(GUILD, style.name, lambda before: replace(before, text=WORDS))
        assert changed == replace(style, text=WORDS)
    assert (await changing(GUILD, "🎨 watercolour", lambda before: replace(before, name="Oil"))).name == "Oil"


def test_a_styles_model_is_that_of_its_family_where_the_other_command_is_used(sim: Simulation) -> None:
    preferring = sim.bot.parts.choosing.preferring
    sim.run(preferring.change(ANN, lambda _: Preferences(edit_model="gpt-image-1-5-edit")))
    for model in ("gpt-image-2-edit", "gpt-image-2"):
        style = replace(INK, model=model)
        found = {kind: sim.run(preferring.fill(ANN, kind, Options(), style=style)) for kind in Kind}
        assert [each.model for each in found.values() if each] == ["gpt-image-2-edit", "gpt-image-2"]


async def test_it_is_known_for_what_a_styles_model_can_be_had_and_what_its_server_forbids(
    harness: Harness,
) -> None:
    edits = ModelOrder(names=("gpt-image-1-5-edit", QWEN))
    harness.parts.settings = replace(harness.parts.settings, edit_models=edits)
    assert await harness.parts.models.refresh()
    styles = harness.parts.choosing.styles
    models = {"None": None, "Both": "gpt-image-1-5", "Edit": QWEN, "Gone": "gone"}
    for name, model in models.items():
        style = replace(INK, name=name, model=model, size=None)
        await harness.database.run(stored.add, GUILD, style)
    noir = replace(INK, name="Noir", text=f"{WORDS} noir")
    await styles.add(GUILD, [noir])
    await harness.parts.choosing.servers.change(GUILD, lambda before: replace(before, words=("noir",)))
    found = {each.style.name: each for each in await styles.views(GUILD)}
    both = (Kind.EDIT, Kind.GENERATE)
    assert {name: found[name].kinds for name in models} == {
        "None": both,
        "Both": both,
        "Edit": (Kind.EDIT,),
        "Gone": (),
    }
    assert [name for name, each in found.items() if each.forbidden] == ["Noir"]
    assert (await styles.view(GUILD, noir)).forbidden


def test_what_members_are_offered_says_nothing_that_their_server_forbids(
    sim: Simulation, styles: Styles
) -> None:
    noir = replace(INK, name="Noir", text=f"{WORDS}, film noir")
    sim.run(styles.add(GUILD, [INK, noir]))
    sim.run(sim.bot.parts.choosing.servers.change(GUILD, lambda before: replace(before, words=("noir",))))
    assert sim.run(styles.usable(GUILD)) == [INK]
    assert len(sim.run(styles.of(GUILD)) or []) == 2, "its managers mend or remove it"
