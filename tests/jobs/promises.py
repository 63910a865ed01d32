"""What holds in a town at every moment, and what holds once everything has come to rest."""

from collections import Counter

from accounts.verify import verify
from domain.entries import EntryKind
from domain.errors import Reason
from domain.job import OPEN, Job, Status
from tests.jobs.drawings import result_of
from tests.jobs.model_provider import Run
from tests.jobs.model_stage import DIRECT
from tests.jobs.town import Town

OF_THE_PROVIDER = {
    Reason.TIMED_OUT,
    Reason.RESULT_GONE,
    Reason.NO_IMAGES,
    Reason.PROVIDER_TROUBLE,
    Reason.MODERATED,
    Reason.BAD_INPUT,
}
"""Ends of a job that the provider had taken: what it keeps is the operator's drift, never a member's."""


def check_always(town: Town) -> None:
    """Check what no crash, storm or fault may break at any moment."""
    assert verify(town.bot.database.tx) == []
    assert town.stage.bad_requests == []
    check_submissions(town)
    check_nothing_shown_twice(town)
    check_nothing_lost(town)
    check_charges(town)


def check_submissions(town: Town) -> None:
    """No job is taken twice by the provider: its secret is of one submission that went out."""
    secrets = Counter(run.secret for run in town.provider.runs.values())
    assert all(number == 1 for number in secrets.values())
    named = Counter(job.provider_job_id for job in town.jobs() if job.provider_job_id)
    assert all(number == 1 for number in named.values())
    taken = Counter(town.provider.made_by[run_id] for run_id in town.provider.runs)
    assert all(number == 1 for number in taken.values()), taken


def check_nothing_shown_twice(town: Town) -> None:
    """No result is on two messages, except that nobody can look into a channel that was hidden meanwhile."""
    there = [message for message in town.stage.messages.values() if not message.deleted]
    if town.stage.was_hidden:
        there = [message for message in there if message.channel_id > DIRECT]
    places = Counter(result for message in there for result in message.results())
    assert all(number == 1 for number in places.values()), places


def check_nothing_lost(town: Town) -> None:
    """Whatever was accepted is there, and belongs to whoever asked."""
    for job_id, accepted in town.accepted.items():
        job = town.job(job_id)
        assert (job.member_id, job.reserved) == (accepted.member_id, accepted.reserved)


def check_charges(town: Town) -> None:
    """A charge is the provider's own price for the images that were given, and of nothing else."""
    for job in town.jobs():
        rows = town.bot.database.tx.execute(
            "SELECT kind, SUM(spent), SUM(images) FROM entries WHERE job_id = ? GROUP BY kind", (job.id,)
        )
        booked = {kind: (spent, given) for kind, spent, given in rows}
        if EntryKind.CHARGE not in booked:
            continue
        run = town.provider.runs[job.provider_job_id or ""]
        charged, given = booked[EntryKind.CHARGE]
        assert charged == -(-run.cost * given // run.asked), f"{job!r} was charged {charged} of {run}"
        if job.status is Status.FAILED:
            assert booked[EntryKind.REFUND][0] == -charged


def check_at_rest(town: Town, *, given_up: set[str]) -> None:
    """Check that every job has come to a good end, once nothing is left to do.

    ``given_up`` names jobs that were released while their runs could not be found.
    """
    check_always(town)
    by_name = {job.provider_job_id: job for job in town.jobs() if job.provider_job_id}
    for run in town.provider.runs.values():
        check_run(town, run, by_name.get(run.id), given_up=given_up)
    for job in town.jobs():
        assert job.status not in OPEN, job
        assert job.token is None, f"{job!r} keeps its token"
        if job.deleted:
            continue
        if job.status is Status.DONE:
            check_delivered(town, job)
        elif not town.muffled:
            check_told(town, job)


def check_run(town: Town, run: Run, job: Job | None, *, given_up: set[str]) -> None:
    """Whatever the provider took was paid for by the member who got it, or is the operator's drift."""
    if job is None:
        owner = town.job(town.provider.made_by[run.id])
        assert owner.failure is Reason.NEVER_ANSWERED, f"{run} was made by {owner!r}"
        assert owner.id in given_up, f"{run} could have been found for {owner!r}"
    elif job.status is Status.DONE:
        assert (job.charged or 0) <= run.cost
    else:
        assert job.failure in OF_THE_PROVIDER, f"{run} and {job!r}"
        lost = run.images and run.id not in town.provider.spoilt
        assert not lost or job.id in town.lost_files, f"the images of {run} are lost: {job.failure}"


def check_delivered(town: Town, job: Job) -> None:
    """Every result was shown, and is once at most (always), or waits under /jobs with its bytes kept."""
    results = town.results(job.id)
    if job.collected and job.id not in town.collected:
        shown = town.stage.ever_shown(job.provider_job_id or "")
        assert len(shown) == len(results), f"{job!r}: of {len(results)} results only {shown} were ever shown"
    if not job.collected:
        for image in results:
            found = result_of(town.bot.tools.files.path(image.sha256 or "").read_bytes())
            assert found is not None
            assert found[0] == job.provider_job_id


def check_told(town: Town, job: Job) -> None:
    """Whoever asked was told how it ended, privately or on the card that their job has now."""
    cards = {message.id: message.status for message in town.stage.of_job(job.id)}
    if job.id not in {told for told, _ in town.stage.told}:
        assert job.status in cards.values(), f"nobody was told of {job!r}"
    assert cards.get(job.card_id or 0, job.status) is job.status, f"{job!r} is shown otherwise"
