"""``python -m tests.doubt --seeds N --below M``: a doubtful provider before the real bot, and below the process."""

import argparse
import asyncio
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.doubt.below import Series, play_below
from tests.doubt.campaign import Tally, run
from tests.e2e import pictures


async def play_on_the_process(options: argparse.Namespace) -> list[Tally]:
    folder = Path(tempfile.mkdtemp(prefix="darkroom-doubt-"))
    image = pictures.small_photo(folder / "small.jpg")
    tallies: list[Tally] = []
    for seed in range(options.first, options.first + options.seeds):
        tally = Tally(seed)
        try:
            await run(tally, folder / str(seed), wishes=options.wishes, image=image)
        except Exception as error:  # noqa: BLE001 - whatever it was, the other seeds tell more
            tally.findings.append(f"{type(error).__name__}: {error}")
        tallies.append(tally)
        say(
            f"seed {seed}: {tally.jobs} jobs, {tally.doubts} doubts, {tally.kills} kills,"
            f" {len(tally.findings)} findings, {tally.seconds:.0f} s"
        )
        for finding in tally.findings:
            say(f"  {finding}")
    return tallies


def main(options: argparse.Namespace) -> int:
    series = play_below(options.below, first=options.first) if options.below else Series()
    tallies = asyncio.run(play_on_the_process(options)) if options.seeds else []
    found = sum(len(tally.findings) for tally in tallies)
    done = sum((tally.done for tally in tallies), Counter[str]())
    say(f"below the process: {series.runs} runs, {len(series.findings)} findings, {series.seconds:.0f} s")
    say(
        f"on the process: {len(tallies)} runs, {found} findings, {sum(each.seconds for each in tallies):.0f} s"
    )
    say(f"  wishes: {', '.join(f'{count} {name}' for name, count in done.most_common())}")
    say(
        f"  {sum(each.jobs for each in tallies)} jobs, {sum(each.doubts for each in tallies)} doubts,"
        f" {sum(each.kills for each in tallies)} kills, {sum(each.charged for each in tallies):g} credits charged"
    )
    return 1 if found or series.findings else 0


def say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.doubt", description=__doc__)
    parser.add_argument("--seeds", type=int, default=0, help="how many runs on the real process")
    parser.add_argument("--below", type=int, default=0, help="how many runs below it")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--wishes", type=int, default=200, help="wishes in each run on the process")
    sys.exit(main(parser.parse_args()))
