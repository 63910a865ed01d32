"""``python -m playground``: a stand-in Discord, a stand-in PixelDojo and the real bot, on loopback."""

import sys

if sys.platform == "win32":
    sys.exit("Darkroom runs on Linux or macOS; on Windows use WSL.")

import argparse
import asyncio
import contextlib
import secrets
import signal
import tempfile
import webbrowser
from collections.abc import Awaitable, Sequence
from importlib.util import find_spec

try:
    from playground.bot_process import NO_STRANGERS, BotProcess
    from playground.discord.server import DiscordStandIn
    from playground.loopback import free_port
    from playground.options import latency, port, whole
    from playground.pixeldojo.stand_in import ProviderStandIn
    from playground.postgres import PostgresMissing, binaries, private_postgres
    from playground.processes import Processes
except ModuleNotFoundError as missing:
    sys.exit(
        f"The playground cannot start: {missing.name} is not installed for {sys.executable}. See README.md."
    )

CONFIGURATION = 78
"""Exit status for what no other start mends, as of ``bot.py``."""
DEFAULT_PORT = 8765
DEFAULT_LATENCY = 0.2
MOST_PROCESSES = 9
"""Each takes fewer than ten of the hundred connections that PostgreSQL lets in."""


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m playground", description="Try Darkroom without an account."
    )
    parser.add_argument("--port", type=port, default=DEFAULT_PORT, help="loopback port of the page; 0: any")
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    parser.add_argument(
        "--latency",
        type=latency,
        default=DEFAULT_LATENCY,
        help="factor on the provider's real durations (1: about 35 s a job)",
    )
    parser.add_argument(
        "--postgres", action="store_true", help="on a PostgreSQL server of its own, not on SQLite"
    )
    parser.add_argument(
        "--processes",
        type=whole(1, MOST_PROCESSES),
        default=1,
        help="so many bots: one works, the others wait (with --postgres)",
    )
    parser.add_argument("--seed", type=int, default=1, help="decides ids, durations and pictures")
    options = parser.parse_args(arguments)
    if options.processes > 1 and not options.postgres:
        parser.error("--processes is 1, or more with --postgres: SQLite is for one process.")
    return options


def lacking(options: argparse.Namespace) -> str:
    """Say what is not installed of that which the options need; nothing where all of it is."""
    if not options.postgres:
        return ""
    found: list[str] = []
    if find_spec("psycopg") is None:
        found.append("psycopg is not installed (.venv/bin/pip install -c constraints.txt '.[postgres]').")
    try:
        binaries()
    except PostgresMissing as missing:
        found.append(str(missing))
    return " ".join(found)


async def serve(options: argparse.Namespace) -> int:
    """Start everything, print one address, and run until Ctrl-C or until the bot ends."""
    if why := lacking(options):
        print(f"The playground cannot start with --postgres: {why}", file=sys.stderr)
        return CONFIGURATION
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with contextlib.AsyncExitStack() as stack:
        provider = ProviderStandIn(
            latency=options.latency, seed=options.seed, switches={"vary_repeats": True}
        )
        await provider.start()
        stack.push_async_callback(provider.close)
        discord = DiscordStandIn(seed=options.seed, provider_control_url=f"{provider.origin}/control")
        if not await _start(discord, options.port):
            print(
                f"Port {options.port} is taken by another program. Choose another with --port, or any free"
                " one with --port 0.",
                file=sys.stderr,
            )
            return 1
        stack.push_async_callback(discord.close)
        data = stack.enter_context(tempfile.TemporaryDirectory(prefix="darkroom-playground-"))
        settings = _settings(discord, provider, data)
        ended = await _begin(options, settings, discord=discord, stack=stack)
        print(
            f"\n  Darkroom’s playground: {discord.page_url}\n  Ctrl-C ends it and deletes everything.\n",
            flush=True,
        )
        if not options.no_browser:
            await asyncio.to_thread(webbrowser.open, discord.page_url)
        return await _until(stop, ended)


async def _begin(
    options: argparse.Namespace,
    settings: dict[str, str],
    *,
    discord: DiscordStandIn,
    stack: contextlib.AsyncExitStack,
) -> Awaitable[int]:
    """Start the bot, or several that are kept running; return what is done when they are, with a status."""
    if not options.postgres:
        bot = BotProcess(settings=settings)
        await bot.start()
        stack.push_async_callback(bot.stop)
        return bot.wait()
    server = stack.enter_context(private_postgres())
    shared = {**settings, "DATABASE_URL": server.new_database(), "ERASURE_SECRET": secrets.token_hex(32)}
    addresses = [f"127.0.0.1:{free_port()}" for _ in range(options.processes)]
    processes = Processes(
        [
            (BotProcess(settings={**shared, "WEBHOOK_LISTEN": address}), f"http://{address}/readyz")
            for address in addresses
        ]
    )
    discord.present(processes)
    return processes.run()


async def _start(discord: DiscordStandIn, port: int) -> bool:
    """Take a port, and any free one in place of the usual; return whether it was free."""
    try:
        await discord.start(port)
    except OSError:
        if port != DEFAULT_PORT:
            return False
        await discord.start(0)
    return True


async def _until(stop: asyncio.Event, bots: Awaitable[int]) -> int:
    told = asyncio.create_task(stop.wait())
    ended = asyncio.ensure_future(bots)
    await asyncio.wait({told, ended}, return_when=asyncio.FIRST_COMPLETED)
    told.cancel()
    if not stop.is_set():
        return await ended
    ended.cancel()
    await asyncio.gather(ended, return_exceptions=True)
    return 0


def _settings(discord: DiscordStandIn, provider: ProviderStandIn, data: str) -> dict[str, str]:
    return {
        **NO_STRANGERS,
        "ALLOWED_GUILDS": str(discord.world.guild.id),
        "DISCORD_TOKEN": discord.token,
        "DISCORD_API_URL": discord.api_url,
        "DISCORD_CDN_URLS": discord.cdn_url,
        "PIXELDOJO_API_KEY": provider.key,
        "PIXELDOJO_API_URL": provider.api_url,
        # A model lives here until somebody ends it: the bot's own order follows the calendar.
        "PIXELDOJO_MODELS": "gpt-image-1-5-edit,gpt-image-2-edit,*",
        "PIXELDOJO_GENERATE_MODELS": "gpt-image-1-5,gpt-image-2",
        "DATA_DIR": data,
    }


if __name__ == "__main__":
    raise SystemExit(asyncio.run(serve(parse())))
