"""What is asked of past jobs, and what their owners may undo."""

import pytest

from domain.errors import Reason, Refusal
from domain.images import Role
from domain.job import Status
from domain.request import Wish
from jobs.keeping.archive import PAGE
from storage import events, images, unnamed
from tests.jobs.simulation import ANN, BEN, GUILD, Simulation


def refused(sim: Simulation) -> list[Reason]:
    return [refusal.reason for refusal in sim.refused]


def test_a_queued_job_is_cancelled_at_no_cost(sim: Simulation) -> None:
    sim.provider.down = True
    job_id = sim.edit()
    assert sim.cancel(job_id)
    assert sim.job(job_id).status is Status.CANCELLED
    assert sim.spent(ANN) == sim.held(ANN) == 0
    sim.pass_time(30)
    assert sim.provider.runs == {}
    assert [message.status for message in sim.messenger.of_job(job_id)] == [Status.CANCELLED]


def test_a_job_that_is_with_the_provider_cannot_be_cancelled_and_its_cost_is_said(sim: Simulation) -> None:
    job_id = sim.edit(images=2)
    sim.until(Status.RUNNING, job_id=job_id)
    assert not sim.cancel(job_id)
    assert refused(sim) == [Reason.TOO_LATE]
    assert sim.refused[0].values["credits"] == 8_000


def test_a_job_that_is_cancelled_twice_stays_cancelled_and_nobody_is_told_of_a_cost(sim: Simulation) -> None:
    sim.provider.down = True
    job_id = sim.edit()
    assert sim.cancel(job_id)
    assert sim.cancel(job_id)
    assert sim.refused == []


def test_a_job_that_failed_meanwhile_is_not_said_to_cost_anything(sim: Simulation) -> None:
    sim.provider.faults = ["moderated"]
    job_id = sim.edit()
    sim.until(Status.FAILED, job_id=job_id)
    assert not sim.cancel(job_id)
    assert refused(sim) == [Reason.MODERATED]


def test_a_deleted_job_is_gone_with_its_prompt_and_files_and_its_ledger_stays(sim: Simulation) -> None:
    job_id = sim.done()
    card = sim.job(job_id).card.message_id
    (image,) = sim.results(job_id)
    before = {each.sha256 for each in sim.look(images.of_job, job_id)}
    sim.delete(job_id)
    sim.pass_time(1.0)
    job = sim.job(job_id)
    assert (job.deleted, job.prompt, job.collected) == (True, "", True)
    assert sim.results(job_id) == []
    assert sim.messenger.of_job(job_id) == []
    assert sim.spent(ANN) == 4_000
    with pytest.raises(Refusal, match="not_found"):
        sim.run(sim.bot.parts.archive.job(job_id))
    assert sim.run(sim.bot.parts.archive.by_card(card or 0)) is None
    assert sim.look(unnamed.marked) == {image.sha256, *before} - {None}


def test_a_file_that_another_job_still_names_outlives_a_deleted_one(sim: Simulation) -> None:
    first = sim.done()
    (source,) = sim.look(images.of_job, first, Role.SOURCE)
    again = sim.reroll(first)
    sim.until(Status.DONE, job_id=again)
    sim.delete(first)
    assert source.sha256 not in sim.look(unnamed.marked)
    sim.delete(again)
    assert source.sha256 in sim.look(unnamed.marked)
    assert sim.bot.parts.files.sizes().keys() == sim.look(unnamed.marked)


def test_a_job_that_is_under_way_is_not_deleted(sim: Simulation) -> None:
    job_id = sim.edit()
    sim.delete(job_id)
    assert refused(sim) == [Reason.NOT_FINISHED]
    assert not sim.job(job_id).deleted


def test_results_and_sources_are_had_while_all_of_them_are_kept(sim: Simulation) -> None:
    job_id = sim.done(sources=2)
    archive = sim.bot.parts.archive
    assert [image.position for image in sim.run(archive.sources(job_id)) or []] == [1, 2]
    assert len(sim.run(archive.results(job_id)) or []) == 1
    second = (sim.run(archive.sources(job_id)) or [])[1]
    sim.bot.parts.files.drop(second.sha256 or "")
    with pytest.raises(Refusal, match="sources_not_kept"):
        sim.run(archive.sources(job_id))


def test_an_open_job_has_no_results(sim: Simulation) -> None:
    with pytest.raises(Refusal, match="not_finished"):
        sim.run(sim.bot.parts.archive.results(sim.edit()))


def test_five_jobs_make_a_page_and_a_number_beyond_shows_the_last(sim: Simulation) -> None:
    sim.provider.down = True
    asked = [sim.edit() for _ in range(PAGE + 2)]

    def page(number: int) -> tuple[int, list[str]]:
        found = sim.run(sim.bot.parts.archive.page(member_id=ANN, guild_id=GUILD, number=number))
        assert found is not None
        assert (found.count, found.last) == (PAGE + 2, 1)
        return found.number, [job.id for job in found.jobs]

    assert page(0) == (0, asked[:1:-1])
    assert page(1) == page(99) == (1, asked[1::-1])
    assert page(-1) == page(0)


def test_a_page_of_nothing_is_one_page(sim: Simulation) -> None:
    found = sim.run(sim.bot.parts.archive.page(member_id=BEN, guild_id=GUILD, number=0))
    assert found is not None
    assert (list(found.jobs), found.number, found.last) == ([], 0, 0)


def test_prompts_are_ones_own(sim: Simulation) -> None:
    sim.edit(ANN, prompt="make it blue")
    archive = sim.bot.parts.archive

    def suggested(member: int, text: str) -> list[str] | None:
        return sim.run(archive.recent_prompts(member_id=member, guild_id=GUILD, containing=text))

    assert suggested(ANN, "BLUE") == ["make it blue"]
    assert suggested(ANN, "x" * 5_000) == []
    assert suggested(ANN, "blue\ud800") == ["make it blue"]
    assert suggested(BEN, "blue") == []


def test_a_wish_taken_back_and_made_again_is_a_new_one(sim: Simulation) -> None:
    job_id = sim.done()
    first = sim.react(job_id, BEN)
    assert sim.react(job_id, BEN) == first, "an event that repeats"
    for _ in range(2):
        sim.unreact(job_id, BEN)
    second = sim.react(job_id, BEN)
    assert second not in {first, None}
    assert {job.id for job in sim.jobs() if job.member_id == BEN} == {first, second}


def test_taking_back_a_wish_that_made_no_job_counts_for_nothing(sim: Simulation) -> None:
    card = sim.job(sim.done()).card.message_id or 0
    sim.run(sim.bot.parts.archive.take_back(message_id=card, member_id=BEN))
    assert sim.look(events.job_of, Wish(card), member_id=BEN) is None


def test_clearing_all_reactions_takes_every_wish_back(sim: Simulation) -> None:
    job_id = sim.done()
    card = sim.job(job_id).card.message_id or 0
    wishes = {sim.react(job_id, member) for member in (ANN, BEN)}
    sim.run(sim.bot.parts.archive.take_back_all(card))
    assert wishes.isdisjoint({sim.react(job_id, member) for member in (ANN, BEN)})
