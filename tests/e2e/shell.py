"""A shell in which an operator types what the documents say, on a machine whose folders are a test's own."""

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.container import ROOT, build

PLACES = ("/opt/darkroom", "/etc/systemd/system", "/var/lib/darkroom", "/var/backups/darkroom")
"""What the documents name: looked for below the test's folder."""
UMASK = 0o077
"""An operator's own, under which what they make is nobody else's."""
_RECORD = 'echo "$(basename "$0") $*" >>"$TYPED"'
_VENV = f"""mkdir -p "$3/bin"
printf '#!/bin/sh\\nexec {sys.executable} "$@"\\n' >"$3/bin/python"
printf '#!/bin/sh\\n{_RECORD}\\n' >"$3/bin/pip"
chmod +x "$3/bin/python" "$3/bin/pip"
"""
SHIMS: Mapping[str, str] = {
    **dict.fromkeys(("apt-get", "useradd", "systemctl", "journalctl"), _RECORD),
    "sudo": '[ "$1" = -u ] && shift 2\nexec "$@"',
    # Who owns a file needs another user on this machine: its mode does not.
    "install": f"""{_RECORD}
for word do
    shift
    case "$skip$word" in -o|-g) skip=yes ;; yes*) skip= ;; *) set -- "$@" "$word" ;; esac
done
exec /usr/bin/install "$@"
""",
    "git": f'{_RECORD}\n[ "$1" != clone ] || exec cp -r "$3" "$4"\necho >"$2/fetched"',
    "python3": _VENV,
    "python3.11": _VENV,
    "sudoedit": 'cat "$SETTINGS" >>"$1"',
}
"""What is put before the real programs: they would change this machine, or ask the network."""


def commands(document: str, name: str) -> str:
    """Return the commands of a document that are marked with a name."""
    text = (ROOT / document).read_text(encoding="utf-8")
    found = re.search(rf"<!-- typed: {name} -->\s+```sh\n(.*?)```", text, re.DOTALL)
    assert found, f"{document} has no commands that are marked {name!r}"
    return re.sub(r"^ {3}", "", found[1], flags=re.MULTILINE)


class Shell:
    """Types commands; ``typed`` is what reached the programs that are not really run."""

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        self.folder = folder
        self.repository = folder / "repository"
        build(self.repository)
        shutil.copytree(ROOT / "deploy", self.repository / "deploy")
        shutil.copy(ROOT / ".env.example", self.repository)
        for name in ("bin", "opt", "etc/systemd/system", "var/lib/darkroom", "var/backups"):
            (folder / name).mkdir(parents=True)
        for name, script in SHIMS.items():
            self.put(name, script)
        lines = [f"{name}={value}\n" for name, value in settings.items() if value]
        (folder / "settings").write_text("\n" + "".join(lines))

    def put(self, name: str, script: str) -> None:
        """Put something else before a program."""
        (self.folder / "bin" / name).write_text(f"#!/bin/sh\n{script}\n")
        (self.folder / "bin" / name).chmod(0o755)

    @property
    def typed(self) -> list[str]:
        return (self.folder / "typed").read_text().splitlines()

    def place(self, path: str) -> Path:
        return self.folder / path.lstrip("/")

    def type(self, script: str, *, status: int = 0) -> str:
        """Type commands, one after the other; return what they printed."""
        for path in PLACES:
            script = script.replace(path, str(self.place(path)))
        done = subprocess.run(
            ["bash", "-euc", script.replace("ADDRESS", str(self.repository))],
            cwd=self.repository,
            env={
                "PATH": f"{self.folder / 'bin'}:/usr/bin:/bin",
                "HOME": str(self.folder),
                "SETTINGS": str(self.folder / "settings"),
                "TYPED": str(self.folder / "typed"),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=100,
            umask=UMASK,
        )
        assert done.returncode == status, done.stdout
        return done.stdout
