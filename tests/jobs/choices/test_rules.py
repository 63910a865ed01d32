"""A server's rules: refused before anything is paid, by every way; what was a spoiler stays one."""

from dataclasses import replace
from typing import Any

import pytest

from domain.errors import Reason
from domain.job import Spoiler, Status
from domain.request import NewSource
from domain.server_settings import ServerSettings
from domain.styles import Style
from storage import ownership, privacy, server_settings
from tests.jobs.simulation import ANN, BEN, GUILD, Simulation


def rule(sim: Simulation, **rules: object) -> None:
    sim.look(server_settings.save, GUILD, ServerSettings(**rules))  # type: ignore[arg-type]


def reasons(sim: Simulation) -> set[Reason]:
    return {refusal.reason for refusal in sim.refused}


def test_a_word_is_refused_in_what_is_asked_anew_rerolled_and_still_waiting(sim: Simulation) -> None:
    first = sim.done(prompt="a hat for the cat")
    sim.provider.down = True
    waiting = sim.edit(ANN, prompt="two CÁTS")
    sim.pass_time(2.0)
    rule(sim, words=("cat*",))
    before = {job.id for job in sim.jobs()}
    sim.edit(BEN, prompt="my Cat")
    sim.reroll(first, BEN)
    sim.react(first, BEN)
    assert {job.id for job in sim.jobs()} == before
    assert reasons(sim) == {Reason.WORDS_NOT_ALLOWED}
    sim.provider.down = False
    sim.until(Status.FAILED, job_id=waiting)
    assert sim.job(waiting).failure is Reason.WORDS_NOT_ALLOWED
    assert sim.held(ANN) == sim.held(BEN) == sim.spent(BEN) == 0


FILM = Style(name="Film", text="{prompt}, film noir")


@pytest.mark.parametrize(
    ("words", "asked", "reason"),
    [
        (("noir",), "a hat", Reason.STYLE_NOT_ALLOWED),
        (("noir", "hat"), "a hat", Reason.WORDS_NOT_ALLOWED),
        (("hat",), "a hat", Reason.WORDS_NOT_ALLOWED),
        (("hat film",), "a hat", Reason.WORDS_NOT_ALLOWED),
    ],
)
def test_a_word_that_a_style_brings_in_is_refused_too_and_nobody_is_blamed_for_it(
    sim: Simulation, words: tuple[str, ...], asked: str, reason: Reason
) -> None:
    rule(sim, words=words)
    finished, style = replace(FILM, text=FILM.text.replace(",", "")).applied(asked)
    sim.edit(ANN, prompt=finished, style=style)
    assert (reasons(sim), sim.jobs()) == ({reason}, [])


def test_what_waits_in_a_style_that_is_forbidden_meanwhile_is_not_sent_and_says_so(sim: Simulation) -> None:
    finished, style = FILM.applied("a hat")
    sim.provider.down = True
    waiting = sim.edit(ANN, prompt=finished, style=style)
    sim.pass_time(2.0)
    rule(sim, words=("noir",))
    sim.provider.down = False
    sim.until(Status.FAILED, job_id=waiting)
    assert sim.job(waiting).failure is Reason.STYLE_NOT_ALLOWED
    assert sim.held(ANN) == 0


def test_where_only_ones_own_images_may_be_used_anothers_are_refused(sim: Simulation) -> None:
    first = sim.done()
    rule(sim, own_images=True)
    before = {job.id for job in sim.jobs()}
    sim.reroll(first, BEN)
    sim.react(first, BEN)
    assert {job.id for job in sim.jobs()} == before
    assert reasons(sim) == {Reason.OWN_IMAGES_ONLY}
    assert sim.reroll(first, ANN) in {job.id for job in sim.jobs()}
    words = sim.generate(ANN, prompt="words alone")
    sim.until(Status.DONE, job_id=words)
    assert sim.reroll(words, BEN) in {job.id for job in sim.jobs()}, "no image of anybody is used"


