"""A PostgreSQL server of one's own: loopback only, in a folder that goes with it, nothing to set up."""

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Generator
from pathlib import Path
from urllib.parse import urlsplit

from playground.loopback import free_port

USER = "darkroom"
DEBIAN = Path("/usr/lib/postgresql")
PATIENCE = 60.0
"""Seconds that a server may take to start (after a crash it recovers first) or to end."""
SETTINGS = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "shared_buffers=32MB",
)
QUICK = ("fsync=off", "full_page_writes=off")
ORDER = ("--encoding=UTF8", "--locale=C", "--locale-provider=icu", "--icu-locale=en-US")
"""Texts are compared as people do: what relies on their bytes has to say so, as on most servers."""
WITH_US = """exec 3<&0
"$@" 3<&- & server=$!
{ read -r _; kill -INT $server; } <&3 & reader=$!
wait $server; code=$?; kill $reader 2>/dev/null; exit $code"""
"""Runs the server, and ends it when our end of the pipe goes: also when we are killed."""


class PostgresMissing(Exception):
    """There is no PostgreSQL server on this machine."""


def binaries() -> Path:
    """Return the folder of PostgreSQL's programs: that of ``PATH``, otherwise the newest of Debian's.

    Raises
    ------
    PostgresMissing
        There is none.
    """
    on_path = [Path(found).resolve().parent for found in (shutil.which("initdb"),) if found]
    debian = DEBIAN.glob("*/bin")
    for folder in (*on_path, *sorted(debian, key=lambda each: -float(each.parent.name))):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise PostgresMissing("PostgreSQL’s server is not installed (Debian: apt-get install postgresql).")


class PrivatePostgres:
    """A server that ends when we do. Its methods wait: a coroutine hands them to a thread.

    Parameters
    ----------
    folder
        Where all of it lies. PostgreSQL refuses to run as root: then it is given to another user, who must
        be able to get there.
    durable
        A commit is on the disk when it is answered. Without that a crash of the server loses nothing
        either, but one of the machine would.
    """

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        self._folder = folder
        self._data = folder / "data"
        self._durable = durable
        self._programs = binaries()
        self._port = free_port()
        self._password = secrets.token_hex(16)
        self._user = _unprivileged() if os.geteuid() == 0 else None
        self._guard: subprocess.Popen[bytes] | None = None
        self._crashed = 0
        self._names = 0

    @property
    def port(self) -> int:
        """Return its port on loopback, the same over every restart."""
        return self._port

    def url(self, database: str = "postgres", *, port: int = 0) -> str:
        """Return a database's address, with the password in it; with a port, by way of what listens there."""
        return f"postgresql://{USER}:{self._password}@127.0.0.1:{port or self._port}/{database}"

    def initialise(self) -> None:
        """Make its files."""
        secret = self._folder / "password"
        secret.touch(mode=0o600)
        secret.write_text(self._password)
        if self._user:
            for path in (self._folder, secret):
                os.chown(path, self._user.pw_uid, self._user.pw_gid)
        access = (f"--username={USER}", f"--pwfile={secret}", "--auth=scram-sha-256")
        self._run("initdb", f"--pgdata={self._data}", "--no-sync", "--no-instructions", *ORDER, *access)

    def start(self) -> None:
        """Start it and wait until it takes connections.

        Raises
        ------
        TimeoutError
            It does not within ``PATIENCE``; its last words are in it.
        """
        options = [
            each for setting in (*SETTINGS, *(() if self._durable else QUICK)) for each in ("-c", setting)
        ]
        program = [str(self._programs / "postgres"), "-D", str(self._data), "-p", str(self._port), *options]
        end = time.monotonic() + PATIENCE
        while not self._is_ready():
            # After a crash the last of its processes may still be going: then it refuses, and is asked again.
            if self._guard is None or self._guard.poll() is not None:
                self.stop()
                self._guard = self._popen(["/bin/sh", "-c", WITH_US, "sh", *program])
            if time.monotonic() > end:
                raise TimeoutError(f"PostgreSQL does not start: {self._log.read_text()[-2000:]}")
            time.sleep(0.02)

    def stop(self) -> None:
        """End it cleanly: connections are broken off, what was committed is written down."""
        if self._guard is not None:
            assert self._guard.stdin is not None
            self._guard.stdin.close()
            self._guard.wait(PATIENCE)
            self._guard = None

    def restart(self) -> None:
        """End it cleanly and start it again."""
        self.stop()
        self.start()

    def crash(self) -> None:
        """Kill it, as a machine's memory manager does; the next start recovers what was committed."""
        self._crashed = int(self._state()[0])
        os.kill(self._crashed, signal.SIGKILL)
        self.stop()

    def new_database(self, *, template: str = "template1") -> str:
        """Make a database, a copy of another that nobody is connected to, and return its address."""
        self._names += 1
        name = f"darkroom_{self._names}"
        # As files: otherwise what is not logged would stand in memory only, and a crash would take it.
        self._run("createdb", *self._here(), f"--template={template}", "--strategy=file_copy", name)
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Remove a database, whoever is connected to it."""
        self._run("dropdb", *self._here(), "--force", urlsplit(url).path.removeprefix("/"))

    def _here(self) -> tuple[str, ...]:
        return ("--host=127.0.0.1", f"--port={self._port}", f"--username={USER}", "--no-password")

    @property
    def _log(self) -> Path:
        return self._folder / "server.log"

    def _state(self) -> list[str]:
        """Return what the server writes down of itself: its process first, whether it is ready last."""
        with contextlib.suppress(FileNotFoundError):
            return (self._data / "postmaster.pid").read_text().splitlines()
        return []

    def _is_ready(self) -> bool:
        state = self._state()
        return len(state) >= 8 and state[7].strip() == "ready" and int(state[0]) != self._crashed

    def _run(self, program: str, *arguments: str) -> None:
        process = self._popen([str(self._programs / program), *arguments])
        process.communicate()
        if process.returncode:
            raise RuntimeError(f"{program} failed: {self._log.read_text()[-2000:]}")

    def _popen(self, command: list[str]) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(  # noqa: S603 (programs of this machine, arguments of ours)
                command,
                cwd=self._folder,
                env={"PATH": os.defpath, "LC_ALL": "C", "PGPASSWORD": self._password},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for us: what we started needs the server a little longer
                user=self._user.pw_uid if self._user else None,
                group=self._user.pw_gid if self._user else None,
                extra_groups=[] if self._user else None,
            )


@contextlib.contextmanager
def private_postgres(*, durable: bool = False) -> Generator[PrivatePostgres]:
    """Run a server in a folder of its own; both are gone afterwards.

    Raises
    ------
    PostgresMissing
        There is no PostgreSQL on this machine.
    """
    binaries()
    with tempfile.TemporaryDirectory(prefix="darkroom-postgres-", ignore_cleanup_errors=True) as folder:
        server = PrivatePostgres(Path(folder), durable=durable)
        try:
            server.initialise()
            server.start()
            yield server
        finally:
            server.stop()


def _unprivileged() -> pwd.struct_passwd:
    """Return whom root lets the server run as: Debian's own user for it, or the one who owns nothing."""
    with contextlib.suppress(KeyError):
        return pwd.getpwnam("postgres")
    return pwd.getpwnam("nobody")
