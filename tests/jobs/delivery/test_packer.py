"""Packing: as they are if they fit, spread, re-encoded, and as links at last; nothing falls through."""

import hashlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.images import Image, Role
from domain.limits import FILES_PER_MESSAGE, MIB, REQUEST_BYTES
from jobs.delivery.packer import Packed, Packer
from tests.jobs.harness import Harness
from tests.pictures.material import encoded, photo

SMALL = encoded(photo(size=(40, 30)), "PNG")
BIG = encoded(photo(size=(900, 700)), "PNG")
HASH = {data: hashlib.sha256(data).hexdigest() for data in (SMALL, BIG)}


def result(position: int, data: bytes = SMALL, *, size: int | None = None, role: Role = Role.RESULT) -> Image:
    return Image(
        job_id="i1",
        role=role,
        position=position,
        name=f"darkroom-i1-{position}.png" if role is Role.RESULT else "sources.jpg",
        url=f"https://temp.example/{position}",
        url_expires_at=7,
        sha256=HASH[data],
        size=len(data) if size is None else size,
    )


@pytest.fixture
def packer(harness: Harness) -> Packer:
    for data, sha256 in HASH.items():
        harness.keep(data, sha256)
    return harness.parts.packer


def names(packed: Packed) -> list[str]:
    return [upload.name for upload in packed.uploads]


async def test_what_fits_is_passed_on_byte_for_byte_with_the_contact_sheet(packer: Packer) -> None:
    sheet = result(1, role=Role.SHEET)
    packed = await packer.pack([result(1), result(2), sheet], member_id=1, limit=10 * MIB, spread=True)
    assert names(packed) == ["darkroom-i1-1.png", "darkroom-i1-2.png", "sources.jpg"]
    assert packed.shown == ("darkroom-i1-1.png", "darkroom-i1-2.png")
    assert [upload.path.read_bytes() for upload in packed.first] == [SMALL] * 3
    assert (packed.sheet, packed.reencoded, packed.complete, packed.note) == (
        "sources.jpg",
        False,
        True,
        None,
    )


async def test_what_is_too_large_together_is_spread_over_messages(packer: Packer) -> None:
    images = [result(place, size=9 * MIB) for place in range(1, 5)]
    packed = await packer.pack(images, member_id=1, limit=10 * MIB, spread=True)
    assert packed.shown == ("darkroom-i1-1.png", "darkroom-i1-2.png")
    assert [[upload.name for upload in batch] for batch in packed.more] == [
        ["darkroom-i1-3.png", "darkroom-i1-4.png"]
    ]
    assert (packed.reencoded, packed.note) == (False, "spread")


async def test_what_may_not_be_spread_is_made_smaller_until_it_fits_one_request(
    packer: Packer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packer, "_squeezed", _squeeze(packer))
    images = [result(1, BIG, size=24 * MIB), result(2, BIG, size=24 * MIB)]
    packed = await packer.pack(images, member_id=1, limit=50 * MIB, spread=False)
    assert packed.more == ()
    assert len(packed.shown) == 2
    assert (packed.reencoded, packed.complete) == (True, True)
    assert sum(upload.size for upload in packed.first) <= REQUEST_BYTES


