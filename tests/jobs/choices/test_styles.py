"""Styles of servers: how many, under which names, in which order; and what is accepted with one."""

from dataclasses import replace

import pytest

from domain.errors import Reason, Refusal
from domain.job import Job, Kind, Origin, Status
from domain.limits import MAX_PROMPT
from domain.options import Options
from domain.preferences import Preferences
from domain.styles import MOST, WORDS, Style
from jobs.choices.styles import Styles
from tests.jobs.simulation import ANN, BEN, GUILD, Simulation
from tests.jobs.test_accept import accept, refusal_of

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
    assert (refusal.reason, refusal.values["length"]) == (Reason.PROMPT_TOO_LONG, MAX_PROMPT + 1)
    prompt, used = long.applied("two")
    assert accept(sim, event="i2", prompt=prompt, style=used, model="gpt-image-1-5-edit").new


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
