"""Darkroom's command line: settings, logging, run, maintenance. See ``python bot.py --help``."""

import sys

if sys.platform == "win32":
    sys.exit("Darkroom runs on Linux or macOS; on Windows use WSL.")

import argparse
import logging
import os
import re
import resource
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

try:
    import uvloop

    from accounts.maintenance import erase, export_personal, maintain, take_for_restored
    from accounts.moving import move_store, take_back
    from assembly.endings import ending
    from assembly.listening import obstacles
    from assembly.running import run
    from config.environment import read_environment
    from config.logs import set_up_logging
    from config.parse import database
    from config.problems import SettingsError
    from config.settings import load_kept, load_settings
    from storage.erasure_key import ErasureKey
    from storage.kept import files_at
    from storage.store import open_store
except ModuleNotFoundError as missing:
    # Another Python than the one that it was installed for, or a new version without its libraries.
    sys.stderr.write(
        f"Darkroom cannot start: {missing.name} is not installed for {sys.executable}. See README.md.\n"
    )
    sys.exit(78)

log = logging.getLogger("darkroom")


def raise_file_limit() -> None:
    """Take all file descriptors that this process may have: connections and files need one each."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (ValueError, OSError) as error:
        # macOS says "unlimited" and means less.
        log.debug("The limit of file descriptors stays: %s", error)


def member_id(text: str) -> int:
    """Read a member's id.

    Raises
    ------
    argparse.ArgumentTypeError
        It is none.
    """
    if not re.fullmatch("[0-9]{1,19}", text) or not 0 < int(text) < 2**63:
        raise argparse.ArgumentTypeError("a member's id is a number (right-click a member, Copy User ID)")
    return int(text)


def place(text: str) -> str:
    """Read where a database is to be moved; what is said of a wrong one holds nothing of it.

    Raises
    ------
    argparse.ArgumentTypeError
        It is neither a database of PostgreSQL nor a data directory, or psycopg is not there.
    """
    if re.match("sqlite:///.", text):
        return text
    try:
        address = database(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{error}, or like sqlite:///srv/darkroom") from error
    if find_spec("psycopg") is None:
        raise argparse.ArgumentTypeError(
            "PostgreSQL needs psycopg: pip install -c constraints.txt '.[postgres]'"
        )
    return address


def maintenance(options: argparse.Namespace) -> int:
    """Do what is done beside the bot, or without one, and return the exit status."""
    # What is written is all that members asked for: nobody else on this machine is to read it.
    os.umask(0o077)
    kept = load_kept(read_environment())
    for sentence in kept.misspelt:
        sys.stderr.write(f"In the environment: {sentence}\n")
    if options.status:
        return status(kept.database_url, kept.data_dir)
    key = ErasureKey(kept.data_dir, kept.erasure_secret)
    store = open_store(kept.data_dir, url=kept.database_url, key=key)
    if options.move_to:
        return move_store(store, options.move_to, data_dir=kept.data_dir, secret=kept.erasure_secret)
    if options.take_back:
        return take_back(store)
    if options.restored:
        return take_for_restored(store)
    if options.erase:
        return erase(store, options.erase)
    if options.export_member:
        files = files_at(
            kept.files_url,
            kept.data_dir,
            alone=False,
            named=kept.database_url is not None,
            s3=kept.s3,
            copies=kept.copies_limit,
        )
        return export_personal(store, files, *options.export_member)
    return maintain(store, export=options.export, copy=options.backup, rebuild=options.rebuild)


def status(url: str | None, data_dir: Path) -> int:
    """Say which process works on the database, and which wait to."""
    if url is None:
        raise SettingsError(["--status needs DATABASE_URL: on SQLite one process works, and none waits."])
    # Its driver is there only where it is asked for.
    from assembly.status import tell_of_processes  # noqa: PLC0415

    return tell_of_processes(url, data_dir=data_dir)


def wishes(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line; whatever makes no sense ends the program with a sentence and 2."""
    parser = argparse.ArgumentParser(prog="bot.py", description="Darkroom, a Discord bot that edits images.")
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--verify", action="store_true", help="check every identity of the ledger and exit")
    group.add_argument(
        "--export", type=Path, metavar="FILE", help="write the ledger as CSV (.gz: compressed)"
    )
    group.add_argument("--status", action="store_true", help="say which process works, and which wait")
    group.add_argument("--backup", type=Path, metavar="FILE", help="copy the database while the bot runs")
    group.add_argument("--rebuild", action="store_true", help="sum the ledger up anew while no bot runs")
    group.add_argument(
        "--restored", action="store_true", help="after a copy was put back: send nothing of it a second time"
    )
    group.add_argument(
        "--erase", type=member_id, metavar="MEMBER_ID", help="have a member erased at the next start"
    )
    group.add_argument(
        "--export-member", nargs=2, metavar=("MEMBER_ID", "FILE"), help="write all that is kept of a member"
    )
    group.add_argument(
        "--move-to", type=place, metavar="ADDRESS", help="move all to postgresql://… or sqlite:///DATA_DIR"
    )
    group.add_argument(
        "--take-back",
        action="store_true",
        help="let bots use a database again that was moved, as the new one is given up",
    )
    options = parser.parse_args(arguments)
    if options.export_member:
        whose, target = options.export_member
        try:
            options.export_member = member_id(whose), Path(target)
        except argparse.ArgumentTypeError as error:
            parser.error(f"argument --export-member: {error}")
    return options


def main(arguments: Sequence[str]) -> int:
    """Do what the command line says and return the exit status."""
    options = wishes(arguments)
    maintains = any(vars(options).values())
    cannot = "That cannot be done" if maintains else "Darkroom cannot start"
    try:
        if maintains:
            return maintenance(options)
        settings = load_settings(read_environment(), look=obstacles)
        set_up_logging(settings)
        raise_file_limit()
        return uvloop.run(run(settings))
    except Exception as error:
        if (ends := ending(error, cannot)) is None:
            raise
        sentence, status = ends
        sys.stderr.write(f"{sentence}\n")
        return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
