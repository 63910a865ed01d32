"""The stand-in as a process of its own."""

import asyncio
import json
import signal
import sys
from pathlib import Path

from aiohttp import ClientSession

from playground.discord import DiscordStandIn

ROOT = Path(__file__).parents[3]


async def test_the_process_prints_where_it_is_and_ends_on_sigterm(
    http: ClientSession, tmp_path: Path
) -> None:
    arguments = ["-m", "playground.discord", "--seed", "7", "--data-dir", str(tmp_path), "--no-rate-limits"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    where = json.loads(await asyncio.wait_for(process.stdout.readline(), 20))
    headers = {"Authorization": f"Bot {where['token']}"}
    async with http.get(f"{where['api_url']}/users/@me", headers=headers) as reply:
        me = await reply.json()
    assert me["bot"] is True
    assert where["page_url"] == where["origin"] + "/"
    assert where["cdn_url"].startswith("http://127.0.0.1:")
    assert where["cdn_url"] != where["origin"]
    async with http.get(f"{where['origin']}/page/faults") as reply:
        assert (await reply.json())["rate_limits"] is False
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 10) == 0


def test_a_seed_decides_ids_and_token(tmp_path: Path) -> None:
    first, second = (DiscordStandIn(seed=3, data_dir=tmp_path) for _ in range(2))
    other = DiscordStandIn(seed=4, data_dir=tmp_path)
    assert (first.token, list(first.world.users)) == (second.token, list(second.world.users))
    assert other.token != first.token
    assert DiscordStandIn(token="mine", data_dir=tmp_path).token == "mine"


async def test_a_temporary_folder_goes_when_the_server_closes() -> None:
    standin = DiscordStandIn()
    await standin.start()
    folder = standin._temporary
    assert folder is not None
    assert folder.is_dir()
    await standin.close()
    assert not folder.exists()


async def test_a_port_in_use_is_a_sentence() -> None:
    taken = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = taken.sockets[0].getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "playground", "--no-browser", "--port", str(port)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, told = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 1
    assert told.decode() == (
        f"Port {port} is taken by another program. Choose another with --port, or any free one with --port 0.\n"
    )
    assert said == b""
    taken.close()
    await taken.wait_closed()
