"""What a picture costs in the kept process and would cost in the bot's own: ``python -m benchmarks.picture_process``.

Each round looks at the same source both ways, one right after the other, so that whatever else the machine does
meets both. "Own" is a plain call that blocks; it is what the event loop would have to stand still for.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from PIL import Image

from pictures.sheet import inspect_lone
from pictures.work import PictureWork

SAMPLE = Path("playground/samples/cat.jpg")
SIZES = {"a small photograph": (451, 300), "2 megapixels": (1600, 1200), "12 megapixels": (4032, 3024)}
ROUNDS = 300
SHA = "0" * 64


async def timed(work: Callable[[], Awaitable[object]]) -> float:
    """Return how many milliseconds something takes."""
    before = time.perf_counter()
    await work()
    return (time.perf_counter() - before) * 1_000


def spread(values: Sequence[float]) -> str:
    """Return the median and, in brackets, the quartiles."""
    low, middle, high = statistics.quantiles(values, n=4)
    return f"{middle:6.2f} ({low:.2f} to {high:.2f})"


async def compare(name: str, source: Path, out: Path, pictures: PictureWork) -> None:
    """Look at one source both ways and print the milliseconds."""
    normal = out.with_name("normal")

    async def own() -> None:
        inspect_lone(source, out, normal=normal, sha256=SHA)

    async def kept() -> None:
        await pictures.inspect_lone(source, sheet=out, normal=normal, sha256="", member_id=1)

    pairs = [(await timed(own), await timed(kept)) for _ in range(ROUNDS)]
    more = [there - here for here, there in pairs]
    print(f"{name:>20}: own {spread([here for here, _ in pairs])}", end="")
    print(f", kept {spread([there for _, there in pairs])}, more {spread(more)} ms")


async def main() -> None:
    """Print what each size costs, and what a start of the process does."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "sheet"
        starts: list[float] = []
        for _ in range(10):
            pictures = PictureWork()
            starts.append(await timed(lambda work=pictures: work.identify(SAMPLE, member_id=1)))
            await pictures.close()
        print(f"{'the first picture':>20}: {spread(starts)} ms")
        pictures = PictureWork()
        for name, size in SIZES.items():
            source = Path(folder) / "source.jpg"
            with Image.open(SAMPLE) as sample:
                sample.resize(size).save(source, quality=90)
            await pictures.identify(source, member_id=1)
            await compare(name, source, out, pictures)
        await pictures.close()


if __name__ == "__main__":
    asyncio.run(main())
