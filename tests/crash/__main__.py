"""``python -m tests.crash``: kill the bot wherever it touches the outside, and count what that does.

With ``--engine postgres --processes 2``: two bots, and all that can happen to them and to their database.
"""

import argparse
import asyncio
import math
import shlex
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.crash.campaign import FURTHER, SHARES, SHARES_OF_PAIRS, Campaign, Result
from tests.crash.modes import MODES
from tests.crash.play import Outcome, Plan
from tests.crash.touches import Order

SAID = {
    "double_submissions": "jobs submitted twice",
    "double_charges": "jobs charged twice",
    "lost": "jobs lost",
    "twice": "results delivered twice",
    "never": "results never delivered",
    "ledger": "findings of --verify",
    "cards": "cards that do not say how their job ended",
    "mismatched": "jobs charged anything but what the provider kept",
    "drift": "drifts booked that the books do not bear out",
    "late": "paid requests of a process whose lease was over",
    "surprises": "bots that ended by themselves, and waits in vain",
}


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--engine", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--processes", type=int, choices=(1, 2), default=1)
    parser.add_argument("--lanes", type=int, help="runs side by side")
    parser.add_argument("--mode", choices=MODES, action="append", help="only this world (again for more)")
    parser.add_argument("--every", type=float, default=1, help="only every so manieth of the first kills")
    parser.add_argument("--further", type=int, default=FURTHER, help="kills during each recovery")
    parser.add_argument("--minutes", type=float, default=math.inf, help="begin no more runs after that")
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
    campaign = Campaign(
        options.folder, pair=pair, lanes=options.lanes, minutes=options.minutes, tell=teller()
    )
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
        result = await prove(chosen, further=options.further)
    say(result)
    return 1 if result.bad else 0


def teller() -> Callable[[Outcome], None]:
    """Return what tells of progress, and at once of each run in which something is wrong."""
    kills = runs = 0

    def tell(outcome: Outcome) -> None:
        nonlocal kills, runs
        runs, kills = runs + 1, kills + len(outcome.kills)
        if outcome.tally.findings:
            pair = ["--engine", "postgres", "--processes", "2"] if outcome.plan.pair else []
            replay = shlex.join([*pair, "--mode", outcome.plan.mode.name, "--replay", *outcome.kills])
            print(f"\n{outcome.folder} ({outcome.seconds:.1f} s)\n  {replay}", file=sys.stderr)  # noqa: T201
            for note in outcome.tally.notes:
                print(f"  {note}", file=sys.stderr)  # noqa: T201
        elif runs % (10 if outcome.plan.pair else 50) == 0:
            print(f"{runs} runs, {kills} kills", file=sys.stderr)  # noqa: T201

    return tell


def say(result: Result) -> None:
    """Print the counts."""
    tally, kills = result.tally, result.kills
    lines = [
        f"{len(kills):7,} kills ({len(set(kills)):,} different ones)",
        f"{len(result.outcomes):7,} runs with {tally.jobs:,} jobs, {result.seconds:,.0f} s",
        *(
            f"{sum(len(each.kills) for each in runs):7,} of them in the world “{name}”"
            for name, runs in result.runs.items()
        ),
        *(f"{getattr(tally, name):7,} {said}" for name, said in SAID.items()),
        f"{tally.charged / 1000:7,.0f} credits charged",
        f"{tally.difference / 1000:7,.0f} credits more that the provider kept",
        f"{tally.explained / 1000:7,.0f} of them for jobs that are listed as unknown ({tally.unknown:,})",
        f"{(tally.difference - tally.explained) / 1000:7,.0f} of them unexplained",
    ]
    if times := result.take_overs:
        at = {"p50": len(times) // 2, "p99": -(-len(times) * 99 // 100) - 1, "at most": -1}
        said = ", ".join(f"{name} {times[place]:.1f} s" for name, place in at.items())
        lines.append(f"{len(times):7,} take-overs: {said}")
    print(*lines, sep="\n")  # noqa: T201


if __name__ == "__main__":
    sys.exit(asyncio.run(main(parse())))
