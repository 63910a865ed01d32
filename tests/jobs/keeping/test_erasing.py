"""An erased member is nowhere any more, wherever the bot was killed; their allowance is what it was."""

import shutil
from pathlib import Path

import pytest

from accounts import allowances, blocks
from accounts.allowances import Ceilings
from accounts.verify import verify
from domain.blocks import Block, Cause
from domain.errors import Reason, Refusal
from domain.images import Role
from domain.job import Status
from domain.limits import DAY
from domain.preferences import Preferences
from storage import erasures, facts, images, members, mentions, personal
from storage.erasure_key import FILE_NAME as KEY_FILE
from storage.erasure_record import FILE_NAME as RECORD
from storage.erasure_record import ErasureFile
from storage.files import Unreachable
from storage.sqlite import FILE_NAME
from storage.tx import Tx
from tests.jobs.simulation import BEN, GUILD, Simulation

ERASED = 987_654_321_098_765_432
PROMPT = "a wish that nobody shall find again"
CEILINGS = Ceilings(member=1_000_000, server=1_000_000)


def traces(sim: Simulation, *secrets: bytes) -> list[str]:
    """Return where a member is still to be found: in a file of the data directory, or on a message."""
    looked_for = [
        PROMPT.encode(),
        str(ERASED).encode(),
        ERASED.to_bytes(8, "big"),
        b"annes-photo",
        *secrets,
    ]
    found = [
        f"{path.name}: {secret!r}"
        for path in sorted(sim.directory.rglob("*"))
        if path.is_file()
        for secret in looked_for
        if secret in path.read_bytes() or secret in path.name.encode()
    ]
    for message in sim.messenger.messages.values():
        told = f"{message.view} {message.view and (message.view.job.prompt, message.view.job.member_id)}"
        if not message.deleted and (PROMPT in told or str(ERASED) in told):
            found.append(f"message {message.id}: {told}")
    return found


def standing(sim: Simulation, member_id: int = ERASED) -> list[tuple[str, int]]:
    """Return what is used of each limit of a member."""
    stands = sim.look(
        allowances.standings,
        guild_id=GUILD,
        member_id=member_id,
        role_ids=[],
        at=sim.clock.now(),
        ceilings=CEILINGS,
    )
    return [(stand.limit.giver, stand.used) for stand in stands]


def lived(sim: Simulation) -> tuple[str, str]:
    """Let a member do all sorts of things, and somebody else build on them; return their job and the other."""
    first = sim.done(ERASED, prompt=PROMPT)
    sim.done(ERASED, prompt=PROMPT, sources=2)
    theirs = sim.reroll(first, BEN)
    sim.until(Status.DONE, job_id=theirs)
    sim.pass_time(5.0)
    sim.look(mentions.add, ERASED, channel_id=5, message_id=sim.messenger._post(5, "x").id, at=1)
    return first, theirs


def erased(sim: Simulation) -> None:
    sim.run(sim.bot.parts.leaving.eraser.ask(ERASED))
    come_to_rest(sim)


def come_to_rest(sim: Simulation) -> None:
    for _ in range(60):
        sim.pass_time(10.0)
        if not sim.look(erasures.waiting):
            break
    sim.pass_time(130.0)


def photos(sim: Simulation, job_id: str) -> list[bytes]:
    """Return the bytes of what a member gave to a job."""
    found = sim.look(images.of_job, job_id, Role.SOURCE)
    return [sim.bot.parts.files.path(image.sha256 or "").read_bytes() for image in found]


def check_gone(sim: Simulation, *secrets: bytes) -> None:
    assert sim.look(erasures.waiting) == []
    assert traces(sim, *secrets) == []
    assert sim.look(verify) == []


def test_nothing_is_left_of_an_erased_member_and_their_allowance_is_what_it_was(sim: Simulation) -> None:
    first, theirs = lived(sim)
    given = photos(sim, first)
    assert given
    assert traces(sim, *given), "the search finds nothing at all"
    before = standing(sim)
    sim.pass_time(1.0)
    erased(sim)
    check_gone(sim, *given)
    assert standing(sim) == before
    assert before[0][1] == 8_000
    job = sim.job(theirs)
    assert (job.withdrawn, job.prompt, len(sim.results(theirs))) == (True, "", 1)
    assert sim.job(first).member_id == 0


