"""What is asked of past jobs, and what their owners may undo."""

import pytest

from domain.errors import Reason, Refusal
from domain.images import Role
from domain.job import Status
from domain.request import Wish
from jobs.archive import PAGE
from storage import events, images, unnamed
from tests.jobs.town import ANN, BEN, GUILD, Town


def refused(town: Town) -> list[Reason]:
    return [refusal.reason for refusal in town.refused]


def test_a_queued_job_is_cancelled_at_no_cost(town: Town) -> None:
    town.provider.down = True
    job_id = town.edit()
    assert town.cancel(job_id)
    assert town.job(job_id).status is Status.CANCELLED
    assert town.spent(ANN) == town.held(ANN) == 0
    town.pass_time(30)
    assert town.provider.runs == {}
    assert [message.status for message in town.stage.of_job(job_id)] == [Status.CANCELLED]


def test_a_job_that_is_with_the_provider_cannot_be_cancelled_and_its_cost_is_said(town: Town) -> None:
    job_id = town.edit(images=2)
    town.until(Status.RUNNING, job_id=job_id)
    assert not town.cancel(job_id)
    assert refused(town) == [Reason.TOO_LATE]
    assert town.refused[0].values["credits"] == 8_000


def test_a_job_that_is_cancelled_twice_stays_cancelled_and_nobody_is_told_of_a_cost(town: Town) -> None:
    town.provider.down = True
    job_id = town.edit()
    assert town.cancel(job_id)
    assert town.cancel(job_id)
    assert town.refused == []


def test_a_job_that_failed_meanwhile_is_not_said_to_cost_anything(town: Town) -> None:
    town.provider.faults = ["moderated"]
    job_id = town.edit()
    town.until(Status.FAILED, job_id=job_id)
    assert not town.cancel(job_id)
    assert refused(town) == [Reason.MODERATED]


def test_a_deleted_job_is_gone_with_its_prompt_and_files_and_its_ledger_stays(town: Town) -> None:
    job_id = town.done()
    card = town.job(job_id).card_id
    (image,) = town.results(job_id)
    before = {each.sha256 for each in town.look(images.of_job, job_id)}
    town.delete(job_id)
    job = town.job(job_id)
    assert (job.deleted, job.prompt, job.collected) == (True, "", True)
    assert town.results(job_id) == []
    assert town.stage.of_job(job_id) == []
    assert town.spent(ANN) == 4_000
    with pytest.raises(Refusal, match="not_found"):
        town.run(town.bot.archive.job(job_id))
    assert town.run(town.bot.archive.by_card(card or 0)) is None
    assert town.look(unnamed.marked) == {image.sha256, *before} - {None}


def test_a_file_that_another_job_still_names_outlives_a_deleted_one(town: Town) -> None:
    first = town.done()
    (source,) = town.look(images.of_job, first, Role.SOURCE)
    again = town.reroll(first)
    town.until(Status.DONE, job_id=again)
    town.delete(first)
    assert source.sha256 not in town.look(unnamed.marked)
    town.delete(again)
    assert source.sha256 in town.look(unnamed.marked)
    assert town.bot.tools.files.sizes().keys() == town.look(unnamed.marked)


def test_a_job_that_is_under_way_is_not_deleted(town: Town) -> None:
    job_id = town.edit()
    town.delete(job_id)
    assert refused(town) == [Reason.NOT_FINISHED]
    assert not town.job(job_id).deleted


def test_results_and_sources_are_had_while_all_of_them_are_kept(town: Town) -> None:
    job_id = town.done(sources=2)
    archive = town.bot.archive
    assert [image.position for image in town.run(archive.sources(job_id)) or []] == [1, 2]
    assert len(town.run(archive.results(job_id)) or []) == 1
    second = (town.run(archive.sources(job_id)) or [])[1]
    town.bot.tools.files.drop(second.sha256 or "")
    with pytest.raises(Refusal, match="sources_not_kept"):
        town.run(archive.sources(job_id))


def test_an_open_job_has_no_results(town: Town) -> None:
    with pytest.raises(Refusal, match="not_finished"):
        town.run(town.bot.archive.results(town.edit()))


def test_ten_jobs_make_a_page_and_a_number_beyond_shows_the_last(town: Town) -> None:
    town.provider.down = True
    asked = [town.edit() for _ in range(PAGE + 2)]

    def page(number: int) -> tuple[int, list[str]]:
        found = town.run(town.bot.archive.page(member_id=ANN, guild_id=GUILD, number=number))
        assert found is not None
        assert (found.count, found.last) == (PAGE + 2, 1)
        return found.number, [job.id for job in found.jobs]

    assert page(0) == (0, asked[:1:-1])
    assert page(1) == page(99) == (1, asked[1::-1])
    assert page(-1) == page(0)


def test_a_page_of_nothing_is_one_page(town: Town) -> None:
    found = town.run(town.bot.archive.page(member_id=BEN, guild_id=GUILD, number=0))
    assert found is not None
    assert (list(found.jobs), found.number, found.last) == ([], 0, 0)


def test_prompts_are_ones_own(town: Town) -> None:
    town.edit(ANN, prompt="make it blue")
    archive = town.bot.archive

    def suggested(member: int, text: str) -> list[str] | None:
        return town.run(archive.recent_prompts(member_id=member, guild_id=GUILD, containing=text))

    assert suggested(ANN, "BLUE") == ["make it blue"]
    assert suggested(ANN, "x" * 5_000) == []
    assert suggested(ANN, "blue\ud800") == ["make it blue"]
    assert suggested(BEN, "blue") == []


def test_a_wish_taken_back_and_made_again_is_a_new_one(town: Town) -> None:
    job_id = town.done()
    first = town.react(job_id, BEN)
    assert town.react(job_id, BEN) == first, "an event that repeats"
    for _ in range(2):
        town.unreact(job_id, BEN)
    second = town.react(job_id, BEN)
    assert second not in {first, None}
    assert {job.id for job in town.jobs() if job.member_id == BEN} == {first, second}


def test_taking_back_a_wish_that_made_no_job_counts_for_nothing(town: Town) -> None:
    card = town.job(town.done()).card_id or 0
    town.run(town.bot.archive.take_back(message_id=card, member_id=BEN))
    assert town.look(events.job_of, Wish(card), member_id=BEN) is None


def test_clearing_all_reactions_takes_every_wish_back(town: Town) -> None:
    job_id = town.done()
    card = town.job(job_id).card_id or 0
    wishes = {town.react(job_id, member) for member in (ANN, BEN)}
    town.run(town.bot.archive.take_back_all(card))
    assert wishes.isdisjoint({town.react(job_id, member) for member in (ANN, BEN)})
