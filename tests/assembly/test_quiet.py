"""A process whose turn is over says so once, and not for each thing that it can no longer do."""

import logging
import os
import signal
import time

import pytest

from assembly.quiet import quiet_end
from assembly.waking import woken
from pixeldojo.transport import Withheld
from storage.errors import Away, LeaseLost

log = logging.getLogger("darkroom.test")


def wrapped(error: Exception) -> Exception:
    try:
        try:
            raise error
        except type(error) as caught:
            raise RuntimeError("a library's word for it") from caught
    except RuntimeError as outer:
        return outer


@pytest.mark.parametrize(
    "error", [LeaseLost("over"), Withheld(), wrapped(LeaseLost("over")), wrapped(Withheld())], ids=repr
)
def test_what_fails_because_another_process_works_is_one_line_and_no_error(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    with quiet_end():
        log.error("%s failed.", "the tracker", exc_info=error)
    (line,) = caplog.records
    assert (line.levelname, line.exc_info) == ("INFO", None)
    assert line.getMessage() == "the tracker failed. (This process's turn is over.)"


def test_anything_else_is_told_whole(caplog: pytest.LogCaptureFixture) -> None:
    with quiet_end():
        log.error("It failed.", exc_info=Away("the server is away"))
    log.error("It failed.", exc_info=LeaseLost("afterwards"))
    for line in caplog.records:
        assert line.levelname == "ERROR"
        assert line.exc_info


def test_who_was_stopped_looks_first_when_it_wakes() -> None:
    seen: list[str] = []
    with woken(lambda: seen.append("looks")):
        os.kill(os.getpid(), signal.SIGCONT)
        end = time.monotonic() + 10
        while not seen and time.monotonic() < end:
            pass
        assert seen == ["looks"]
    os.kill(os.getpid(), signal.SIGCONT)
    assert seen == ["looks"]
    assert signal.getsignal(signal.SIGCONT) is signal.SIG_DFL