def test_what_a_member_chose_goes_with_them_and_nobody_elses_does(sim: Simulation) -> None:
    preferring, mine = sim.bot.parts.choosing.preferring, Preferences(quality="low", pings=False)
    for member in (ERASED, BEN):
        sim.run(preferring.change(member, lambda _before: mine))
    assert len(traces(sim)) > 0
    erased(sim)
    check_gone(sim)
    assert sim.run(preferring.of(ERASED)) == Preferences()
    assert sim.run(preferring.of(BEN)) == mine


def test_files_deleted_within_the_hour_before_go_with_their_member(sim: Simulation) -> None:
    first, _ = lived(sim)
    given = photos(sim, first)
    sim.delete(first)
    erased(sim)
    check_gone(sim, *given)


def test_a_direct_message_of_theirs_is_not_known_any_more(sim: Simulation) -> None:
    first, _ = lived(sim)
    sim.look(_sent_directly, first)
    erased(sim)
    assert sim.job(first).card.place is None


def _sent_directly(tx: Tx, job_id: str) -> None:
    tx.execute("UPDATE jobs SET card_channel_id = 77 WHERE id = ?", (job_id,))


def test_what_is_written_of_somebody_while_they_are_erased_goes_too(sim: Simulation) -> None:
    lived(sim)
    erasure = erasures.Erasure(sim.look(members.find, ERASED), ERASED)
    sim.look(erasures.forget_the_rest, erasure, at=1)
    sim.look(facts.stop_reminding, ERASED)
    sim.look(erasures.finish, erasure, number=1, at=1)
    assert not sim.look(personal.choices, ERASED)["no_reminders"]


def test_whoever_comes_back_goes_on_where_they_were_and_is_not_erased_again(sim: Simulation) -> None:
    lived(sim)
    erased(sim)
    again = sim.done(ERASED, prompt="the next wish")
    assert dict(standing(sim)) == {"operator_member": 12_000, "operator_server": 16_000}
    sim.crash()
    sim.pass_time(20.0)
    assert sim.job(again).member_id == ERASED
    assert not sim.job(again).deleted


def test_when_the_periods_are_over_nothing_leads_to_the_surrogate(sim: Simulation) -> None:
    lived(sim)
    erased(sim)
    assert len(sim.look(members.past, ERASED)) == 1
    sim.clock.shift += 40 * DAY
    sim.run(sim.bot.parts.leaving.retention.sweep())
    assert sim.look(members.past, ERASED) == []
    assert standing(sim)[0][1] == 0


@pytest.mark.parametrize("until", [None, 60 * DAY])
def test_a_block_outlives_the_erasure_for_as_long_as_it_lasts(sim: Simulation, until: int | None) -> None:
    lived(sim)
    now = sim.clock.now()
    block = Block(
        guild_id=GUILD,
        member_id=ERASED,
        cause=Cause.MANAGER,
        reason=f"what <@{ERASED}> did",
        since=now,
        until=until and now + until,
    )
    sim.look(blocks.block, block)
    erased(sim)
    check_gone(sim, b"what <@")
    sim.clock.shift += 40 * DAY
    sim.run(sim.bot.parts.leaving.retention.sweep())
    with pytest.raises(Refusal, match="blocked_here"):
        sim.look(blocks.check, guild_id=GUILD, member_id=ERASED, at=sim.clock.now())
    if until is None:
        assert sim.look(blocks.lift, guild_id=GUILD, member_id=ERASED, by=Cause.MANAGER, at=sim.clock.now())
    sim.clock.shift += 30 * DAY
    sim.run(sim.bot.parts.leaving.retention.sweep())
    assert sim.look(members.past, ERASED) == []


