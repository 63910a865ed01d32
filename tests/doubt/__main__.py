"""``python -m tests.doubt --seeds N``: the real bot before a doubtful provider; books equal at the end of each."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.doubt.campaign import Tally, run
from tests.e2e import pictures


async def main(options: argparse.Namespace) -> int:
    folder = Path(tempfile.mkdtemp(prefix="darkroom-doubt-"))
    image = pictures.small_photo(folder / "small.jpg")
    tallies: list[Tally] = []
    for seed in range(options.first, options.first + options.seeds):
        tally = await run(seed, folder / str(seed), wishes=options.wishes, image=image)
        tallies.append(tally)
        print(f"seed {seed}: {tally.jobs} jobs, {tally.doubts} doubts, {len(tally.findings)} findings")  # noqa: T201
        for finding in tally.findings:
            print(f"  {finding}")  # noqa: T201
    found = sum(len(tally.findings) for tally in tallies)
    jobs, doubts = sum(each.jobs for each in tallies), sum(each.doubts for each in tallies)
    charged = sum(each.charged for each in tallies)
    print(f"{len(tallies)} runs, {jobs} jobs, {doubts} doubts, {charged:g} credits charged, {found} findings")  # noqa: T201
    return 1 if found else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.doubt", description=__doc__)
    parser.add_argument("--seeds", type=int, default=5, help="how many runs")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--wishes", type=int, default=200, help="wishes in each run")
    sys.exit(asyncio.run(main(parser.parse_args())))
