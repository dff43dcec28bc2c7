"""Each bench still runs, small, against the real servers, and tells what it promises.

Not how fast anything is: a shared machine is no stop-watch.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench.run import page
from tests.house.sources import ROOT

pytestmark = pytest.mark.slow

PROMISED = {  # bench → servers that are measured, goals that are held
    "relay": ({"ours", "bare", "stock", "peerjs"}, 4),
    "connects": ({"ours", "checked", "peerjs"}, 2),
    "idle": ({"ours", "uvloop", "stock", "peerjs"}, 1),
    "latency": ({"same node", "across", "bare", "peerjs"}, 2),
    "storm": ({"ours", "peerjs"}, 2),
    "fairness": ({"ours", "bare", "peerjs"}, 3),
    "erase": ({"SQLite", "PostgreSQL"}, 8),
    "export": ({"SQLite", "PostgreSQL"}, 2),
}


def smoke(name: str, folder: Path) -> dict[str, Any]:
    """What a bench writes when it is run small."""
    file = folder / f"{name}.json"
    command = (sys.executable, "-m", f"bench.{name}", "--smoke", "--json", str(file))
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(file.read_text())


@pytest.mark.parametrize("name", PROMISED)
def test_a_bench_measures_its_servers_and_holds_its_goals(name: str, tmp_path: Path):
    """A bench that broke months ago is noticed on the day when its figure is needed."""
    servers, goals = PROMISED[name]
    found = smoke(name, tmp_path)
    assert {row["server"] for row in found["rows"]} == servers
    assert len(found["goals"]) == goals
    for told in (*found["rows"], *found["goals"]):
        assert told["figure"]["least"] <= told["figure"]["median"] <= told["figure"]["most"]
    figures = {(row["what"], row["server"]): row["figure"]["median"] for row in found["rows"]}
    for what in {row["what"] for row in found["rows"]}:
        assert {server for told, server in figures if told == what} == servers
    shown = page({name: found})
    for goal in found["goals"]:
        assert f"| {goal['what']} |" in shown


def test_no_call_is_refused_after_a_storm(tmp_path: Path):
    found = smoke("storm", tmp_path)
    refused = {
        row["server"]: row["figure"]["most"]
        for row in found["rows"]
        if row["what"] == "refused calls after"
    }
    assert refused["ours"] == 0
