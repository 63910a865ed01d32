"""A process whose turn is over says so once, and not for each thing that it can no longer do."""

import logging
import os
import signal
import time
from types import SimpleNamespace
from typing import Any

import pytest

from assembly.product import Product
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
    with quiet_end(lambda: True):
        log.error("%s failed.", "the tracker", exc_info=error)
    (line,) = caplog.records
    assert (line.levelname, line.exc_info) == ("INFO", None)
    assert line.getMessage() == "the tracker failed. (This process's turn is over.)"


def test_a_connection_that_was_lost_while_it_was_stopped_is_no_error_either(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with quiet_end(lambda: False):
        log.error("It failed.", exc_info=Away("the server has closed the connection"))
        log.error("It failed.", exc_info=KeyError("a mistake of ours"))
    assert [line.levelname for line in caplog.records] == ["INFO", "ERROR"]


def test_anything_else_is_told_whole(caplog: pytest.LogCaptureFixture) -> None:
    with quiet_end(lambda: True):
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


async def test_a_webhook_that_comes_when_another_process_works_is_nothing_that_we_know_of() -> None:
    async def poke(*_: object) -> bool:
        raise LeaseLost("over")

    product: Any = SimpleNamespace(engine=SimpleNamespace(poke=poke))
    assert await Product.poke(product, "a" * 32, b"{}") is None
