"""``python -m tests.crash``: kill the bot wherever it touches the outside, and count what that does.

With ``--engine postgres --processes 2``: two bots, and all that can happen to them and to their database.
"""

import argparse
import asyncio
import shlex
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.crash.campaign import FURTHER, FURTHER_OF_PAIRS, SHARES, SHARES_OF_PAIRS, Campaign
from tests.crash.counts import table
from tests.crash.modes import MODES
from tests.crash.play import Outcome, Plan
from tests.crash.touches import Order


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--engine", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--processes", type=int, choices=(1, 2), default=1)
    parser.add_argument("--lanes", type=int, help="runs side by side")
    parser.add_argument("--mode", choices=MODES, action="append", help="only this world (again for more)")
    parser.add_argument("--every", type=float, default=1, help="only every so manieth of the first kills")
    parser.add_argument("--further", type=int, help="kills during each recovery")
    parser.add_argument("--minutes", type=float, help="begin no more runs after that")
    parser.add_argument(
        "--out", type=Path, help="a line of JSON for each run; one that is there is gone on with"
    )
    parser.add_argument("--replay", nargs="+", type=Order.read, metavar="TOUCH", help="one run, killed there")
    parser.add_argument("--list", action="store_true", help="only list the touches of undisturbed runs")
    parser.add_argument("--folder", type=Path, help="a new folder, where runs with findings are kept")
    options = parser.parse_args()
    if (options.engine == "postgres") != (options.processes == 2):
        parser.error("SQLite is for one process, --engine postgres for --processes 2.")
    options.folder = options.folder or Path(tempfile.mkdtemp(prefix="darkroom-crash-"))
    options.folder.mkdir(parents=True, exist_ok=True)
    return options


async def main(options: argparse.Namespace) -> int:
    pair = options.processes == 2
    shares = SHARES_OF_PAIRS if pair else SHARES
    modes = options.mode or list(shares)
    earlier = earlier_of(options.out)
    campaign = Campaign(
        options.folder, pair=pair, lanes=options.lanes, done=len(earlier), tell=teller(options.out)
    )
    end_in_time(campaign, options.minutes)
    if options.list:
        for mode in modes:
            print(*await campaign.touches(MODES[mode]), sep="\n")  # noqa: T201
        return 0
    if options.replay:
        plans = [Plan(mode=MODES[mode], pair=pair, orders=tuple(options.replay)) for mode in modes[:1]]
        result = await campaign.play(plans)
    else:
        chosen = {mode: max(1, round(shares[mode] * options.every)) for mode in modes}
        prove = campaign.prove_pair if pair else campaign.prove
        further = FURTHER_OF_PAIRS if pair else FURTHER
        result = await prove(chosen, further=further if options.further is None else options.further)
        result.outcomes[:0] = earlier
    print(*table(result), sep="\n", flush=True)  # noqa: T201
    return 1 if result.bad else 0


def end_in_time(campaign: Campaign, minutes: float | None) -> None:
    """Have it end after so many minutes, or when somebody says so: what was counted by then is told."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, campaign.end)
    if minutes is not None:
        loop.call_later(60 * minutes, campaign.end)


def earlier_of(out: Path | None) -> list[Outcome]:
    """Return what came of earlier runs, by the lines that they left."""
    if out is None or not out.exists():
        return []
    return [Outcome.read(line) for line in out.read_text().splitlines()]


def teller(out: Path | None) -> Callable[[Outcome], None]:
    """Return what tells of progress, at once of each run in which something is wrong, and writes each down."""
    kills = runs = 0

    def tell(outcome: Outcome) -> None:
        nonlocal kills, runs
        runs, kills = runs + 1, kills + len(outcome.kills)
        if out is not None and outcome.kills:
            with out.open("a") as lines:
                lines.write(f"{outcome.line()}\n")
        if outcome.tally.findings:
            pair = ["--engine", "postgres", "--processes", "2"] if outcome.pair else []
            replay = shlex.join([*pair, "--mode", outcome.mode, "--replay", *outcome.kills])
            print(f"\n{outcome.folder} ({outcome.seconds:.1f} s)\n  {replay}", file=sys.stderr)  # noqa: T201
            for note in outcome.tally.notes:
                print(f"  {note}", file=sys.stderr)  # noqa: T201
        elif (outcome.pair and outcome.kills) or runs % 50 == 0:
            print(f"{runs} runs, {kills} faults", file=sys.stderr)  # noqa: T201

    return tell


if __name__ == "__main__":
    sys.exit(asyncio.run(main(parse())))
