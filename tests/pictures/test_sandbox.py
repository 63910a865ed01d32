"""The locked process, asked for what no picture needs; every kind of picture in it, asked for what it needs."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from pictures.kept import Kept
from pictures.sandbox import _MACHINES
from pictures.work import PictureWork

from .material import Put, encoded, oriented, photo, png, with_alpha
from .test_kept import look, with_answer

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="seccomp and Landlock are Linux's"),
    pytest.mark.asyncio(loop_scope="module"),
]
TRIES = {
    "read a file": "open('/etc/passwd')",
    "write a file": "open('/tmp/escaped', 'w')",
    "list a folder": "os.listdir('/')",
    "look for a file": "os.stat('/etc/passwd')",
    "delete a file": "os.unlink('/tmp/escaped')",
    "open a socket": "socket.socket()",
    "open a local socket": "socket.socketpair()",
    "start a program": "os.execv('/bin/sh', ['sh'])",
    "make a process": "os.fork()",
    "end another process": "os.kill(os.getppid(), 0)",
    "raise its own limit": "resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY,) * 2)",
    "follow another process": "libc.ptrace(16, os.getppid(), 0, 0) and fail()",
    "have the kernel send signals": "fcntl.fcntl(0, fcntl.F_SETOWN, os.getppid())",
    "choose which": "fcntl.fcntl(0, 10, 9)",
    "lock a file": "fcntl.fcntl(0, fcntl.F_SETLK, bytes(32))",
    "make memory of a file": "os.memfd_create('x')",
}
ESCAPING = """
import ctypes, fcntl, os, resource, socket, sys
from pictures import child
libc = ctypes.CDLL(None, use_errno=True)
def fail(): raise OSError(ctypes.get_errno(), '')
def attempt(request, files):
    said = dict()
    for name, code in TRIES.items():
        try:
            eval(code)
            said[name] = 'done'
        except (OSError, ValueError) as error:
            said[name] = type(error).__name__
    return {'values': said}
child.answer = attempt
child.main()
"""


def script(folder: Path, body: str) -> Path:
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o700)
    return path


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pictures() -> AsyncIterator[PictureWork]:
    work = PictureWork()
    yield work
    await work.close()


async def test_a_picture_job_that_tries_to_open_a_file_or_a_socket_fails(tmp_path: Path, put: Put) -> None:
    code = tmp_path / "escaping.py"
    code.write_text(f"TRIES = {TRIES!r}\n{ESCAPING}")
    kept = Kept(python=str(script(tmp_path, f'PYTHONPATH=. exec {sys.executable} {code} "$4"')))
    reply = await kept.ask(look(), [put(png())])
    await kept.close()
    said = reply.get("values", {})
    assert said.keys() == TRIES.keys()
    assert {name: what for name, what in said.items() if what not in {"PermissionError", "ValueError"}} == {}


async def test_without_the_lock_the_same_job_would_succeed(tmp_path: Path, put: Put) -> None:
    kept = Kept(
        python=str(
            script(
                tmp_path,
                with_answer("{'values': {'is': os.listdir('/') and 'open'}}").replace(
                    "child.main()", "child.enclose = lambda: ('none',)\nchild.main()"
                ),
            )
        )
    )
    assert (await kept.ask(look(), [put(png())])).get("values") == {"is": "open"}
    await kept.close()


@pytest.mark.parametrize("machine", _MACHINES)
async def test_a_filter_jumps_nowhere_but_into_itself(machine: str) -> None:
    from pictures.sandbox import _program  # noqa: PLC0415

    program = _program(*_MACHINES[machine])
    assert all(len(step) == 8 for step in program)
    for at, step in enumerate(program):
        assert at + 1 + max(step[2], step[3]) < len(program) or step[0] == 0x06


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "ICO", "AVIF", "JPEG2000"])
@pytest.mark.parametrize("alpha", [False, True])
async def test_every_kind_is_decoded_and_encoded_behind_the_lock(
    pictures: PictureWork, put: Put, tmp_path: Path, kind: str, alpha: bool
) -> None:
    picture = photo("cat", (200, 150))
    if alpha and kind not in {"JPEG", "BMP"}:
        picture = with_alpha(picture)
    path = put(encoded(picture, kind, exif=oriented(6)))
    made = {"sheet": tmp_path / "sheet", "normal": tmp_path / "normal"}
    found, _sheet = await pictures.inspect_lone(path, member_id=1, **made)
    assert found.rewritten
    assert await pictures.publish(made["normal"], tmp_path / "out", member_id=1, limit=20_000) is not None
    assert await pictures.fit(made["normal"], tmp_path / "fitted", member_id=1, limit=9_000) is not None


async def test_the_cases_are_decoded_behind_the_lock(pictures: PictureWork, tmp_path: Path) -> None:
    made = {"thumbnail": tmp_path / "thumbnail", "normal": tmp_path / "normal"}
    found = [
        await pictures.inspect(path, member_id=1, **made)
        for path in sorted((Path(__file__).parent / "cases").glob("0[1-5]*"))
    ]
    assert len(found) == 14
    assert await pictures.sheet([made["normal"]] * 8, tmp_path / "sheet", member_id=1)