def test_what_waits_is_cancelled_and_what_runs_ends_first(sim: Simulation) -> None:
    running = sim.edit(ERASED, prompt=PROMPT)
    sim.until(Status.RUNNING, job_id=running)
    sim.provider.down = True
    waiting = sim.edit(ERASED, prompt=PROMPT)
    sim.pass_time(0.5)
    asked = sim.run(sim.bot.parts.leaving.eraser.ask(ERASED))
    assert asked is not None
    assert (asked.cancelled, asked.running) == (1, 1)
    refused = sim.edit(ERASED, prompt=PROMPT)
    assert sim.refused[-1].reason is Reason.BEING_ERASED
    assert refused not in {job.id for job in sim.jobs()}
    sim.provider.down = False
    come_to_rest(sim)
    assert sim.job(waiting).status is Status.CANCELLED
    assert sim.job(running).status is Status.DONE
    check_gone(sim)


def test_a_restored_backup_has_the_erasure_carried_out_again(sim: Simulation, tmp_path: Path) -> None:
    first, _ = lived(sim)
    given = photos(sim, first)
    before = standing(sim)
    sim.run(sim.bot.database.truncate_log())
    shutil.copy(sim.directory / FILE_NAME, tmp_path / "backup")
    files = shutil.copytree(sim.directory / "files", tmp_path / "files")
    erased(sim)
    check_gone(sim, *given)
    sim.kill()
    for name in (FILE_NAME, f"{FILE_NAME}-wal", f"{FILE_NAME}-shm"):
        (sim.directory / name).unlink(missing_ok=True)
    shutil.copy(tmp_path / "backup", sim.directory / FILE_NAME)
    shutil.copytree(files, sim.directory / "files", dirs_exist_ok=True)
    sim.kill_points.revive()
    sim._begin()
    come_to_rest(sim)
    check_gone(sim, *given)
    assert standing(sim) == before
    assert len((sim.directory / RECORD).read_text().split()) == 4
    again = sim.done(ERASED, prompt="after the restore")
    sim.crash()
    sim.pass_time(20.0)
    assert not sim.job(again).deleted


def test_the_key_is_for_its_owner_alone(sim: Simulation) -> None:
    lived(sim)
    erased(sim)
    assert (sim.directory / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert (sim.directory / RECORD).stat().st_mode & 0o777 == 0o600


def killed_at(sim: Simulation, touches: int) -> bool:
    """Kill the bot after so many touches of an erasure, see it done all the same; tell whether it was killed."""
    first, _ = lived(sim)
    given = photos(sim, first)
    used = standing(sim)
    sim.run(sim.bot.parts.leaving.eraser.ask(ERASED))
    starts = sim.starts
    sim.kill_points.kill_after(touches)
    sim.pass_time(8.0)
    killed = sim.starts > starts
    come_to_rest(sim)
    check_gone(sim, *given)
    assert standing(sim) == used
    return killed


@pytest.mark.parametrize("touches", range(0, 32, 4))
def test_a_kill_at_any_step_only_delays_it(sim: Simulation, touches: int) -> None:
    assert killed_at(sim, touches)


@pytest.mark.slow
@pytest.mark.parametrize("touches", range(60))
def test_a_kill_at_any_single_step_only_delays_it(sim: Simulation, touches: int) -> None:
    killed_at(sim, touches)


def test_an_erasure_gets_a_number_above_the_databases_though_its_record_is_another_one(
    sim: Simulation,
) -> None:
    """Two hosts with a record each, or a record that was left behind: no number may count twice."""
    lived(sim)
    erased(sim)
    (sim.directory / RECORD).unlink()
    sim.run(sim.bot.parts.leaving.eraser.ask(BEN))
    come_to_rest(sim)
    assert (sim.directory / RECORD).read_text().split()[0] == "2"


def test_a_record_that_cannot_be_reached_keeps_no_bot_from_its_work_and_is_read_later(
    sim: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    eraser = sim.bot.parts.leaving.eraser
    with monkeypatch.context() as patched:
        patched.setattr(ErasureFile, "lines", _out_of_reach)
        eraser._replayed = False
        sim.run(eraser.replay())
        assert not eraser._replayed
    sim.run(eraser.look())
    assert eraser._replayed


def _out_of_reach(_record: ErasureFile) -> list[tuple[int, str]]:
    raise Unreachable(5, "The store of FILES_URL fails.")
