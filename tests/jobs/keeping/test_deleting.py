"""Delete takes a member's images and words from whatever others made of them; deletions by others do the same."""

from typing import Any

import pytest

from domain.errors import Reason
from domain.images import Role
from domain.job import Rung, Status
from storage import images, job_rows, privacy, unnamed
from tests.jobs.simulation import ANN, BEN, CHANNEL, GUILD, Simulation

EVE = 103


def rerolled(sim: Simulation, job_id: str, member: int) -> str:
    made = sim.reroll(job_id, member)
    sim.until(Status.DONE, job_id=made)
    sim.pass_time(5.0)
    return made


def reasons(sim: Simulation) -> list[Reason]:
    return [refusal.reason for refusal in sim.refused]


def card_of(sim: Simulation, job_id: str) -> Any:
    return sim.messenger.messages[sim.job(job_id).card.message_id or 0]


def gone(sim: Simulation, job_id: str) -> None:
    """Delete a card as a moderator does by hand: Discord tells of it."""
    message_id = sim.job(job_id).card.message_id or 0
    sim.messenger.messages[message_id].deleted = True
    sim.run(sim.bot.parts.leaving.outside.messages_deleted([message_id]))
    sim.pass_time(2.0)


def test_what_others_rerolled_loses_the_images_and_the_words(sim: Simulation) -> None:
    first = sim.done(prompt="annes secret")
    second, third = rerolled(sim, first, BEN), None
    third = rerolled(sim, second, EVE)
    (source,) = sim.look(images.of_job, first, Role.SOURCE)
    sim.delete(first)
    sim.pass_time(120.0)
    for made in (second, third):
        job = sim.job(made)
        assert (job.withdrawn, job.prompt, job.deleted) == (True, "", False)
        assert [
            (each.sha256, each.name, each.url) for each in sim.look(images.of_job, made, Role.SOURCE)
        ] == [(None, "", None)]
        assert sim.look(images.of_job, made, Role.SHEET) == []
        card = card_of(sim, made)
        assert all(name.startswith("darkroom-") for name in card.files), "the contact sheet is still there"
        assert card.files, "the result went too"
        assert (card.view.job.withdrawn, card.view.job.prompt) == (True, "")
        assert len(sim.results(made)) == 1
        assert sim.reroll(made, EVE) not in {job.id for job in sim.jobs()}
    assert source.sha256 in sim.look(unnamed.marked)
    assert sim.spent(BEN) == sim.spent(EVE) == 4_000


def test_ones_own_rerolls_stay_as_they_are(sim: Simulation) -> None:
    first = sim.done()
    second = rerolled(sim, first, ANN)
    sim.delete(first)
    sim.pass_time(70.0)
    assert not sim.job(second).withdrawn
    assert rerolled(sim, second, BEN)


def test_whoever_deletes_a_reroll_takes_nothing_of_the_first_members_away(sim: Simulation) -> None:
    first = sim.done()
    second = rerolled(sim, first, BEN)
    third = rerolled(sim, second, EVE)
    sim.delete(second)
    sim.pass_time(70.0)
    assert not sim.job(third).withdrawn
    sim.delete(first)
    assert sim.job(third).withdrawn


def test_a_reroll_that_waits_is_not_submitted_once_its_images_are_withdrawn(sim: Simulation) -> None:
    first = sim.done()
    sim.provider.down = True
    second = sim.reroll(first, BEN)
    sim.pass_time(2.0)
    sim.delete(first)
    sim.provider.down = False
    sim.until(Status.FAILED, job_id=second)
    assert sim.job(second).failure is Reason.SOURCE_WITHDRAWN
    assert sim.held(BEN) == sim.spent(BEN) == 0


def test_words_alone_are_withdrawn_too(sim: Simulation) -> None:
    first = sim.generate(ANN, prompt="annes words")
    sim.until(Status.DONE, job_id=first)
    second = rerolled(sim, first, BEN)
    sim.delete(first)
    assert (sim.job(second).prompt, sim.job(second).withdrawn) == ("", True)