async def test_a_result_above_the_limit_is_encoded_again_and_the_others_stay_as_they_are(
    harness: Harness, packer: Packer
) -> None:
    packed = await packer.pack([result(1), result(2, BIG)], member_id=1, limit=len(BIG) // 2, spread=True)
    first, second = packed.first
    assert first.path.read_bytes() == SMALL
    assert second.size == second.path.stat().st_size <= len(BIG) // 2
    assert (packed.reencoded, packed.complete, packed.note) == (True, True, "reencoded")
    assert harness.incoming() == [second.path]
    discarded = packer.discard(packed.uploads)
    assert discarded is None
    assert harness.incoming() == []
    assert harness.parts.files.path(HASH[SMALL]).read_bytes() == SMALL


async def test_a_result_above_one_whole_request_is_encoded_again_although_the_limit_would_take_it(
    packer: Packer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server with boosts takes 50 MiB a file, but no request of more than 25."""
    monkeypatch.setattr(packer, "_squeezed", _squeeze(packer))
    packed = await packer.pack(
        [result(1, BIG, size=REQUEST_BYTES + 1)], member_id=1, limit=50 * MIB, spread=True
    )
    assert packed.shown == ("darkroom-i1-1.webp",)
    assert (packed.reencoded, packed.complete) == (True, True)


async def test_what_no_size_fits_becomes_a_link_and_waits(packer: Packer) -> None:
    packed = await packer.pack([result(1), result(2, BIG)], member_id=1, limit=10_000, spread=True)
    assert packed.shown == ("darkroom-i1-1.png",)
    (link,) = packed.links
    assert (link.url, link.expires_at) == ("https://temp.example/2", 7)
    assert (packed.complete, packed.note) == (False, "linked")


async def test_a_limit_of_nothing_makes_links_of_all_and_drops_the_sheet(packer: Packer) -> None:
    packed = await packer.pack([result(1), result(1, role=Role.SHEET)], member_id=1, limit=0, spread=True)
    assert (packed.first, packed.shown, packed.sheet) == ((), (), None)
    assert len(packed.links) == 1
    assert not packed.complete


async def test_a_contact_sheet_above_the_limit_is_left_out(packer: Packer) -> None:
    packed = await packer.pack(
        [result(1), result(1, BIG, role=Role.SHEET)], member_id=1, limit=50_000, spread=True
    )
    assert packed.sheet is None
    assert names(packed) == ["darkroom-i1-1.png"]


async def test_a_private_answer_takes_all_that_fits(packer: Packer) -> None:
    packed = await packer.pack_private([result(1), result(2, BIG)], member_id=1, limit=10_000)
    assert [upload.name for upload in packed.uploads] == ["darkroom-i1-1.png"]


SIZES = st.lists(st.integers(1, 60 * MIB), min_size=1, max_size=12)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sizes=SIZES, limit=st.sampled_from([0, 1_000, MIB, 10 * MIB, 50 * MIB, 100 * MIB]), spread=st.booleans()
)
async def test_every_result_is_on_one_message_or_a_link_and_every_message_within_the_limits(
    packer: Packer, monkeypatch: pytest.MonkeyPatch, sizes: list[int], limit: int, spread: bool
) -> None:
    monkeypatch.setattr(packer, "_squeezed", _squeeze(packer))
    images = [result(place, size=size) for place, size in enumerate(sizes, 1)]
    packed = await packer.pack([*images, result(1, role=Role.SHEET)], member_id=1, limit=limit, spread=spread)
    messages = [packed.first, *packed.more]
    sent = [upload.name.partition(".")[0] for message in messages for upload in message]
    linked = [link.url.rpartition("/")[2] for link in packed.links]
    places = [name.rpartition("-")[2] for name in sent if name != "sources"] + linked
    assert sorted(map(int, places)) == list(range(1, len(sizes) + 1))
    assert packed.complete is not bool(linked)
    for message in messages:
        assert len(message) <= FILES_PER_MESSAGE
        assert sum(upload.size for upload in message) < REQUEST_BYTES
        assert all(upload.size <= max(limit, 64 * 1024) for upload in message)
    if not spread:
        assert len(sizes) > 9 or packed.more == ()


def _squeeze(packer: Packer) -> object:
    """Squeeze by word alone: pictures are squeezed for real above."""

    async def squeezed(image: Image, _member: int, limit: int, *, generated: bool) -> object:
        as_is = packer._as_is(image)
        if as_is.size <= limit:
            return as_is, False
        if limit < 64 * 1024:
            return None, False
        return type(as_is)(name=f"darkroom-i1-{image.position}.webp", path=as_is.path, size=limit), False

    return squeezed
