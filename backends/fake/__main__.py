"""``python -m backends.fake --socket PATH --scenario NAME``: a simulated engine as a process."""

from __future__ import annotations

import argparse
import asyncio
import signal

from backends.fake.scenario import SCENARIOS
from backends.fake.server import FakeServer


async def _main(options: argparse.Namespace) -> None:
    end = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end.set)
    async with FakeServer(
        options.scenario,
        options.socket or None,
        node=options.node,
        seed=options.seed,
        api=options.api,
        count=options.count,
        rate=options.rate,
    ) as server:
        print(server.socket_path, flush=True)
        await end.wait()


def main() -> None:
    """Serves until it is interrupted; prints the socket's path once it listens."""
    text = "\n".join(f"  {name:10} {what}" for name, what in SCENARIOS.items())
    parser = argparse.ArgumentParser(
        prog="python -m backends.fake",
        description="A simulated Docker Engine on a unix socket.",
        epilog=f"scenarios:\n{text}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--socket", default="", help="path of the socket; a temporary one by default")
    parser.add_argument("--scenario", default="demo", choices=list(SCENARIOS))
    parser.add_argument("--node", default="", help="host name of the engine to be")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--api", default="", help="highest API version, e.g. 1.41")
    parser.add_argument("-n", "--count", type=int, default=100, help="containers of the synthetic scenario")
    parser.add_argument("--rate", type=float, default=0.0, help="events a second of the synthetic scenario")
    asyncio.run(_main(parser.parse_args()))


if __name__ == "__main__":
    main()
