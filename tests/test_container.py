"""The container's recipe: what gets into the image and what never does, and as whom it runs."""

import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from tests.container import ROOT, build, context, is_left_out, steps
from tests.test_architecture import modules

DATA = (
    "darkroom.db",
    "darkroom.db-shm",
    "darkroom.db-wal",
    "erasure.key",
    "erasures",
    "files/1/source.png",
    "incoming/1/a.png",
    "lock",
    ".let-in",
    "rescued-1.db",
)
"""What stands in a data directory, whatever its name is."""
NEVER = (
    ".env",
    ".env.local",
    ".git/config",
    ".git/objects/pack/pack-1.pack",
    ".venv/bin/python",
    "data/darkroom.db",
    "data/darkroom.db-wal",
    "data/files/1/source.png",
    "darkroom-2026-11-30.db",
    "ledger.csv.gz",
    "storage/.env",
    "jobs/delivery/.env.production",
    "ui/__pycache__/texts.cpython-311.pyc",
    "tests/test_config.py",
    "nohup.out",
    "id_ed25519",
    *(f"{folder}/{path}" for folder in ("ui/data", "accounts/deep/data") for path in DATA),
    *(f"jobs/kept/{path}" for path in DATA),
    "accounts/2026.db",
    "accounts/2026.db-journal",
    "accounts/2026.csv",
    "cogs/ledger.csv.gz",
    "cogs/member.zip",
    "assembly/secret.pem",
    "pixeldojo/tls.key",
    "config/production.env",
    "storage/old.sqlite3",
    "domain/nohup.log",
    *(
        f"{folder}/{name}"
        for folder in (
            "jobs",
            "storage/engines",
            "ui/fonts",
            "storage/migrations",
            "storage/migrations/sqlite",
        )
        for name in (
            *(
                "backup.db.bak",
                "2026-11-30.csv.gz.part",
                "dump.sql",
                "pg.dump",
                "all.tar",
                "all.tgz",
                "all.tar.xz",
            ),
            *("all.7z", "texts.py~", "texts.py.orig", "texts.py.swp", ".texts.py", "id_rsa", "cert.p12"),
            *("secrets.json", "token", "notes.txt", "lock"),
        )
    ),
)


@pytest.mark.parametrize("path", NEVER)
def test_no_secret_no_data_and_no_history_gets_into_a_layer(path: str) -> None:
    assert is_left_out(path)


def test_what_lies_among_the_product_is_not_built_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree, image = tmp_path / "tree", tmp_path / "image"
    product = {path for path in context() if not is_left_out(path)}
    for path in (*NEVER, *product):
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).touch()
    for name in ("Dockerfile", ".dockerignore"):
        shutil.copy(ROOT / name, tree)
    monkeypatch.setattr("tests.container.ROOT", tree)
    build(image)
    assert {path.relative_to(image).as_posix() for path in image.rglob("*") if path.is_file()} == product


def test_all_of_the_product_gets_in_and_nothing_else(tmp_path: Path) -> None:
    build(tmp_path)
    inside = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    product = {module.name for module in modules() if module.part not in {"playground", "benchmarks"}}
    assert product <= inside
    assert {path for path in context() if path.startswith("storage/migrations/")} <= inside
    others = {path for path in inside - product if not path.startswith(("storage/migrations/", "ui/fonts/"))}
    assert others == {"pyproject.toml", "constraints.txt", "README.md", "LICENSE"}


def test_what_its_steps_name_is_there_when_they_need_it() -> None:
    copied: set[str] = set()
    for step in steps():
        if step.word == "COPY":
            copied |= {*step.rest.split()[:-1]}
            assert not {path for path in copied - {"."} if is_left_out(path)}
        elif step.word == "RUN" and "pip install" in step.rest:
            assert {"pyproject.toml", "constraints.txt", "README.md", "LICENSE"} <= copied
            assert "-c constraints.txt" in step.rest


def test_it_runs_as_nobody_special_with_its_data_in_a_volume_that_is_theirs() -> None:
    words = [step.word for step in steps()]
    last = {step.word: step.rest for step in steps()}
    assert words[0] == "FROM"
    assert last["USER"].isdigit()
    assert int(last["USER"]) > 0
    assert not {"COPY", "ADD", "RUN"} & {*words[words.index("USER") :]}
    (owner,) = (step.rest for step in steps() if "useradd" in step.rest)
    assert f"--uid {last['USER']} " in owner
    assert "--owner darkroom --mode 700 /data" in owner
    assert last["VOLUME"] == "/data"
    assert "DATA_DIR=/data" in last["ENV"].split()


def test_whoever_checked_it_out_with_whatever_mask_that_user_can_read_it(tmp_path: Path) -> None:
    build(tmp_path)
    tree = [tmp_path, *tmp_path.rglob("*")]
    for path in tree:
        path.chmod(0o700 if path.is_dir() else 0o600)
    all_steps = steps()
    copied = max(number for number, step in enumerate(all_steps) if step.word == "COPY")
    (opened, *_) = all_steps[copied + 1].rest.split(" && ")
    subprocess.run(opened.split(), cwd=tmp_path, check=True)
    for path in tree:
        assert stat.S_IMODE(path.stat().st_mode) == (0o755 if path.is_dir() else 0o644)


def test_a_signal_reaches_the_bot_itself() -> None:
    last = {step.word: step for step in steps()}
    assert last["CMD"].command == ["python", "bot.py"]
    assert last["STOPSIGNAL"].rest == "SIGTERM"
    assert "ENTRYPOINT" not in last


def test_nothing_in_it_is_a_secret() -> None:
    assert not {step.word for step in steps()} & {"ARG", "ADD"}
    text = " ".join(step.rest for step in steps())
    assert "DISCORD_TOKEN" not in text
    assert "PIXELDOJO_API_KEY" not in text
