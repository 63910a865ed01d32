"""The stand-in as a process of its own."""

import asyncio
import json
import signal
import sys

import pytest
from aiohttp import ClientSession

from playground.pixeldojo import ProviderStandIn
from playground.pixeldojo.__main__ import parse


def test_the_command_line_has_defaults_and_repeats_origins() -> None:
    options = parse(["--cdn-origin", "http://127.0.0.1:1", "--cdn-origin", "http://127.0.0.1:2"])
    assert (options.port, options.latency, options.seed, options.balance) == (0, 1.0, 1, 1000)
    assert options.cdn_origin == ["http://127.0.0.1:1", "http://127.0.0.1:2"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_says_where_it_listens_serves_and_stops(number: signal.Signals) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "playground.pixeldojo",
        "--latency",
        "0",
        "--key",
        "pd_test",
        "--switches",
        '{"fast_results": true}',
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        said = json.loads(await asyncio.wait_for(process.stdout.readline(), 10))
        assert said["key"] == "pd_test"
        assert said["api_url"].startswith("http://127.0.0.1:")
        assert said["api_url"].endswith("/api/v1")
        headers = {"Authorization": f"Bearer {said['key']}"}
        async with (
            ClientSession(headers=headers) as session,
            session.post(f"{said['api_url']}/models/gpt-image-2/run", json={"prompt": "a hill"}) as response,
        ):
            assert response.status == 202
        process.send_signal(number)
        _, errors = await asyncio.wait_for(process.communicate(), 10)
        assert (process.returncode, errors) == (0, b"")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_a_taken_port_is_an_error() -> None:
    first, second = ProviderStandIn(), ProviderStandIn()
    await first.start()
    with pytest.raises(OSError, match="in use"):
        await second.start(int(first.origin.rsplit(":", 1)[1]))
    await first.close()
    await second.close()


async def test_keys_are_new_each_time() -> None:
    keys = {ProviderStandIn().key for _ in range(3)}
    assert len(keys) == 3
    assert all(key.startswith("pd_") for key in keys)
