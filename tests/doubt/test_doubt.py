"""One small run of ``python -m tests.doubt`` in every suite."""

from pathlib import Path

from tests.doubt.campaign import Tally, run
from tests.e2e import pictures


async def test_what_the_provider_keeps_reaches_its_member_whatever_it_says_meanwhile(tmp_path: Path) -> None:
    image = pictures.small_photo(tmp_path / "small.jpg")
    tally = Tally(seed=2)
    await run(tally, tmp_path / "world", wishes=24, image=image)
    assert tally.findings == []
    assert tally.jobs > 10
    assert tally.doubts > 10
