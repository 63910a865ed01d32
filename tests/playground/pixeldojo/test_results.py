import io
import zlib

import pytest
from PIL import Image

from playground.pixeldojo.clock import Clock
from playground.pixeldojo.pictures import odd
from playground.pixeldojo.results import Results
from tests.playground.pixeldojo.conftest import Client, opened

MAKE = "gpt-image-1-5"


async def test_a_result_needs_no_key_and_has_its_type(fast: Client) -> None:
    view = await fast.ended(await fast.submit(MAKE, prompt="a hill", output_format="webp"))
    url = view["output"]["images"][0]
    assert url.startswith(f"{fast.stand_in.origin}/temp/")
    assert url.endswith(".webp")
    async with fast.session.get(url) as response:
        assert (response.status, response.content_type) == (200, "image/webp")
        assert response.content_length == len(await response.read())


async def test_a_result_expires(fast: Client) -> None:
    await fast.control("switches", {"result_seconds": 600})
    view = await fast.ended(await fast.submit(MAKE, prompt="a hill"))
    url = view["output"]["images"][0]
    await fast.control("clock", {"skip": 590})
    assert await fast.fetch(url)
    await fast.control("clock", {"skip": 11})
    async with fast.session.get(url) as response:
        assert response.status == 404
    assert (await fast.ended(view["jobId"]))["output"] == view["output"]


async def test_an_unknown_result_is_not_found(fast: Client) -> None:
    async with fast.session.get(f"{fast.stand_in.origin}/temp/../conftest.py") as response:
        assert response.status == 404
    async with fast.session.get(f"{fast.stand_in.origin}/temp/1-2.png") as response:
        assert response.status == 404


@pytest.mark.parametrize("output_format", ["png", "jpeg", "webp"])
async def test_big_results_are_big_and_still_the_same_picture(fast: Client, output_format: str) -> None:
    (small,) = await fast.results(MAKE, prompt="a hill", output_format=output_format)
    await fast.control("switches", {"big_results": 3_000_000, "fetch_sources": False})
    body = {"prompt": "a hill", "output_format": output_format, "image_urls": ["https://cdn.example/a.png"]}
    (big,) = await fast.results("gpt-image-1-5-edit", **body)
    assert 3_000_000 <= len(big) < 3_100_000
    assert opened(big).format == output_format.upper()
    assert opened(big).tobytes() == opened(small).tobytes()


@pytest.mark.parametrize("output_format", ["png", "jpeg", "webp"])
def test_padding_is_exact_enough_and_never_shrinks(cat: Image.Image, output_format: str) -> None:
    file = io.BytesIO()
    cat.save(file, output_format)
    data = file.getvalue()
    assert odd.padded(data, output_format, 10) == data
    for size in (len(data) + 1, len(data) + 65_001, 1_000_001):
        assert size <= len(odd.padded(data, output_format, size)) <= size + 65_020


def test_the_bomb_is_a_true_png_of_900_megapixels() -> None:
    data = odd.bomb()
    assert len(data) < 150_000
    with pytest.raises(Image.DecompressionBombError):
        opened(data)
    start = data.index(b"IDAT")
    length = int.from_bytes(data[start - 4 : start], "big")
    unpacker = zlib.decompressobj()
    rows = 0
    packed = data[start + 4 : start + 4 + length]
    while piece := unpacker.decompress(packed, 16_000_000):
        packed = unpacker.unconsumed_tail
        rows += len(piece)
    assert unpacker.eof
    assert rows == 30_000 * (1 + 30_000 // 8)


def test_files_are_kept_until_fetched_and_pruned() -> None:
    results = Results(clock=Clock(), seed=1, most_bytes=250_000)
    names = [results.add(bytes(100_000), "png", expires=1e12, action="none") for _ in range(3)]
    assert all(results.get(name) for name in names), "what nobody fetched stays"
    first = results.get(names[0])
    assert first is not None
    first.fetched = True
    names.append(results.add(bytes(100_000), "png", expires=1e12, action="none"))
    assert [results.get(name) is not None for name in names] == [False, True, True, True]