def test_a_members_own_choice_stands_above_the_servers(sim: Simulation) -> None:
    first = sim.done()
    sim.look(privacy.keep_images, ANN, keep=True)
    for own_images in (False, True):
        rule(sim, own_images=own_images)
        sim.reroll(first, BEN)
    assert [refusal.reason for refusal in sim.refused] == [Reason.NOT_SHARED] * 2


def test_what_waits_with_anothers_image_is_not_sent_once_that_is_forbidden(sim: Simulation) -> None:
    first = sim.done()
    sim.provider.down = True
    second = sim.reroll(first, BEN)
    sim.pass_time(2.0)
    rule(sim, own_images=True)
    sim.provider.down = False
    sim.until(Status.FAILED, job_id=second)
    assert sim.job(second).failure is Reason.OWN_IMAGES_ONLY
    assert sim.held(BEN) == sim.spent(BEN) == 0


def test_a_spoiler_stays_one_in_what_is_made_of_it(sim: Simulation) -> None:
    first = sim.edit(ANN, spoiler=True)
    sim.until(Status.DONE, job_id=first)
    again = sim.reroll(first, BEN)
    sim.until(Status.DONE, job_id=again)
    assert {sim.job(each).spoiler for each in (first, again)} == {Spoiler.ALL}


@pytest.mark.parametrize("all_of_it", [False, True])
def test_results_that_are_spoilers_are_so_as_sources_too(sim: Simulation, all_of_it: bool) -> None:
    rule(sim, spoilers=True, prompts_hidden=True)
    first = sim.edit(ANN, spoiler=all_of_it)
    sim.until(Status.DONE, job_id=first)
    job = sim.job(first)
    assert (job.spoiler, job.prompt_hidden) == (Spoiler.ALL if all_of_it else Spoiler.RESULTS, True)
    rule(sim)
    again = sim.reroll(first, ANN)
    sim.until(Status.DONE, job_id=again)
    assert sim.job(again).spoiler is (Spoiler.ALL if all_of_it else Spoiler.NONE)
    result = sim.results(first)[0]
    source = NewSource(name="result", sha256=result.sha256, from_job=first)
    assert sim.look(ownership.is_spoiler, source)
    assert sim.look(ownership.is_spoiler, replace(source, from_job=again)) is False


LOG = 77


def logged(sim: Simulation, job_id: str) -> list[Any]:
    return [each for each in sim.messenger.of_job(job_id) if each.channel_id == LOG]


def test_a_servers_log_tells_of_each_job_once_also_after_a_crash_and_loses_it_with_the_job(
    sim: Simulation,
) -> None:
    first = sim.done()
    rule(sim, log_channel=LOG)
    second = sim.done(BEN)
    sim.until(Status.DONE, job_id=second)
    sim.pass_time(5.0)
    sim.crash()
    sim.pass_time(5.0)
    assert (len(logged(sim, first)), len(logged(sim, second))) == (0, 1)
    assert list(logged(sim, second)[0].results()) == list(sim.messenger.of_job(second)[0].results())
    sim.run(sim.bot.parts.leaving.outside.hide(second))
    sim.pass_time(130.0)
    assert [each.channel_id for each in sim.messenger.of_job(second)] == [LOG], "it tells moderators still"
    sim.delete(second)
    sim.pass_time(130.0)
    assert sim.messenger.of_job(second) == []


def test_what_others_made_of_a_deleted_job_leaves_the_log_with_it(sim: Simulation) -> None:
    rule(sim, log_channel=LOG)
    first = sim.done()
    second = sim.reroll(first, BEN)
    sim.until(Status.DONE, job_id=second)
    sim.pass_time(5.0)
    assert len(logged(sim, second)) == 1
    sim.delete(first)
    sim.pass_time(130.0)
    assert logged(sim, first) == logged(sim, second) == []


def test_a_log_that_refuses_keeps_nothing_from_anybody(sim: Simulation) -> None:
    rule(sim, log_channel=LOG)
    sim.messenger.refuses_log = True
    job_id = sim.done()
    job = sim.job(job_id)
    assert (job.status, job.collected, job.card.reminded) == (Status.DONE, True, True)
    assert logged(sim, job_id) == []
