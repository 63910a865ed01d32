"""The systemd unit: hard enough, and not in the way of the bot or of its picture sandbox."""

import ctypes.util
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from storage.engines.fence import TRY_AGAIN
from tests.e2e.confined import UNIT, allowed, values
from tests.e2e.pictures import small_photo
from tests.e2e.world import open_world

HARD_ENOUGH = 2.5
A_MEMBER_BEARS = 120
"""Seconds for which a bot may be away after a crash, when it has crashed often in its life."""
DAY, TOKEN_IS_RESET = 86_400, 1_000
"""After so many connections in a day Discord takes a bot's token away."""
CLUSTER = UNIT.parent / "darkroom.service.d" / "cluster.conf"

CONFINED = Path(__file__).parent / "confined.py"
needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None,
    reason="systemd-analyze is not installed: apt-get install systemd",
)
needs_seccomp = pytest.mark.skipif(
    ctypes.util.find_library("seccomp") is None, reason="libseccomp is not installed: it comes with systemd"
)


@needs_systemd
def test_systemd_finds_it_hard_enough() -> None:
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(UNIT)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"Overall exposure level for darkroom.service: ([0-9.]+)", told.stdout)
    assert found, told.stdout + told.stderr
    assert float(found[1]) <= HARD_ENOUGH


@needs_systemd
def test_systemd_understands_every_line() -> None:
    command = ["systemd-analyze", "verify", str(UNIT)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    newer = ("'RestartSteps'", "'RestartMaxDelaySec'")
    odd = [line for line in told.stderr.splitlines() if not any(key in line for key in newer)]
    assert [line for line in odd if "darkroom" in line and "is not executable" not in line] == []


@needs_systemd
def test_systemd_understands_what_a_second_host_adds(tmp_path: Path) -> None:
    shutil.copy(UNIT, tmp_path)
    shutil.copytree(CLUSTER.parent, tmp_path / CLUSTER.parent.name)
    command = ["systemd-analyze", "verify", str(tmp_path / UNIT.name)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    odd = [
        line
        for line in told.stderr.splitlines()
        if "cluster.conf" in line and "Unknown key 'Restart" not in line
    ]
    assert odd == []


def test_on_two_hosts_it_is_ready_again_in_two_seconds() -> None:
    assert values("RestartForceExitStatus", CLUSTER) == [str(TRY_AGAIN)]
    assert values("RestartSec", CLUSTER) == ["2"]
    # Where it grows it never shrinks again: after a few restarts in its life it would be the longest each time.
    assert values("RestartSteps", CLUSTER) == ["0"]
    assert values("RestartMaxDelaySec", CLUSTER) == ["infinity"], (
        "systemd warns of a longest one without steps"
    )
    assert values("RestartPreventExitStatus", CLUSTER) == []


def test_it_is_started_again_ever_more_slowly_but_not_with_wrong_settings() -> None:
    assert values("Restart") == ["on-failure"]
    assert int(values("RestartSec")[0]) < int(values("RestartMaxDelaySec")[0]) <= A_MEMBER_BEARS
    assert DAY / int(values("RestartMaxDelaySec")[0]) < TOKEN_IS_RESET
    assert int(values("RestartSteps")[0]) > 1
    assert values("StartLimitIntervalSec") == ["0"]
    assert values("RestartPreventExitStatus") == ["78"]
    assert int(values("TimeoutStopSec")[0]) > 95


def test_settings_are_read_by_the_bot_alone_whoever_starts_it() -> None:
    """How it finds them, and what it says of a file that is not UTF-8: ``test_settings.py``."""
    assert values("EnvironmentFile") == []
    assert values("Environment") == []
    tree = values("WorkingDirectory")[0]
    assert values("ExecStart") == [f"{tree}/.venv/bin/python bot.py"]


@needs_systemd
@needs_seccomp
async def test_a_bot_under_it_edits_a_picture_in_a_sandbox_that_is_as_locked_as_ever(tmp_path: Path) -> None:
    assert {"landlock_create_ruleset", "landlock_restrict_self", "prctl"} <= allowed()
    assert not {"ptrace", "mount", "bpf", "setuid", "chown"} & allowed()
    async with open_world(tmp_path, start=False) as world:
        await world.start_bot(program=CONFINED)
        assert world.process is not None
        status = Path(f"/proc/{world.process.pid}/status").read_text()
        assert "Seccomp:\t2" in status
        async with world.member("ann") as ann:
            card = await ann.edit("under the unit", small_photo(tmp_path / "a.jpg"))
            await ann.sees(card, "Done")
        assert "without a sandbox" not in world.log()
        assert await world.stop_bot() == 0
