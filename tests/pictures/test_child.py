import json
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from domain.errors import Reason, Refusal
from domain.limits import MIB
from pictures.child import Child, Stopped
from pictures.fit import fit
from pictures.inspect import inspect, structure_of
from pictures.worker import Request, answer

from .material import PNG_SIGNATURE, Put, chunk, encoded, header, noisy_photo, photo, png, zeros

StandIn = Callable[..., str]


@pytest.fixture
def stand_in(tmp_path: Path) -> StandIn:
    """Write a shell script that stands in for the interpreter."""

    def write(*lines: str) -> str:
        script = tmp_path / "python"
        script.write_text("\n".join(["#!/bin/sh", *lines]))
        script.chmod(0o700)
        return str(script)

    return write


def test_a_child_makes_the_same_thumbnail(put: Put, tmp_path: Path) -> None:
    path = put(encoded(photo(), "PNG"))
    inspect(path, thumbnail=tmp_path / "here")
    Child().prove(path, thumbnail=tmp_path / "there")
    assert (tmp_path / "here").read_bytes() == (tmp_path / "there").read_bytes()


def test_a_child_fits_the_same(put: Put, tmp_path: Path) -> None:
    path = put(encoded(noisy_photo("cat", (300, 200)), "PNG"))
    here = fit(path, tmp_path / "here", limit=30_000)
    there = Child().fit(path, tmp_path / "there", limit=30_000)
    assert here is not None
    assert there is not None
    assert (there.how, there.size, there.width, there.media_type) == (
        here.how,
        here.size,
        here.width,
        here.media_type,
    )
    assert there.path == tmp_path / "there"
    assert Child().fit(path, tmp_path / "out", limit=100) is None


def test_a_refusal_comes_back_with_its_values(put: Put, tmp_path: Path) -> None:
    with pytest.raises(Refusal) as caught:
        Child().prove(put(b"GIF89a" + bytes(100)), thumbnail=None)
    assert (caught.value.reason, dict(caught.value.values)) == (Reason.WRONG_TYPE, {"type": "GIF"})
    with pytest.raises(Refusal):
        Child().fit(put(png(data=b"x\x9c\0")), tmp_path / "out", limit=10)


def large_grey_png() -> bytes:
    """8,000 x 8,000 black pixels, a byte each when they are decoded."""
    data = chunk(b"IDAT", zeros(62 << 20)) + chunk(b"IEND")
    return PNG_SIGNATURE + header(8_000, 8_000, colour=0) + data


@pytest.mark.skipif(sys.platform != "linux", reason="caps address space")
def test_a_picture_that_needs_more_memory_than_there_is_is_refused(
    put: Put, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = put(large_grey_png())
    small = Child(memory=70 * MIB)
    with pytest.raises(Refusal) as caught:
        small.prove(path, thumbnail=None)
    assert caught.value.reason is Reason.NOT_AN_IMAGE
    assert small.fit(path, tmp_path / "out", limit=10_000) is None
    assert "more memory" in caplog.text
    Child().prove(path, thumbnail=tmp_path / "thumbnail")
    assert structure_of(tmp_path / "thumbnail").width == 960


def test_a_decoder_that_crashes_takes_only_its_own_process(
    put: Put, stand_in: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(Refusal) as caught:
        Child(python=stand_in("kill -SEGV $$")).prove(put(png()), thumbnail=None)
    assert caught.value.reason is Reason.NOT_AN_IMAGE
    assert "signal 11" in caplog.text


def test_a_decoder_that_never_ends_is_ended(put: Put, tmp_path: Path, stand_in: StandIn) -> None:
    child = Child(python=stand_in("while :; do :; done"), seconds=0)
    assert child.fit(put(png()), tmp_path / "out", limit=10) is None


def test_a_child_that_cannot_work_is_our_mistake_and_not_the_pictures(put: Put, stand_in: StandIn) -> None:
    child = Child(python=stand_in("echo no module named pictures >&2", "exit 1"))
    with pytest.raises(RuntimeError, match="no module named pictures"):
        child.prove(put(png()), thumbnail=None)
    with pytest.raises(FileNotFoundError):
        Child(python="/nowhere/python").prove(put(png()), thumbnail=None)


def test_a_child_is_told_none_of_the_bots_secrets(
    put: Put, tmp_path: Path, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "a-secret")
    child = Child(python=stand_in(f"env > {tmp_path}/seen", "echo '{\"done\": true}'"))
    child.prove(put(png()), thumbnail=None)
    seen = (tmp_path / "seen").read_text()
    assert "PWD" in seen
    assert "a-secret" not in seen


def test_stopping_ends_the_running_child_and_starts_no_other(
    put: Put, tmp_path: Path, stand_in: StandIn
) -> None:
    started = tmp_path / "started"
    child = Child(python=stand_in(f"mkfifo {started}.pipe; : > {started}", f"read line < {started}.pipe"))
    outcome: list[BaseException] = []

    def work() -> None:
        try:
            child.prove(put(png()), thumbnail=None)
        except Stopped as stopped:
            outcome.append(stopped)

    thread = threading.Thread(target=work)
    thread.start()
    while thread.is_alive() and not started.exists():
        thread.join(0.01)
    child.stop()
    thread.join()
    assert len(outcome) == 1
    with pytest.raises(Stopped):
        child.prove(put(png()), thumbnail=None)


def test_the_worker_answers_in_what_json_can_say(put: Put, tmp_path: Path) -> None:
    path = put(encoded(noisy_photo("cat", (300, 200)), "PNG"))
    request: Request = {
        "task": "fit",
        "path": str(path),
        "out": str(tmp_path / "out"),
        "limit": 30_000,
        "memory": 0,
        "seconds": 0,
    }
    assert json.loads(json.dumps(answer(request)))["fitted"]["how"] == "quality"
    request["path"] = str(put(b"text"))
    assert answer(request) == {"refused": "not_an_image", "values": {}}
