"""``python -m playground.pixeldojo``: the stand-in PixelDojo as a process of its own."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
from collections.abc import Sequence

from playground.options import amount, latency, port
from playground.pixeldojo.stand_in import DEFAULT_BALANCE, ProviderStandIn
from playground.pixeldojo.switches import Switches


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m playground.pixeldojo", description=__doc__)
    parser.add_argument("--port", type=port, default=0, help="loopback port; 0 takes a free one")
    parser.add_argument("--latency", type=latency, default=1.0, help="factor on the real durations")
    parser.add_argument("--seed", type=int, default=1, help="decides durations and pictures")
    parser.add_argument("--key", help="API key that is accepted; a new one unless given")
    parser.add_argument("--balance", type=amount(10**9), default=DEFAULT_BALANCE, help="credits at the start")
    parser.add_argument(
        "--cdn-origin",
        action="append",
        help="origin from which sources are fetched (repeatable); unless given, any",
    )
    parser.add_argument(
        "--switches", type=_switches, default={}, help="JSON, as POST /control/switches takes it"
    )
    return parser.parse_args(arguments)


def _switches(text: str) -> dict[str, object]:
    try:
        given = json.loads(text)
        Switches().merge(given)
    except (ValueError, TypeError, AttributeError) as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return given


async def serve(options: argparse.Namespace) -> None:
    """Listen until SIGINT or SIGTERM; one JSON line on stdout says where."""
    stand_in = ProviderStandIn(
        latency=options.latency,
        seed=options.seed,
        key=options.key,
        allowed_origins=options.cdn_origin,
        balance=options.balance,
        switches=options.switches,
    )
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    await stand_in.start(options.port)
    print(json.dumps({"api_url": stand_in.api_url, "key": stand_in.key}), flush=True)
    await ended.wait()
    await stand_in.close()


if __name__ == "__main__":
    asyncio.run(serve(parse()))
