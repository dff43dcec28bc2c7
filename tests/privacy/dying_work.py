"""A process that does some background work, and is killed before one of its commits.

Run as `python -m tests.privacy.dying_work WORK DATABASE_URL FOLDER MOMENT DIES_AT`: WORK is
`erasures` or `news`, DIES_AT the number of the commit before which it dies.
"""

import asyncio
import os
import signal
import sys
from datetime import datetime
from itertools import count
from pathlib import Path

from sqlalchemy import event

from server.foundation.settings import Settings
from server.main import build
from tests.movable_clock import MovableClock


async def _work(name: str, database_url: str, folder: str, moment: str, dies_at: int) -> None:
    settings = Settings(
        public_url="https://app.secuhome.example", data_dir=Path(folder), database_url=database_url
    )
    house = build(settings, MovableClock(datetime.fromisoformat(moment)))
    numbers = count(1)

    @event.listens_for(house.foundation.database.engine.sync_engine, "commit")
    def die(_: object) -> None:
        if next(numbers) == dies_at:
            os.kill(os.getpid(), signal.SIGKILL)

    await {"erasures": house.erasures, "news": house.news}[name].run_due()
    await house.foundation.database.close()


if __name__ == "__main__":
    _, work, url, at, now, number = sys.argv
    asyncio.run(_work(work, url, at, now, int(number)))
