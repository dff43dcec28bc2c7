"""Whatever goes wrong, no word about anybody is in the log, in a refusal, or in the metrics."""

import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.raw_bytes import found_in

pytestmark = [pytest.mark.flow, pytest.mark.timeout(600)]


@dataclass(frozen=True)
class Provoked:
    """What came of it: the log with all else that the process said, and what callers were told."""

    said: str
    told: str
    metrics: str
    words: list[str]
    destinations: list[str]


@pytest.fixture
async def provoked(database_url: str, tmp_path: Path) -> Provoked:
    """A server of its own, in which everything went wrong."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.privacy.provoking", database_url, str(tmp_path)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await child.communicate()
    assert child.returncode == 0, said.decode()[-3000:]
    found: dict[str, Any] = json.loads((tmp_path / "told.json").read_text())
    told = "\n".join(found["told"])
    rest = (found[it] for it in ("metrics", "words", "destinations"))
    return Provoked(said.decode(), told, *rest)


async def test_no_word_about_anybody_is_in_what_went_wrong(provoked: Provoked):
    assert len(provoked.words) > 40
    for where in (provoked.said, provoked.told, provoked.metrics):
        assert found_in(where.encode(), provoked.words) == set()
    check_enough_went_wrong(provoked)
    # nothing left for anywhere but the database: a file, or a socket of this machine
    assert len(provoked.destinations) <= 1
    assert all("127.0.0.1" in it or ".s.PGSQL." in it for it in provoked.destinations)


def check_enough_went_wrong(provoked: Provoked) -> None:
    """Else nothing was shown."""
    lines = [json.loads(line) for line in provoked.said.splitlines() if line.startswith("{")]
    assert len(lines) == len(provoked.said.splitlines())  # nothing speaks beside the log
    faults = {it["fault"] for it in lines if it.get("fault")}
    assert {"CannotOpen", "IntegrityError"} < faults
    statuses = {it["status"] for it in lines if it["event"] == "request"}
    assert {401, 403, 404, 413, 422, 500} <= statuses
    for code in ("invalid_request", "internal_fault", "bad_token", "request_too_large"):
        assert code in provoked.told
    assert "secuhome" in provoked.metrics
    assert {it["route"] for it in lines if it["event"] == "request"} > {"/v1/sessions", "unknown"}