def test_words_that_somebody_added_to_anothers_go_with_theirs_too(sim: Simulation) -> None:
    first = sim.done(prompt="annes words")
    second = sim.reroll(first, BEN, prompt="annes words and bens secret")
    sim.until(Status.DONE, job_id=second)
    third, same = rerolled(sim, second, EVE), rerolled(sim, first, EVE)
    sim.delete(second)
    sim.pass_time(120.0)
    assert (sim.job(third).prompt, sim.job(third).withdrawn) == ("", True)
    assert [sim.job(each).prompt for each in (first, same)] == ["annes words"] * 2
    assert card_of(sim, third).view.published == (), "it shows a source that it does not carry any more"
    assert [each.name for each in sim.look(images.of_job, third, Role.SOURCE)] == [""]


def test_images_that_are_kept_to_oneself_are_refused_everywhere_at_once(sim: Simulation) -> None:
    first = sim.done()
    second = rerolled(sim, first, BEN)
    sim.provider.down = True
    waiting = sim.reroll(first, BEN)
    sim.pass_time(2.0)
    sim.look(privacy.keep_images, ANN, keep=True)
    for job_id in (first, second):
        assert sim.reroll(job_id, BEN) not in {job.id for job in sim.jobs()}
        sim.react(job_id, EVE)
    assert reasons(sim) == [Reason.NOT_SHARED] * 4
    sim.provider.down = False
    sim.until(Status.FAILED, job_id=waiting)
    assert sim.job(waiting).failure is Reason.NOT_SHARED
    assert sim.job(sim.reroll(first, ANN)).member_id == ANN
    sim.look(privacy.keep_images, ANN, keep=False)
    assert sim.job(sim.reroll(first, BEN)).member_id == BEN


def test_a_card_deleted_by_somebody_else_is_deleted_like_by_its_member(sim: Simulation) -> None:
    first = sim.done()
    second = rerolled(sim, first, BEN)
    gone(sim, first)
    job = sim.job(first)
    assert (job.deleted, job.prompt, sim.look(images.of_job, first)) == (True, "", [])
    assert sim.job(second).withdrawn


def test_a_running_jobs_result_goes_to_its_member_alone_once_its_card_was_deleted(sim: Simulation) -> None:
    job_id = sim.edit()
    sim.until(Status.RUNNING, job_id=job_id)
    gone(sim, job_id)
    sim.until(Status.DONE, job_id=job_id)
    sim.pass_time(70.0)
    job = sim.job(job_id)
    assert (job.hidden, job.card.rung, job.collected) == (True, Rung.DIRECT, True)
    assert [message.channel_id for message in sim.messenger.of_job(job_id)] != [CHANNEL]
    assert CHANNEL not in {message.channel_id for message in sim.messenger.of_job(job_id)}
    assert sim.spent(ANN) == 4_000


@pytest.mark.parametrize("stage", [Status.QUEUED, Status.RUNNING, Status.DELIVERING])
def test_a_hidden_job_under_way_reaches_its_member_alone(sim: Simulation, stage: Status) -> None:
    job_id = sim.edit()
    sim.until(stage, job_id=job_id)
    sim.run(sim.bot.parts.leaving.outside.hide(job_id))
    sim.until(Status.DONE, job_id=job_id)
    sim.pass_time(130.0)
    job = sim.job(job_id)
    assert job.hidden
    assert CHANNEL not in {message.channel_id for message in sim.messenger.of_job(job_id)}
    assert job.card.rung in {Rung.DIRECT, Rung.KEPT}
    assert (job.card.rung is Rung.DIRECT) == job.collected
    assert len(sim.collect(job_id)) == 1
    assert sim.spent(ANN) == 4_000


