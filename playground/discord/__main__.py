"""``python -m playground.discord``: the stand-in Discord alone, until Ctrl-C or SIGTERM."""

import argparse
import asyncio
import signal
from collections.abc import Sequence
from pathlib import Path

from playground.discord.jsons import encode
from playground.discord.server import DiscordStandIn
from playground.options import port


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m playground.discord", description=__doc__)
    parser.add_argument("--port", type=port, default=0, help="of the API and the page; 0 takes any")
    parser.add_argument("--cdn-port", type=port, default=0, help="of the files; 0 takes any")
    parser.add_argument("--seed", type=int, default=1, help="decides all ids and the token")
    parser.add_argument("--token", help="the bot's token; made from the seed if not given")
    parser.add_argument(
        "--data-dir", type=Path, help="where uploads are kept; a temporary folder if not given"
    )
    parser.add_argument("--provider-control-url", help="the stand-in provider's /control address")
    parser.add_argument("--no-rate-limits", action="store_true", help="answer as fast as asked")
    return parser.parse_args(arguments)


async def serve(options: argparse.Namespace) -> None:
    """Run until told to stop; print one line of JSON when the ports are open."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    standin = DiscordStandIn(
        seed=options.seed,
        token=options.token,
        data_dir=options.data_dir,
        provider_control_url=options.provider_control_url,
    )
    await standin.start(options.port, cdn_port=options.cdn_port)
    standin.set_faults(rate_limits=not options.no_rate_limits)
    print(encode(standin.addresses()), flush=True)
    await stop.wait()
    await standin.close()


if __name__ == "__main__":
    asyncio.run(serve(parse()))
