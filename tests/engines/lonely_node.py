"""A node in a process of its own, to be killed: holds a camera and says so on standard output."""

import asyncio
import sys

from server.signaling_parts import NoGateway
from signaling.engine.nats import NatsEngine


async def main(url: str) -> None:
    """Hold `cam_1` until killed."""
    engine = NatsEngine("lonely", url)
    await engine.start(NoGateway())
    await engine.hold("cam_1")
    sys.stdout.write("holding\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