def test_a_hidden_result_waits_for_its_member_and_is_never_in_that_channel_again(sim: Simulation) -> None:
    first = sim.done()
    sim.run(sim.bot.parts.leaving.outside.hide(first))
    sim.pass_time(130.0)
    sim.crash()
    sim.pass_time(130.0)
    assert sim.messenger.of_job(first) == []
    job = sim.job(first)
    assert (job.hidden, job.deleted, job.collected, job.card.rung) == (True, False, False, Rung.KEPT)
    assert len(sim.collect(first)) == 1
    sim.pass_time(70.0)
    assert sim.job(first).collected
    assert sim.messenger.of_job(first) == []


def test_a_card_without_results_that_is_hidden_is_deleted(sim: Simulation) -> None:
    sim.provider.faults = ["moderated"]
    job_id = sim.edit(prompt="words that nobody should read")
    sim.until(Status.FAILED, job_id=job_id)
    sim.pass_time(5.0)
    sim.run(sim.bot.parts.leaving.outside.hide(job_id))
    sim.pass_time(5.0)
    assert (sim.job(job_id).deleted, sim.job(job_id).prompt) == (True, "")
    assert sim.messenger.of_job(job_id) == []


def test_a_waiting_jobs_end_is_told_to_its_member_alone_once_its_card_was_deleted(sim: Simulation) -> None:
    sim.provider.down = True
    job_id = sim.edit()
    sim.pass_time(2.0)
    gone(sim, job_id)
    sim.provider.faults = ["moderated"]
    sim.provider.down = False
    sim.until(Status.FAILED, job_id=job_id)
    sim.pass_time(70.0)
    assert CHANNEL not in {message.channel_id for message in sim.messenger.of_job(job_id)}
    assert [message.status for message in sim.messenger.of_job(job_id)] == [Status.FAILED]


def test_what_nobody_has_yet_stays_for_its_member_when_its_card_is_deleted(sim: Simulation) -> None:
    sim.messenger.closed_directs = True
    job_id = sim.edit()
    sim.until(Status.RUNNING, job_id=job_id)
    gone(sim, job_id)
    sim.until(Status.DONE, job_id=job_id)
    sim.run(sim.bot.parts.leaving.outside.place_lost(guild_id=GUILD))
    job = sim.job(job_id)
    assert (job.deleted, job.collected, job.card.rung) == (False, False, Rung.KEPT)
    assert len(sim.collect(job_id)) == 1


def test_with_its_channel_or_its_server_every_card_is_deleted(sim: Simulation) -> None:
    done, running = sim.done(), sim.edit(BEN)
    sim.until(Status.RUNNING, job_id=running)
    sim.run(sim.bot.parts.leaving.outside.place_lost(guild_id=GUILD, channel_id=CHANNEL + 1))
    assert not sim.job(done).deleted
    sim.messenger.hidden = True
    sim.run(sim.bot.parts.leaving.outside.place_lost(guild_id=GUILD, channel_id=CHANNEL))
    assert (sim.job(done).deleted, sim.job(running).hidden) == (True, True)
    sim.until(Status.DONE, job_id=running)
    assert sim.job(running).card.rung is Rung.DIRECT
    sim.run(sim.bot.parts.leaving.outside.place_lost(guild_id=GUILD))
    assert sim.job(running).deleted
    sim.pass_time(5.0)
    left = {message.channel_id for message in sim.messenger.of_job(running)}
    assert left <= {CHANNEL}, "the direct message was left"


def test_a_message_that_is_nobodys_card_changes_nothing(sim: Simulation) -> None:
    job_id = sim.done()
    sim.run(sim.bot.parts.leaving.outside.messages_deleted([1, 2, 3]))
    assert not sim.job(job_id).deleted


def test_messages_that_cannot_be_deleted_now_are_deleted_later(sim: Simulation) -> None:
    job_id = sim.done()
    sim.messenger.hidden = True
    sim.delete(job_id)
    sim.pass_time(5.0)
    assert len(sim.messenger.of_job(job_id)) == 1
    sim.crash()
    sim.messenger.hidden = False
    sim.pass_time(130.0)
    assert sim.messenger.of_job(job_id) == []
    assert sim.look(job_rows.get, job_id).deleted
