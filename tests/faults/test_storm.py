"""A gateway dies with a whole town's cameras, and they come back at once."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.sources import ROOT

pytestmark = pytest.mark.slow


def test_five_thousand_cameras_come_back_at_once_and_every_call_is_taken(tmp_path: Path):
    """The gateway is a process that is killed with -9; the cameras are real sockets."""
    file = tmp_path / "storm.json"
    command = (sys.executable, "-m", "bench.storm", "--only", "ours", "--rounds", "1")
    done = subprocess.run(
        (*command, "--cameras", "5000", "--json", str(file)),
        cwd=ROOT, capture_output=True, text=True, timeout=110, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr  # all are back: otherwise it fails
    told = {row["what"]: row["figure"] for row in json.loads(file.read_text())["rows"]}
    assert told["refused calls after"]["most"] == 0
    assert told["attempts a camera"]["least"] >= 1
