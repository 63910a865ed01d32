"""What holds in a simulation at every moment, and what holds once everything has come to rest."""

from collections import Counter

from accounts.verify import verify
from domain.entries import EntryKind
from domain.errors import Reason
from domain.job import OPEN, Job, Status
from jobs.asking.likeness import CLOCKS_APART
from tests.jobs.drawings import result_of
from tests.jobs.model_messenger import DIRECT
from tests.jobs.model_provider import Run
from tests.jobs.simulation import Simulation

OF_THE_PROVIDER = {
    Reason.TIMED_OUT,
    Reason.RESULT_GONE,
    Reason.NO_IMAGES,
    Reason.PROVIDER_TROUBLE,
    Reason.MODERATED,
    Reason.BAD_INPUT,
}
"""Ends of a job that the provider had taken: what it keeps is the operator's drift, never a member's."""


def check_always(sim: Simulation) -> None:
    """Check what no crash, storm or fault may break at any moment."""
    assert verify(sim.bot.database.tx) == []
    assert sim.messenger.bad_requests == []
    check_submissions(sim)
    check_nothing_shown_twice(sim)
    check_nothing_lost(sim)
    check_charges(sim)


def check_submissions(sim: Simulation) -> None:
    """No job is taken twice by the provider: its secret is of one submission that went out."""
    secrets = Counter(run.secret for run in sim.provider.runs.values())
    assert all(number == 1 for number in secrets.values())
    named = Counter(job.provider_job_id for job in sim.jobs() if job.provider_job_id)
    assert all(number == 1 for number in named.values())
    owners = {job.provider_job_id: job.id for job in sim.jobs() if job.provider_job_id in sim.provider.runs}
    assert owners.items() <= sim.provider.made_by.items(), "somebody else's run"
    taken = Counter(sim.provider.made_by[run_id] for run_id in sim.provider.runs)
    assert all(number == 1 for number in taken.values()), taken


def check_nothing_shown_twice(sim: Simulation) -> None:
    """No result is on two messages, except that nobody can look into a channel that was hidden meanwhile."""
    there = [message for message in sim.messenger.messages.values() if not message.deleted]
    if sim.messenger.was_hidden:
        there = [message for message in there if message.channel_id > DIRECT]
    places = Counter(result for message in there for result in message.results())
    assert all(number == 1 for number in places.values()), places


def check_nothing_lost(sim: Simulation) -> None:
    """Whatever was accepted is there, and belongs to whoever asked."""
    for job_id, accepted in sim.accepted.items():
        job = sim.job(job_id)
        assert (job.member_id, job.reserved) == (accepted.member_id, accepted.reserved)


def check_charges(sim: Simulation) -> None:
    """A charge is the provider's own price for the images that were given, and of nothing else.

    Where no word of the provider told it before the end, no member pays more than they were told.
    """
    for job in sim.jobs():
        rows = sim.bot.database.tx.execute(
            "SELECT kind, SUM(spent), SUM(images) FROM entries WHERE job_id = ? GROUP BY kind", (job.id,)
        )
        booked = {kind: (spent, given) for kind, spent, given in rows}
        if EntryKind.CHARGE not in booked:
            continue
        run = sim.provider.runs[job.provider_job_id or ""]
        charged, given = booked[EntryKind.CHARGE]
        known = job.reserved if job.cost is None else run.cost
        right = run.cost if run.cost < known else -(-known * given // run.asked)
        assert charged == right, f"{job!r} was charged {charged} of {run}"
        if job.status is Status.FAILED:
            assert booked[EntryKind.REFUND][0] == -charged


def check_at_rest(sim: Simulation, *, given_up: set[str]) -> None:
    """Check that every job has come to a good end, once nothing is left to do.

    ``given_up`` names jobs that were released while their runs could not be found.
    """
    check_always(sim)
    by_name = {job.provider_job_id: job for job in sim.jobs() if job.provider_job_id}
    for run in sim.provider.runs.values():
        check_run(sim, run, by_name.get(run.id), given_up=given_up)
    for job in sim.jobs():
        assert job.status not in OPEN, job
        assert job.card.token is None, f"{job!r} keeps its token"
        if job.deleted:
            continue
        if job.status is Status.DONE:
            check_delivered(sim, job)
        else:
            check_told(sim, job)


def check_run(sim: Simulation, run: Run, job: Job | None, *, given_up: set[str]) -> None:
    """Whatever the provider took was paid for by the member who got it, or is the operator's drift."""
    if job is None:
        owner = sim.job(sim.provider.made_by[run.id])
        assert owner.failure is Reason.NEVER_ANSWERED, f"{run} was made by {owner!r}"
        # One that vanished is on no list, and the provider denies it.
        excused = run.outcome == "vanish" or owner.id in given_up or is_one_of_several(sim, run, owner)
        assert excused, f"{run} could have been found for {owner!r}"
    elif job.status is Status.DONE:
        assert (job.charged or 0) <= run.cost
    else:
        assert job.failure in OF_THE_PROVIDER, f"{run} and {job!r}"
        lost = run.images and run.id not in sim.provider.spoilt
        assert not lost or job.id in sim.lost_files, f"the images of {run} are lost: {job.failure}"


def is_one_of_several(sim: Simulation, run: Run, owner: Job) -> bool:
    """Tell whether a run might be another job's as well, by all that the list says: then it is nobody's.

    The operator must have been shown both sides.
    """
    alike = [
        job
        for job in sim.jobs()
        if job.failure is Reason.NEVER_ANSWERED
        and (job.prompt, job.model, job.options.images) == (run.prompt, run.model, run.asked)
        and abs((job.submitted_at or job.created_at) - run.began) < CLOCKS_APART
    ]
    shown = [values["jobs"] for key, values in sim.operator.warned if key == "parked_alike"]
    several = sim.provider.listing == "prompt" and len(alike) > 1
    return several and any(owner.id in str(jobs) for jobs in shown)


def check_delivered(sim: Simulation, job: Job) -> None:
    """Every result was shown, and is once at most (always), or waits under /jobs with its bytes kept."""
    results = sim.results(job.id)
    if job.collected and job.id not in sim.collected:
        shown = sim.messenger.ever_shown(job.provider_job_id or "")
        assert len(shown) == len(results), f"{job!r}: of {len(results)} results only {shown} were ever shown"
    if not job.collected:
        for image in results:
            found = result_of(sim.bot.parts.files.path(image.sha256 or "").read_bytes())
            assert found is not None
            assert found[0] == job.provider_job_id


def check_told(sim: Simulation, job: Job) -> None:
    """Whoever asked was told how it ended, privately or on the card that their job has now.

    Where Discord kept that card from them for a while, it says so at last.
    """
    cards = {message.id: message.status for message in sim.messenger.of_job(job.id)}
    if not sim.muffled and job.id not in {told for told, _ in sim.messenger.told}:
        assert job.status in cards.values(), f"nobody was told of {job!r}"
    assert cards.get(job.card.message_id or 0, job.status) is job.status, f"{job!r} is shown otherwise"
